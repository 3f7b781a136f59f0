"""`nginx -t` warns, with the place, of settings that can have no effect or are hardly meant; and of no others."""
# Part: integration

import re
import subprocess

import pytest

import harness
from shop import RULES, edge

ON = "personalize on; personalize_rules RULES;"
REDIS = "personalize_redis 127.0.0.1:1;"
PROFILES = f"{REDIS} personalize_visitor $cookie_visitor;"
WEATHER = f"{ON} personalize_geo GEO; personalize_weather /weather;"
AT_WEATHER = "{ internal; return 204; }"
NO_LOCATION = "names a path without a location of its own in this server"
NO_RULES = "has no effect: no rules apply here; add personalize_rules"
NOWHERE = 'has no effect: pages are personalized nowhere; add "personalize on"'


def warnings(tmp_path, http, rules, geo_database):
    """The warnings of nginx -t: [(message, the line of nginx.conf that it names)]."""
    keys = tmp_path / "keys"
    keys.write_text("0123456789abcdef" * 2)
    keys.chmod(0o600)
    http = http.replace("KEYS", str(keys)).replace("RULES", str(rules)).replace("GEO", str(geo_database)).replace(";", ";\n")
    server = harness.Nginx(tmp_path / "checked", http)
    status, said = server.check()
    assert status == 0, said
    lines = (server.folder / "conf/nginx.conf").read_text("utf-8").split("\n")
    found = []
    for message in re.findall(r"\[warn\] (.*)", said):
        place = re.search(r" in \S*/nginx.conf:(\d+)$", message)
        found.append((message, lines[int(place[1]) - 1].strip() if place else None))
    return found


@pytest.fixture
def said(tmp_path, rules, geo_database):
    def check(location="", server="", http="", text=RULES):
        return warnings(tmp_path, edge(location, server, http), rules(text), geo_database)

    return check


