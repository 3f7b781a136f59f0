"""The directives: where they may stand, what is inherited, what they refuse."""
# Part: integration

import itertools
import re
import urllib.parse

import pytest

import harness
from clients import ask
from shop import GREETED, GREETING, HERO, PAGE, RULES, SHOW, edge


def configured(tmp_path, http):
    """nginx -t: (exit status, what it said)."""
    return harness.Nginx(tmp_path / "checked", http).check()


def refused(tmp_path, http):
    status, said = configured(tmp_path, http)
    assert status != 0, "accepted: " + said
    assert "[emerg]" in said and "Sanitizer" not in said, said
    return said


def other_rules(text):
    return RULES.replace("Hello you", text)


@pytest.mark.parametrize("level", ["http", "server", "location"])
def test_every_directive_is_accepted_and_works_in_http_server_and_location(
    nginx, origin, rules, redis, geo_database, level
):
    directives = f"""
        personalize on;
        personalize_rules {rules(RULES)};
        personalize_geo {geo_database};
        personalize_redis unix:{redis.socket} db=0 prefix=shop: connections=2;
        personalize_visitor $cookie_visitor;
        personalize_deadline 50ms;
        personalize_types text/html application/x-shop;
        personalize_statuses 404 410;
    """
    at = {"http": "", "server": "", "location": "", level: directives}
    server = nginx(
        edge(at["location"] + f"proxy_pass http://127.0.0.1:{origin(PAGE).port};", at["server"], at["http"])
    )
    assert ask(server).body == GREETED


def test_without_the_directive_nothing_is_changed(nginx, origin, rules):
    server = nginx(
        edge(f"{SHOW} personalize_rules {rules(RULES)}; proxy_pass http://127.0.0.1:{origin(PAGE).port};")
    )
    answer = ask(server)
    assert answer.body == PAGE
    assert answer.header("Content-Length") == str(len(PAGE))
    assert answer.header("X-Decisions") == "[]"


def test_personalize_on_without_rules_passes_pages_through(nginx, origin):
    server = nginx(edge(f"{SHOW} personalize on; proxy_pass http://127.0.0.1:{origin(PAGE).port};"))
    answer = ask(server)
    assert answer.body == PAGE
    assert answer.header("X-Skipped") not in ("[]", None)


def test_a_location_inherits_from_its_server_and_may_say_otherwise(nginx, origin, rules):
    upstream = f"proxy_pass http://127.0.0.1:{origin(PAGE).port};"
    server = nginx(
        edge(
            upstream,
            f"""
        personalize on;
        location /off {{ personalize off; {upstream} }}
        location /other {{ personalize_rules {rules(other_rules("other"))}; {upstream} }}
    """,
            f"personalize_rules {rules(RULES)};",
        )
    )
    assert ask(server, "/").body == GREETED
    assert ask(server, "/off").body == PAGE
    assert ask(server, "/other").body == PAGE.replace(HERO, b"<b>other</b>")


def test_a_variable_switches_by_map(nginx, origin, rules):
    server = nginx(
        edge(
            f"{SHOW} personalize $mode; personalize_rules {rules(RULES)};"
            f"proxy_pass http://127.0.0.1:{origin(PAGE).port};",
            http="map $arg_mode $mode { default $arg_mode; yes on; }",
        )
    )
    assert ask(server, "/?mode=yes").body == GREETED
    assert ask(server, "/?mode=on").body == GREETED
    for off in ("off", "", "nonsense", "ON%20"):
        answer = ask(server, f"/?mode={off}")
        assert (answer.body, answer.header("X-Decisions")) == (PAGE, "[]"), off
    answer = ask(server, "/?mode=dry_run")
    assert (answer.body, answer.header("X-Decisions")) == (PAGE, "[hero=greeting]")


