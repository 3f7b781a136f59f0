"""A shop without ids of its own has its visitors recognized by a cookie that only NGINX can have made."""
# Part: integration, sanitizers

import json
import os
import re
import ssl
import stat
import urllib.request

import pytest

import harness
from clients import ask
from harness import wait_until
from shop import GREETED, PAGE, PROFILE_RULES, RULES, STRANGER, edge, named
from splicing import spliced

KEY, OTHER_KEY = "0123456789abcdef0123456789abcdef01234567", "another-key-that-nobody-can-guess-either"
COOKIE = re.compile(
    r"seen=([\w-]{22})\.([\w-]{22}); Path=/; Max-Age=33696000; HttpOnly; SameSite=Lax"
)


@pytest.fixture
def key_file(tmp_path):
    path = tmp_path / "keys"
    path.write_text(KEY + "\n")
    path.chmod(0o600)
    return path


@pytest.fixture
def shop(nginx, origin, rules, key_file):
    def start(directives="", server="", words="", text=RULES, http="", anywhere=False, **more):
        """`anywhere`: what is said of visitors holds in all locations."""
        said = f"personalize_rules {rules(text)}; personalize_visitor_cookie seen secret={key_file} {words};"
        return nginx(
            edge(
                f"""personalize on; {"" if anywhere else said} {directives}
                proxy_pass http://127.0.0.1:{origin(PAGE).port};""",
                f"location = /status {{ personalize_status json; }} {said if anywhere else ''} {server}",
                http,
            ),
            **more,
        )

    return start


def cookies_of(answer):
    return [value for name, value in answer.header_list if name.lower() == "set-cookie"]


def issued(answer):
    """The value of the cookie that the answer gives, and its id."""
    [line] = cookies_of(answer)
    found = COOKIE.fullmatch(line)
    assert found, line
    return f"{found[1]}.{found[2]}", found[1]


def status(server):
    return json.loads(ask(server, "/status").body)


def with_cookie(value, **more):
    return {"Cookie": f"a=b; seen={value}", **more}


def test_a_visitor_is_given_a_cookie_once(shop):
    server = shop()
    first = ask(server)
    assert first.body == GREETED and "private" in first.header("Cache-Control")
    value, _ = issued(first)
    assert cookies_of(ask(server, headers=with_cookie(value))) == []
    assert issued(ask(server))[0] != value
    assert status(server)["visitors_issued"] == 2
    assert value not in server.log() and value[23:] not in server.log()


def test_whoever_has_an_id_of_the_shop_s_gets_none(shop):
    server = shop("personalize_visitor $http_x_visitor;")
    assert cookies_of(ask(server, headers={"X-Visitor": "ann"})) == []
    issued(ask(server, headers={"X-Visitor": "not valid!"}))


def test_a_profile_is_found_by_the_id_and_by_nothing_else(shop, redis):
    server = shop(f"personalize_redis unix:{redis.socket}; personalize_deadline 60s;", text=PROFILE_RULES)
    value, visitor = issued(ask(server))
    redis.profile(visitor, first_name="Ann")
    assert ask(server, headers=with_cookie(value)).body == named("Ann")
    for wrong in (
        visitor, f"{visitor}.", f"{visitor}.{value[23:-1]}", f"{visitor}.{value[23:]}x", value.swapcase(),
        f"{visitor}.{'A' * 22}", f"A{value[1:]}", value.replace(".", "_"), "", "\xff" * 45, value * 100,
    ):  # fmt: skip
        answer = ask(server, headers=with_cookie(wrong))
        assert answer.body == STRANGER and cookies_of(answer) == [], wrong[:100]
    assert status(server)["visitors_foreign"] == 11
    # A browser sends both its cookies of that name: of this host, and of a domain.
    assert ask(server, headers={"Cookie": f"seen=x.y; seen={value}"}).body == named("Ann")
    assert ask(server, headers={"Cookie": f'seen="{value}"'}).body == named("Ann")
    assert ask(server, headers={"Cookie": f"SEEN={value}"}).body == STRANGER
    keys = redis.command("KEYS", "*")
    assert visitor in str(keys) and value[23:] not in str(keys)