# (what is written at the place that is named; what is said of it; where: location, server, http)
SILENT = [
    # Who the visitor is.
    ("personalize_visitor cookie_visitor;", "has no variable, so that all visitors are one; write it like $cookie_visitor",
     "", f"{ON} {REDIS} personalize_visitor cookie_visitor;"),
    ("personalize_visitor everybody;", "has no variable", f"{ON} {REDIS} personalize_visitor everybody;"),
    ("personalize_visitor $host;", "is the same for all visitors", "", f"{ON} {REDIS} personalize_visitor $host;"),
    ("personalize_visitor $request_id;", "is another one for each request", "", f"{ON} {REDIS} personalize_visitor $request_id;"),
    ("personalize_visitor $cookie_visitor;", "has no effect: there are no profiles; add personalize_redis",
     "", f"{ON} personalize_visitor $cookie_visitor;"),
    ("personalize_visitor $cookie_visitor;", "add personalize_redis", f"{ON} personalize_redis off;", PROFILES),
    ("personalize_visitor_cookie v secret=KEYS;", "neither profiles nor events need it; add personalize_redis or",
     "", f"{ON} personalize_visitor_cookie v secret=KEYS;"),
    ("personalize_redis 127.0.0.1:1;", "is asked for nothing: it is not known whose profile; add personalize_visitor",
     "", f"{ON} {REDIS}"),
    ("personalize_profile_cache zone=a:1m;", "has no effect: there are no profiles; add personalize_redis",
     "", f"{ON} personalize_profile_cache zone=a:1m;"),
    # How long pages wait.
    ("personalize_deadline 3;", "3 is in seconds: so long pages wait when Redis does not answer; write it like 3ms",
     "", f"{ON} {PROFILES} personalize_deadline 3;"),
    ("personalize_deadline 20;", "write it like 20ms", f"{ON} {PROFILES} personalize_deadline 20;"),
    ("personalize_deadline 3s;", "3s is long: so long pages wait", "", f"{ON} {PROFILES} personalize_deadline 3s;"),
    ("personalize_deadline 1001ms;", "is long", "", f"{ON} {PROFILES} personalize_deadline 1001ms;"),
    ("personalize_deadline 5m;", "5m is long", "", "",
     f"personalize_deadline 5m; server {{ listen 127.0.0.1:PORT; server_name b; {ON} }}"),
    ("personalize_deadline 0;", "no page waits for a profile", "", f"{ON} {PROFILES} personalize_deadline 0;"),
    # Rules, and where pages are personalized.
    ("personalize on;", NO_RULES, "personalize on;"),
    ("personalize on;", NO_RULES, "", "personalize on;"),
    ("personalize on;", NO_RULES, "", "", "personalize on;"),
    ("personalize dry_run;", NO_RULES, "", "personalize dry_run;"),
    ("personalize $mode;", NO_RULES, "personalize $mode;", "", "map $arg_a $mode { default on; }"),
    ("personalize on;", NO_RULES, "personalize on;", f"location /other {{ {ON} }}"),
    ("personalize on;", NO_RULES, "if ($arg_a) { personalize on; }", f"location /other {{ {ON} }}"),
    ("personalize_rules RULES;", NOWHERE, "personalize_rules RULES;"),
    ("personalize_rules RULES;", NOWHERE, "", "personalize_rules RULES;"),
    ("personalize_rules RULES;", NOWHERE, "", "", "personalize_rules RULES;"),
    ("personalize_rules RULES;", NOWHERE, "personalize_rules RULES;", "",
     f"server {{ listen 127.0.0.1:PORT; server_name b; {ON} }}"),
    ("personalize_rules RULES last_good=/tmp/last_good;", "has no use for last_good=", "",
     "personalize on; personalize_rules RULES last_good=/tmp/last_good; personalize_rules_check strict;"),
    ("personalize_geo GEO;", NO_RULES, "", "personalize_geo GEO;"),
    ("personalize_cookies theme;", NO_RULES, "personalize_cookies theme;", f"location /other {{ {ON} }}"),
    ("personalize_languages en;", NO_RULES, "", "", "personalize_languages en;"),
    ("personalize_client_hints on;", NO_RULES, "personalize_client_hints on;"),
    ("personalize_deadline 50ms;", NO_RULES, "personalize_deadline 50ms;"),
    # Weather.
    ("personalize_weather /weather;", NO_LOCATION, "", WEATHER),
    ("personalize_weather /weather;", NO_LOCATION, WEATHER),
    ("personalize_weather /weather;", NO_LOCATION, "", f"{WEATHER} location = /wetter {AT_WEATHER}"),
    ("personalize_weather /weather;", NO_LOCATION, "", f"{WEATHER} location = /weather/now {AT_WEATHER}"),
    ("personalize_weather /weather;", NO_LOCATION, "", f"{WEATHER} location ~ ^/weather/ {AT_WEATHER}"),
    ("personalize_weather /weather;", NO_LOCATION, "", f"{WEATHER} location @weather {{ return 204; }}"),
    ("personalize_weather /weather;", NO_LOCATION, "", WEATHER,
     f"server {{ listen 127.0.0.1:PORT; server_name b; location = /weather {AT_WEATHER} }}"),
    ("personalize_weather /weather fresh=2h;", "a shorter stale= has no effect", "",
     f"{WEATHER.replace('/weather', '/weather fresh=2h')} location = /weather {AT_WEATHER}"),
    ("personalize_weather /weather timeout=500;", "timeout= of more than a minute", "",
     f"{WEATHER.replace('/weather', '/weather timeout=500')} location = /weather {AT_WEATHER}"),
    # Countries.
    ("personalize_consent required countries=UK;", '"UK" is the code of no country, did you mean GB?', "",
     f"{ON} {PROFILES} personalize_geo GEO; personalize_consent required countries=UK;"),
    ("personalize_consent required countries=US,ZZ;", '"ZZ" is the code of no country', "",
     f"{ON} {PROFILES} personalize_geo GEO; personalize_consent required countries=US,ZZ;"),
    ("personalize_consent required countries=US;", "has no use for countries=", "",
     f"{ON} {PROFILES} personalize_consent required countries=US;"),
    # Pages.
    ("personalize_types application/json;", '"application/json" is no HTML', "", f"{ON} personalize_types application/json;"),
    ("personalize_types image/png;", '"image/png" is no HTML', "", f"{ON} personalize_types image/png;"),
    ("personalize_statuses 200;", "has no effect: 200 is always included", "", f"{ON} personalize_statuses 200;"),
    ("personalize_headers X_Segment;", 'a field with "_", which NGINX drops', "", f"{ON} personalize_headers X_Segment;"),
]  # fmt: skip