def test_split_clients_personalizes_a_share_of_visitors(nginx, origin, rules):
    server = nginx(
        edge(
            f"personalize $share; personalize_rules {rules(RULES)};"
            f"proxy_pass http://127.0.0.1:{origin(PAGE).port};",
            http="split_clients $arg_visitor $share { 50% on; * off; }",
        )
    )
    pages = [ask(server, f"/?visitor={i}").body for i in range(40)]
    assert 5 < pages.count(GREETED) < 35
    assert pages.count(GREETED) + pages.count(PAGE) == 40
    assert pages == [ask(server, f"/?visitor={i}").body for i in range(40)]


def test_if_inside_a_location_may_switch_it_off(nginx, origin, rules):
    upstream = f"proxy_pass http://127.0.0.1:{origin(PAGE).port};"
    server = nginx(
        edge(
            f"personalize on; personalize_rules {rules(RULES)}; {upstream}"
            f"if ($arg_bot) {{ personalize off; {upstream} }}"
        )
    )
    assert ask(server, "/").body == GREETED
    assert ask(server, "/?bot=1").body == PAGE


def test_globs_and_several_files_make_one_rule_set(nginx, origin, rules, tmp_path):
    (tmp_path / "more").mkdir()
    rules(RULES, "more/1.yaml")
    rules(
        'version: 1\nslots: { offer: { select: ".offer" } }\n'
        'rules: [ { id: offer, slot: offer, do: { inner: "10 %" } } ]\n',
        "more/2.yaml",
    )
    rules("this is no rule file", "more/3.txt")
    extra = rules(
        "version: 1\nslots: { second: { select: \"[data-sku='2']\" } }\n"
        "rules: [ { id: mark, slot: second, do: { add_class: hot } } ]\n"
    )
    server = nginx(
        edge(
            f"{SHOW} personalize on; personalize_rules {tmp_path}/more/*.yaml {extra};"
            f"proxy_pass http://127.0.0.1:{origin(PAGE).port};"
        )
    )
    answer = ask(server)
    assert GREETING in answer.body and b">10 %</p>" in answer.body and b"hot" in answer.body
    assert answer.header("X-Decisions") == "[hero=greeting,offer=offer,second=mark]"


def test_relative_paths_start_where_the_configuration_file_is(nginx, origin, tmp_path):
    (tmp_path / "nginx0/conf").mkdir(parents=True)
    (tmp_path / "nginx0/conf/shop.yaml").write_text(RULES)
    server = nginx(
        edge(f"personalize on; personalize_rules shop.yaml; proxy_pass http://127.0.0.1:{origin(PAGE).port};")
    )
    assert ask(server).body == GREETED


def test_types_are_added_to_html_and_may_be_a_star(nginx, origin, rules):
    def handler(path, headers, send):
        send(harness.html_response(PAGE, content_type=urllib.parse.unquote(path.removeprefix("/any")[1:])))

    on = f"personalize on; personalize_rules {rules(RULES)};"
    upstream = f"{on} proxy_pass http://127.0.0.1:{origin(handler).port};"
    server = nginx(
        edge(
            upstream,
            f"location /application/ {{ personalize_types application/x-shop; {upstream} }}"
            f"location /any/ {{ personalize_types *; {upstream} }}",
        )
    )
    assert ask(server, "/text/html").body == GREETED
    assert ask(server, "/TEXT/HTML;charset=utf-8").body == GREETED
    assert ask(server, "/text/plain").body == PAGE
    assert ask(server, "/text/html5").body == PAGE
    assert ask(server, "/application/x-shop").body == GREETED
    assert ask(server, "/application/json").body == PAGE
    assert ask(server, "/any/thing").body == GREETED
    for html in ["text/html%20;charset=utf-8", "Text/Html%20%20;%20charset=utf-8", "text/html;version=1", "text/html;"]:
        assert ask(server, "/" + html).body == GREETED, html
    for xml in ["application/xhtml+xml", "text/xml", "Image/SVG+XML;charset=utf-8", "application/rss+xml%20;a=b"]:
        assert ask(server, "/any/" + xml).body == PAGE, xml