def test_a_customer_s_profile_comes_before_the_visitor_s(shop, redis):
    consent = "personalize_consent required cookie=consent \"expression=cookie == 'yes'\";"
    server = shop(
        f"personalize_redis unix:{redis.socket}; personalize_deadline 60s; personalize_customer $http_x_customer; {consent}",
        text=PROFILE_RULES, consent="",
    )
    value, visitor = issued(ask(server, headers={"Cookie": "consent=yes"}))
    redis.profile(visitor, first_name="Ann")
    redis.profile("customer-1", first_name="Ann Byrne")
    cookies = f"consent=yes; seen={value}"
    assert ask(server, headers={"Cookie": cookies}).body == named("Ann")
    assert ask(server, headers={"Cookie": cookies, "X-Customer": "customer-1"}).body == named("Ann Byrne")
    assert ask(server, headers={"Cookie": "consent=yes", "X-Customer": "customer-1"}).body == named("Ann Byrne")
    for nobody in ("not valid!", "a}:b", "x" * 129, "customer-2"):
        shown = STRANGER if nobody == "customer-2" else named("Ann")
        assert ask(server, headers={"Cookie": cookies, "X-Customer": nobody}).body == shown, nobody
    assert ask(server, headers={"Cookie": f"seen={value}", "X-Customer": "customer-1"}).body == STRANGER


def test_the_first_key_signs_and_all_of_them_verify(shop, key_file, redis):
    server = shop(f"personalize_redis unix:{redis.socket}; personalize_deadline 60s;", text=PROFILE_RULES)
    old, visitor = issued(ask(server))
    redis.profile(visitor, first_name="Ann")
    key_file.write_text(f"# since today\n{OTHER_KEY}\n\n{KEY}\n")
    server.reload()
    assert ask(server, headers=with_cookie(old)).body == named("Ann")
    new, visitor = issued(ask(server))
    redis.profile(visitor, first_name="Bob")
    key_file.write_text(f"{OTHER_KEY}\n")
    server.reload()
    assert ask(server, headers=with_cookie(new)).body == named("Bob")
    assert ask(server, headers=with_cookie(old)).body == STRANGER


CONSENT = "personalize_consent required cookie=consent \"expression=cookie == 'yes'\";"


def test_nobody_is_given_one_without_consent(shop):
    server = shop(CONSENT, consent="")
    for headers in ({}, {"Cookie": "consent=no"}, {"Cookie": "consent=yes", "Sec-GPC": "1"}):
        assert cookies_of(ask(server, headers=headers)) == []
    value, _ = issued(ask(server, headers={"Cookie": "consent=yes"}))
    assert cookies_of(ask(server, headers={"Cookie": f"consent=yes; seen={value}"})) == []


def test_it_goes_when_consent_is_withdrawn(shop):
    server = shop(CONSENT, consent="")
    value, _ = issued(ask(server, headers={"Cookie": "consent=yes"}))
    gone = ["seen=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"]
    assert cookies_of(ask(server, headers={"Cookie": f"consent=no; seen={value}"})) == gone
    assert cookies_of(ask(server, headers={"Cookie": f"consent=yes; seen={value}", "Sec-GPC": "1"})) == gone
    # What is not ours stays.
    assert cookies_of(ask(server, headers={"Cookie": "consent=no; seen=theirs"})) == []
    assert status(server)["visitors_forgotten"] == 2


def test_only_pages_that_no_shared_cache_keeps_have_one(shop, origin, rules):
    picture = harness.html_response(b"<svg/>").replace(b"text/html", b"image/svg+xml")
    page, other = origin(PAGE).port, origin(lambda path, headers, send: send(picture)).port
    server = shop(
        server=f"""
        location = /off {{ personalize off; proxy_pass http://127.0.0.1:{page}; }}
        location = /dry {{ personalize dry_run; proxy_pass http://127.0.0.1:{page}; }}
        location = /picture {{ personalize on; proxy_pass http://127.0.0.1:{other}; }}""",
        anywhere=True,
    )
    issued(ask(server))
    for path in ("/off", "/dry", "/picture"):
        assert cookies_of(ask(server, path)) == [], path
    assert cookies_of(ask(server, method="HEAD")) == []


def test_spliced_pages_have_one_and_the_page_in_a_cache_has_none(shop, origin, tmp_path):
    upstream = origin(PAGE)
    server = shop(
        "add_header X-Path $personalize_path;",
        f"""location = /cached {{
                personalize on; proxy_cache kept; proxy_cache_valid 1h; proxy_pass http://127.0.0.1:{upstream.port};
                add_header X-Path $personalize_path; }}
            location = /raw {{
                personalize off; proxy_cache kept; proxy_cache_key http://127.0.0.1:{upstream.port}/cached;
                proxy_pass http://127.0.0.1:{upstream.port}; }}""",
        words="max_age=390d",
        http=f"proxy_cache_path {tmp_path}/kept keys_zone=kept:1m;",
        anywhere=True,
    )
    values = [issued(spliced(server, "/cached"))[0] for _ in range(3)]
    assert len(set(values)) == 3
    kept = ask(server, "/raw")
    assert kept.body == PAGE and cookies_of(kept) == [] and len(upstream.requests) == 1
    page = spliced(server, "/cached", with_cookie(values[0]))
    again = ask(server, "/cached", with_cookie(values[0], **{"If-None-Match": page.header("ETag")}))
    assert again.status == 304 and cookies_of(again) == []