@pytest.mark.parametrize("row", SILENT, ids=lambda row: f"{row[0]} {row[1][:20]}")
def test_a_setting_that_can_have_no_effect_is_said_with_its_place(said, row):
    directive, expected, *where = row
    found = said(*where)
    assert [message for message, _ in found if expected in message], found
    assert len(found) == 1, found
    message, line = found[0]
    start = directive.split("RULES")[0].split("KEYS")[0].split("GEO")[0].rstrip(";")
    assert line is not None and start in line, found
    assert directive.split()[0] in message


def test_variables_in_names_of_rule_files_are_said_not_to_be_supported(said):
    message, line = said("", "personalize on; personalize_rules $host/*.yaml;")[0]
    assert "variables are not supported in names of files, which are read when NGINX starts" in message
    assert line == "personalize_rules $host/*.yaml;"


# Conditions of rules, and what is said at their place.
OF_RULES = [
    ('request.cookies.theme == "dark"', "request.cookies.theme is never known without `personalize_cookies theme`", ""),
    ('request.cookies["theme"] == "dark"', "without `personalize_cookies theme`, did you mean themes?",
     "personalize_cookies themes;"),
    ('request.headers["CF-IPCountry"] == "NO"',
     "request.headers.cf-ipcountry is never known without `personalize_headers cf-ipcountry`", ""),
    ('has(request.headers.cf_ipcountri)', "did you mean cf-ipcountry?", "personalize_headers CF-IPCountry;"),
    ('nginx.segmnt == "a"',
     "nginx.segmnt is never known without `personalize_attribute segmnt $variable`, did you mean segment?",
     "personalize_attribute segment $arg_a;"),
    ('nginx.segment == "a"', "nginx.segment is never known without `personalize_attribute segment $variable`", ""),
    ('"a" in nginx || size(request.cookies) > 0', "request.cookies is always empty without personalize_cookies",
     "personalize_attribute a $arg_a;"),
    ('geo.country == "UK"', 'geo.country is never "UK", did you mean GB?', "personalize_geo GEO;"),
    ('geo.country == "ie"', 'geo.country is never "ie", did you mean IE?', "personalize_geo GEO;"),
    ('geo.country in ["GB", "Ireland"]', 'geo.country is never "Ireland", did you mean IE?', "personalize_geo GEO;"),
    ('geo.city == "x" || (geo.country != "Deutschland" && time.hour > 3)', 'geo.country is never "Deutschland", did you mean DE?',
     "personalize_geo GEO;"),
    ('geo.country == "Republic of Nowhere"', "it is a code of two letters, such as GB", "personalize_geo GEO;"),
    ('geo.country == "USA"', "did you mean US?", "personalize_geo GEO;"),
    ('geo.country == "Germny"', "did you mean DE?", "personalize_geo GEO;"),
]  # fmt: skip


@pytest.mark.parametrize("condition, expected, directives", OF_RULES, ids=[row[0] for row in OF_RULES])
def test_what_rules_ask_for_in_vain_is_said_with_its_place(said, condition, expected, directives):
    head = "version: 1\nslots: { hero: { select: a } }\nrules:\n  - id: r\n    slot: hero\n"
    text = f"{head}    when: '{condition}'\n    do: remove\n"
    found = said("", f"{ON} {directives}", text=text)
    assert len(found) == 1 and expected in found[0][0], found
    assert re.match(r"\S+\.yaml:6:\d+: warning: ", found[0][0]), found