def test_other_statuses_are_personalized_where_they_are_named(nginx, origin, rules):
    def handler(path, headers, send):
        send(harness.html_response(PAGE, status=f"{path[-3:]} Whatever"))

    port = origin(handler).port
    on = f"personalize on; personalize_rules {rules(RULES)};"
    server = nginx(
        edge(
            f"{on} personalize_statuses 404 410 503; proxy_pass http://127.0.0.1:{port};",
            f"location /only200/ {{ {on} proxy_pass http://127.0.0.1:{port}; }}"
            f"location /missing/ {{ {on} personalize_statuses 404; error_page 404 /sorry.html; root FOLDER/html; }}"
            f"location = /sorry.html {{ {on} personalize_statuses 404; gzip on; gzip_min_length 1; root FOLDER/html; }}",
        )
    )
    server.file("sorry.html", PAGE, 1700000000)
    for status in (200, 404, 410, 503):
        answer = ask(server, f"/{status}")
        assert (answer.status, answer.body) == (status, GREETED)
        assert "private" in answer.header("Cache-Control")
    for path in ("/403", "/500", "/only200/404"):
        answer = ask(server, path)
        assert (answer.status, answer.body) == (int(path[-3:]), PAGE)
    for _ in range(3):  # also once its plan could be known
        answer = ask(server, "/missing/page")
        assert (answer.status, answer.body) == (404, GREETED)
        answer = ask(server, "/missing/page", headers={"If-None-Match": answer.header("ETag") or '"x"'})
        assert (answer.status, answer.body) == (404, GREETED), "there is nothing that could be not modified"
        answer = ask(server, "/missing/page", headers={"Accept-Encoding": "gzip"})
        assert (answer.status, answer.header("Content-Encoding")) == (404, "gzip")


@pytest.mark.parametrize(
    "directive, complaint",
    [
        ("personalize maybe;", "maybe"),
        ("personalize;", "number of arguments"),
        ("personalize on off;", "number of arguments"),
        ("personalize on; personalize off;", "duplicate"),
        ("personalize_rules;", "number of arguments"),
        ("personalize_geo;", "number of arguments"),
        ("personalize_redis;", "number of arguments"),
        ("personalize_redis 127.0.0.1:nonsense;", "127.0.0.1:nonsense"),
        ("personalize_redis 127.0.0.1:99999;", "127.0.0.1:99999"),
        ("personalize_redis no.such.host.invalid:6379;", "no.such.host.invalid"),
        ("personalize_redis unix:;", "unix:"),
        ("personalize_redis 127.0.0.1:6379 db=-1;", "db=-1"),
        ("personalize_redis 127.0.0.1:6379 db=one;", "db=one"),
        ("personalize_redis 127.0.0.1:6379 connections=0;", "connections=0"),
        ("personalize_redis 127.0.0.1:6379 connections=x;", "connections=x"),
        ("personalize_redis 127.0.0.1:6379 colour=red;", "colour=red"),
        ("personalize_redis 127.0.0.1:6379 prefix;", "prefix"),
        ("personalize_redis 127.0.0.1:6379 user=shop;", "password"),
        ("personalize_redis 127.0.0.1:6379; personalize_redis 127.0.0.1:6380;", "duplicate"),
        ("personalize_visitor;", "number of arguments"),
        ("personalize_visitor $cookie_a; personalize_visitor $cookie_b;", "duplicate"),
        ("personalize_deadline soon;", "personalize_deadline"),
        ("personalize_deadline -1ms;", "personalize_deadline"),
        ("personalize_types;", "number of arguments"),
        ("personalize_types application/xhtml+xml;", "cannot be \"application/xhtml+xml\": XML is not edited as HTML"),
        ("personalize_types text/plain Text/XML;", "text/html"),
        ("personalize_types image/svg+xml;", "cannot be"),
        ("personalize_statuses;", "number of arguments"),
        ("personalize_statuses 404; personalize_statuses 410;", "duplicate"),
        *((f"personalize_statuses {status};", "such as 404 410") for status in ["all", "304", "206", "204", "301", "99", "600"]),
        ("personalize_device_regexes;", "number of arguments"),
        ("personalize_device_regexes a b;", "number of arguments"),
        ("personalize_device_regexes nowhere.yaml;", "conf/nowhere.yaml"),
        ("personalize_cookies;", "number of arguments"),
        ("personalize_cookies a 'b c';", "b c"),
        ("personalize_languages en english_british;", "english_british"),
        ("personalize_languages e;", "write it like en or de-AT"),
        ("personalize_time_zone Europe;", "write it like Europe/London"),
        ("personalize_time_zone UTC; personalize_time_zone UTC;", "duplicate"),
        ("personalize_consent;", "number of arguments"),
        ("personalize_consent maybe;", "maybe"),
        ("personalize_consent off cookie=a;", "takes no parameters"),
        ("personalize_consent required colour=red;", "colour=red"),
        ("personalize_consent required cookie=;", "cannot be the name of a cookie"),
        ("personalize_consent required 'expression=cookie == \"a\"';", "the cookie= before it"),
        ("personalize_consent required cookie=a 'expression=cookie +';", "consent expression"),
        ("personalize_consent required cookie=a expression=cookie;", "consent expression"),
        ("personalize_consent required countries=US,gb;", "gb"),
        ("personalize_consent required; personalize_consent off;", "duplicate"),
        ("personalize_weather;", "number of arguments"),
        ("personalize_weather weather;", "must begin with"),
        ("personalize_weather /w format=metar;", "format=metar"),
        ("personalize_weather /w fresh=soon;", "fresh=soon"),
        ("personalize_weather /w timeout=0;", "timeout=0"),
        ("personalize_weather /w; personalize_weather /w;", "duplicate"),
        ("personalize_client_hints maybe;", "maybe"),
    ],
)
def test_a_mistake_in_a_directive_fails_the_check_with_its_place(tmp_path, directive, complaint):
    said = refused(tmp_path, edge("", server=directive))
    assert complaint in said, said
    assert "nginx.conf:" in said, said