def test_who_comes_from_too_many_networks_is_nobody(shop, redis):
    server = shop(
        f"personalize_redis unix:{redis.socket}; personalize_deadline 60s;",
        "set_real_ip_from 127.0.0.1; real_ip_header X-Real-IP;",
        text=PROFILE_RULES,
    )
    value, visitor = issued(ask(server))
    redis.profile(visitor, first_name="Ann")

    def comes_from(address):
        return ask(server, headers=with_cookie(value, **{"X-Real-IP": address}))

    for i in range(50):
        assert comes_from(f"198.51.{i}.7").body == named("Ann")
        assert comes_from(f"198.51.{i}.8").body == named("Ann")
    assert "networks" not in server.log()
    strange = comes_from("2001:db8::1")
    assert strange.body == STRANGER and cookies_of(strange) == []
    assert comes_from("198.51.1.7").body == STRANGER, "it was believed again"
    assert server.log().count("comes from more than 50 networks") == 1
    assert status(server)["visitors_shared"] == 2
    assert visitor not in server.log()


def test_over_tls_it_is_secure(shop, certificates):
    certificate, key = certificates.server
    port = harness.free_port()
    server = shop(server=f"listen 127.0.0.1:{port} ssl; ssl_certificate {certificate}; ssl_certificate_key {key};")
    assert "Secure" not in cookies_of(ask(server))[0]
    context = ssl.create_default_context(cafile=certificates.ca)
    with urllib.request.urlopen(f"https://127.0.0.1:{port}/", context=context) as answer:
        assert answer.headers["Set-Cookie"].endswith("; HttpOnly; SameSite=Lax; Secure")


def test_several_hosts_share_a_domain_s_cookie(shop):
    server = shop(words="domain=.Shop.example max_age=30d")
    [line] = cookies_of(ask(server))
    assert line.endswith("; Path=/; Max-Age=2592000; Domain=shop.example; HttpOnly; SameSite=Lax")


@pytest.fixture
def stopped(tmp_path):
    """An NGINX that does not run yet."""
    servers = []

    def make(location):
        servers.append(harness.Nginx(tmp_path / "stopped", edge(location)))
        return servers[-1]

    yield make
    for server in servers:
        if server.process is not None:
            server.stop()
            assert server.alarms() == []


def test_the_key_is_made_once_where_none_is_named(stopped, origin, rules):
    server = stopped(
        f"""personalize on; personalize_rules {rules(RULES)}; personalize_visitor_cookie seen;
            proxy_pass http://127.0.0.1:{origin(PAGE).port};"""
    )
    path = server.folder / "conf" / "personalize-visitor.key"
    code, said = server.check()
    assert code == 0 and "several machines in front of one shop need the same" in said and str(path) in said
    assert not path.exists(), "nginx -t has made a key"
    server.start()
    value, _ = issued(ask(server))
    key = path.read_text()
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600 and len(key.strip()) >= 43
    assert key.strip() not in server.log()
    server.reload()
    assert path.read_text() == key and cookies_of(ask(server, headers=with_cookie(value))) == []
    assert [name.name for name in path.parent.iterdir() if "key" in name.name] == [path.name]


@pytest.mark.parametrize(
    "words, said",
    [
        ("seen secret=FOLDER/nowhere", "No such file"),
        ("seen secret=FOLDER", "not a regular file"),
        ("seen secret=FOLDER/short", "at least 32 characters"),
        ("seen secret=FOLDER/empty", "there is no key in it"),
        ("seen secret=", "needs the name of a file"),
        ('"se en"', "no name of a cookie"),
        ("seen domain=..", "needs the name of a domain"),
        ('seen "domain=x; Path=/a"', "needs the name of a domain"),
        ("seen max_age=0", "max_age= needs a time"),
        ("seen max_age=500d", "no cookie for more than 400d"),
        ("seen max_age=soon", "max_age= needs a time"),
        ("seen colour=blue", "invalid parameter"),
        ("__Host-seen domain=shop.example", "begin with __Host-"),
    ],
)
def test_a_wrong_configuration_is_told(stopped, rules, tmp_path, words, said):
    (tmp_path / "short").write_text("too-short\n")
    (tmp_path / "empty").write_text("# nothing\n\n")
    words = words.replace("FOLDER", str(tmp_path))
    code, text = stopped(f"personalize on; personalize_rules {rules(RULES)}; personalize_visitor_cookie {words};").check()
    assert code != 0 and said in text and "too-short" not in text, text


def test_a_key_that_everybody_can_read_is_told(shop, key_file):
    key_file.chmod(0o644)
    server = shop()
    wait_until(lambda: "can be read by everybody" in server.log(), "a warning")
    assert KEY not in server.log()