SENSIBLE = [
    ("",),
    (ON,),
    ("", ON),
    ("", "", "personalize on; personalize_rules RULES;"),
    ("personalize_rules RULES;", "", "personalize on;"),
    ("personalize on;", "personalize_rules RULES;"),
    ("", "personalize on; location /shop { personalize_rules RULES; }"),
    ("personalize off;", ON),
    ("", "personalize off; personalize_rules RULES; personalize_cookies a;"),
    ("if ($arg_a) { personalize on; }", "personalize_rules RULES;"),
    ("personalize $mode;", "personalize_rules RULES;", "map $arg_a $mode { default on; }"),
    ("", f"{ON} location /two {{ personalize dry_run; }}", "server { listen 127.0.0.1:PORT; server_name b; }"),
    ("", f"{ON} {PROFILES} personalize_profile_cache zone=a:1m; personalize_deadline 50ms;"),
    ("", f"{ON} {PROFILES} personalize_deadline 1s; location /no {{ personalize_redis off; }}"),
    ("", f"{ON} {REDIS} personalize_visitor_cookie v secret=KEYS;"),
    ("", f"{ON} personalize_visitor_cookie v secret=KEYS; personalize_events_log FOLDER/events;"),
    (PROFILES, ON, "personalize_deadline 100ms; personalize_profile_cache zone=a:1m;"),
    ("", f"{ON} {REDIS} personalize_visitor $host-$cookie_visitor;"),
    ("", f"{ON} personalize_geo GEO; personalize_consent required countries=GB,XK,US;"),
    ("personalize_geo GEO;", f"{ON} personalize_consent required countries=GB;"),
    ("", f"{WEATHER} location = /weather {AT_WEATHER}"),
    ("", f"{WEATHER} location /wea {AT_WEATHER}"),
    ("", f"{WEATHER} location ^~ /weather {AT_WEATHER} location /weathers {{ return 204; }} location /w {{ return 204; }}"),
    ("", f"{WEATHER} location ~* ^/WEATHER$ {AT_WEATHER}"),
    (f"location = /weather {AT_WEATHER}", WEATHER),
    ("", "personalize_weather off;", f"{ON}"),
    ("", f"location = /weather {AT_WEATHER}", WEATHER),
    ("", f"{ON} personalize_statuses 200 404; personalize_types text/x-page *;"),
    ("", f"{ON} personalize_headers X_Segment; underscores_in_headers on;"),
    ("", f"{ON} personalize_cookies a; personalize_headers X-A; personalize_attribute a $arg_a;"),
    ("", "personalize on; personalize_rules RULES last_good=/tmp/last_good;"),
]


@pytest.mark.parametrize("where", SENSIBLE, ids=lambda where: " | ".join(where))
def test_a_sensible_configuration_is_not_warned_of(said, where):
    assert said(*where) == []


def test_what_one_of_several_locations_names_is_known_to_their_rules(said):
    text = (
        "version: 1\nslots: { hero: { select: a } }\nrules:\n"
        "  - { id: r, slot: hero, when: 'nginx.a == request.cookies.b && geo.country in [\"GB\", \"XK\", \"\"]', do: remove }\n"
    )
    known = "personalize_attribute a $arg_a; personalize_cookies b; personalize_geo GEO;"
    assert said(known, ON, text=text) == []
    assert said("", f"{ON} location /a {{ {known} }}", text=text) == []


def test_code_may_ask_redis_for_more_than_profiles(said, rules):
    plugin = rules(
        'return { name = "loyal", attributes = { points = "string" }, '
        'resolve = function(request, replies) return { points = request.visitor } end }',
        "loyal.lua",
    )
    assert said("", f"{ON} personalize_plugin {plugin}; {REDIS}") == []
    assert said("", f"{ON} personalize_plugin {plugin}; personalize_visitor $cookie_visitor;") == []
    assert said("", f"personalize on; personalize_rules RULES {plugin}; {REDIS}") == []


def test_the_demo_is_not_warned_of(tmp_path, geo_database):
    (tmp_path / "places.mmdb").symlink_to(geo_database)
    values = {"MODULE": harness.MODULE, "USER": "", "DIR": tmp_path, "PORT": harness.free_port(),
              "RULES": harness.ROOT / "conf/demo/rules", "DEMO": harness.ROOT / "conf/demo"}  # fmt: skip
    for name in ("edge.conf", "switcher.conf", "devices.conf"):
        text = (harness.ROOT / "conf/demo" / name).read_text("utf-8")
        (tmp_path / name).write_text(re.sub("@([A-Z]+)@", lambda match: str(values[match[1]]), text))
    environment = harness.Nginx(tmp_path / "unused", "").environment()
    done = subprocess.run([harness.NGINX, "-t", "-p", tmp_path, "-c", tmp_path / "edge.conf", "-e", tmp_path / "log"],
                          capture_output=True, text=True, env=environment, timeout=harness.PATIENCE)  # fmt: skip
    assert done.returncode == 0 and "[warn]" not in done.stderr, done.stderr