ZONES = [
    ("personalize_zone", '"{}"', 256, "pages:32m"),
    ("personalize_profile_cache", '"zone={}"', 512, "zone=profiles:10m"),
    ("personalize_weather", '/w "zone={}"', 32, "zone=weather:1m"),
]


@pytest.mark.parametrize("directive, words, least, example", ZONES, ids=[row[0] for row in ZONES])
@pytest.mark.parametrize("zone", ["a:", ":1m", "a:8k", "a:many", "a:0", "a:-1m", "a:1mb", ":", "a:1m:", "a: 1m", ""])
def test_a_zone_that_makes_no_sense_is_refused_in_the_same_words_everywhere(
    tmp_path, directive, words, least, example, zone
):
    said = refused(tmp_path, f"{directive} {words.format(zone)}; server {{ listen 127.0.0.1:PORT; }}")
    assert (
        f'{directive}: invalid zone "{zone}": write NAME:SIZE with a size of at least {least}k, such as {example} in '
        in said
    ), said
    assert "nginx.conf:" in said, said


@pytest.mark.parametrize("directive", ["personalize_zone a", "personalize_weather /w zone=a"])
def test_a_zone_needs_a_size_where_no_other_directive_says_it(tmp_path, directive):
    said = refused(tmp_path, f"{directive}; server {{ listen 127.0.0.1:PORT; }}")
    assert 'invalid zone "a": write NAME:SIZE' in said, said


USES = [f"{directive} {words.format('a:1m')};" for directive, words, _, _ in ZONES]


@pytest.mark.parametrize("first, second", itertools.permutations([*USES, "limit_req_zone $uri zone=a:1m rate=1r/s;"], 2))
def test_a_zone_has_one_use(tmp_path, first, second):
    said = refused(tmp_path, f"{first} {second} server {{ listen 127.0.0.1:PORT; }}")
    assert 'the shared memory zone "a" is already declared for a different use' in said, said


@pytest.mark.parametrize("directive, words, _, __", ZONES, ids=[row[0] for row in ZONES])
def test_the_zone_of_the_status_has_that_use_alone(tmp_path, directive, words, _, __):
    said = refused(tmp_path, f"{directive} {words.format('personalize-status:9m')}; server {{ listen 127.0.0.1:PORT; }}")
    assert "personalize-status" in said, said


def test_the_name_of_a_zone_may_contain_colons(nginx):
    nginx("personalize_zone a:b:1m; personalize_weather /w zone=c:d:1m; server { listen 127.0.0.1:PORT; }")


@pytest.mark.parametrize(
    "directive, complaint",
    [
        ("personalize_rules_check strict; personalize_rules FOLDER/nowhere.yaml;", "nowhere.yaml"),
        ("personalize_rules_check strict; personalize_rules FOLDER/conf;", "conf"),
        ("personalize_visitor $no_such_variable;", "no_such_variable"),
        ("personalize $no_such_variable;", "no_such_variable"),
    ],
)
def test_files_and_variables_that_do_not_exist_fail_the_check(tmp_path, directive, complaint):
    assert complaint in refused(tmp_path, edge("", server=directive))


CONTEXT_RULES = """
version: 1
slots: { hero: { select: "#hero" } }
rules:
  - id: it
    slot: hero
    do: { inner: "{{request.language}} {{request.cookies.currency}} {{time.zone}} {{device.os}}" }
"""


def test_sources_of_the_context_are_inherited_and_replaced_level_by_level(nginx, origin, rules, tmp_path):
    (tmp_path / "regexes.yaml").write_text(
        "user_agent_parsers: [{regex: x}]\ndevice_parsers: [{regex: x}]\n"
        "os_parsers: [{regex: '(Toaster)OS'}]\n"
    )
    upstream = f"proxy_pass http://127.0.0.1:{origin(PAGE).port};"
    server = nginx(
        edge(
            upstream,
            f"""personalize on; personalize_rules {rules(CONTEXT_RULES)};
            personalize_languages en; personalize_languages de-AT;
            personalize_device_regexes {tmp_path}/regexes.yaml;
            location /fr {{ personalize_languages fr; personalize_time_zone Europe/Paris; {upstream} }}
            location /none {{ personalize_cookies other; personalize_device_regexes /usr/share/uap-core/regexes.yaml;
                              {upstream} }}""",
            "personalize_cookies currency; personalize_time_zone Asia/Tokyo;",
        )
    )
    visitor = {"Accept-Language": "de-AT", "Cookie": "currency=EUR; other=1", "User-Agent": "ToasterOS"}

    def shown(path):
        return re.search(rb'wide" id="hero">([^<]*)<', ask(server, path, visitor).body)[1].decode()

    assert shown("/") == "de-AT EUR Asia/Tokyo Toaster"
    assert shown("/fr") == "fr EUR Europe/Paris Toaster"
    assert shown("/none") == "de-AT  Asia/Tokyo Other"


def test_rules_that_ask_for_what_nobody_can_know_are_loaded_with_a_warning(tmp_path, rules):
    path = rules("""
version: 1
attributes: { profile: { tier: string } }
slots: { hero: { select: "#hero" } }
rules:
  - { id: a, slot: hero, when: weather.raining, do: remove }
  - { id: b, slot: hero, when: geo.city == "Dublin", do: remove }
  - { id: c, slot: hero, when: profile.tier == "gold", do: remove }
""")
    status, said = configured(tmp_path, edge(f"personalize on; personalize_rules {path};"))
    assert status == 0, said
    assert said.count("is never known without") == 4, said  # weather takes two
    for attribute, directive in [("weather.raining", "personalize_weather"), ("geo.city", "personalize_geo"),
                                 ("profile.tier", "personalize_redis")]:  # fmt: skip
        assert re.search(rf"\[warn\].*{path}: rules use {attribute}, .* without {directive}", said), said


@pytest.mark.parametrize("rules_at, sources_at", [(x, y) for x in range(3) for y in range(3)])
def test_no_warning_where_every_source_is_configured(tmp_path, rules, geo_database, rules_at, sources_at):
    levels = ["", "", ""]  # location, server, http
    path = rules("""
version: 1
attributes: { profile: { tier: string } }
slots: { hero: { select: "#hero" } }
rules: [ { id: a, slot: hero, when: weather.raining && geo.city != "" && profile.tier != "", do: remove } ]
""")
    levels[rules_at] += f"personalize on; personalize_rules {path};"
    levels[sources_at] += f"personalize_geo {geo_database}; personalize_weather /w;"
    levels[sources_at] += "personalize_redis 127.0.0.1:1; personalize_visitor $cookie_visitor;"
    levels[1] += "location = /w { internal; return 204; }"
    status, said = configured(tmp_path, edge(*levels))
    assert status == 0 and "[warn]" not in said, said


def test_client_hints_are_asked_for_on_html_pages_as_configured(nginx, origin, rules):
    def handler(path, headers, send):
        kind = "text/html" if path != "/json" else "application/json"
        send(harness.html_response(PAGE, content_type=kind))

    on = f"personalize on; personalize_rules {rules(RULES)}; personalize_client_hints on;"
    upstream = f"proxy_pass http://127.0.0.1:{origin(handler).port};"
    server = nginx(
        edge(
            upstream,
            f"""{on} location /critical {{ personalize_client_hints critical; {upstream} }}
            location /quiet {{ personalize_client_hints off; {upstream} }}
            location /off {{ personalize off; {upstream} }}
            location /dry {{ personalize dry_run; {upstream} }}""",
        )
    )
    hints = (
        "Sec-CH-UA-Full-Version-List, Sec-CH-UA-Platform-Version, Sec-CH-UA-Model, Sec-CH-UA-Form-Factors"
    )

    def asked(path):
        answer = ask(server, path)
        return [answer.header(name) for name in ("Accept-CH", "Vary", "Critical-CH")]

    assert asked("/") == [hints, hints, None]
    assert asked("/critical") == [hints, hints, hints]
    for path in ("/quiet", "/off", "/dry", "/json"):
        assert asked(path) == [None, None, None], path


def test_an_unreachable_redis_does_not_fail_the_check(tmp_path):
    status, said = configured(
        tmp_path, edge("personalize_redis 127.0.0.1:1; personalize_visitor $cookie_visitor;")
    )
    assert status == 0, said


@pytest.mark.parametrize("kind", ["missing", "empty", "truncated", "foreign", "folder"])
def test_a_geo_database_that_cannot_be_used_fails_the_check_clearly(tmp_path, rules, geo_database, kind):
    path = tmp_path / "bad.mmdb"
    if kind == "empty":
        path.write_bytes(b"")
    elif kind == "truncated":
        path.write_bytes(geo_database.read_bytes()[:-2000])
    elif kind == "foreign":
        path.write_bytes(b"SQLite format 3\0" + bytes(5000))
    elif kind == "folder":
        path.mkdir()
    said = refused(
        tmp_path, edge(f"personalize on; personalize_rules {rules(RULES)}; personalize_geo {path};")
    )
    assert "bad.mmdb" in said, said


def test_a_geo_database_is_checked_also_where_no_rule_needs_it_yet(tmp_path):
    (tmp_path / "bad.mmdb").write_bytes(b"nothing")
    assert "bad.mmdb" in refused(tmp_path, edge(f"personalize_geo {tmp_path}/bad.mmdb;"))


def test_each_page_of_several_servers_has_its_own_rules(nginx, origin, rules):
    upstream = f"proxy_pass http://127.0.0.1:{origin(PAGE).port};"
    http = "".join(
        f"""server {{ listen 127.0.0.1:PORT; server_name shop{i}.example;
        location / {{ personalize on; personalize_rules {rules(other_rules(f"shop {i}"))}; {upstream} }} }}"""
        for i in range(3)
    )
    server = nginx(http)
    for i in range(3):
        assert f"<b>shop {i}</b>".encode() in server.get("/", {"Host": f"shop{i}.example"}).body
