"""What plugins fetch from shared keys and from locations, and what they add to responses."""
# Part: integration, sanitizers

import json
import re
import threading
import time

import pytest

import harness
from clients import ask, http2
from shop import HERO, PAGE, SHOW, edge, of_files

RULES = """
version: 1
slots: { hero: { select: "#hero" } }
rules:
  - { id: r, slot: hero, content: { plugin: p, with: { n: 4 } }, do: { inner: "{{content}}" } }
"""
STATUS = "location = /status { personalize_status; }"


def plugin(fetch):
    return f"""return {{ name = "p",
      content_needs = function(request, slot, c, with) return {{ {fetch} }} end,
      content = function(request, slot, replies, c, with)
        local first = replies[1]
        return type(first) == "table" and table.concat(first, " ") or first
      end }}"""


def shown(text):
    return PAGE.replace(HERO, text)


@pytest.fixture
def shop(nginx, origin, rules):
    def start(fetch, location="", server="", deadline="60s", http=""):
        return nginx(
            edge(
                f"""{SHOW} personalize on; personalize_rules {rules(RULES)}; personalize_deadline {deadline};
                personalize_plugin {rules(plugin(fetch), "p.lua")}; {location}
                proxy_pass http://127.0.0.1:{origin(PAGE).port};""",
                server + STATUS,
                http,
            )
        )

    return start


def counters(server):
    return json.loads(ask(server, "/status").body)


def test_a_shared_key_is_read_for_everybody_and_kept_in_the_cache(shop, redis):
    redis.command("RPUSH", "personalize:trending", "boots", "coat")
    server = shop(
        '{ shared = { "LRANGE", "trending", "0", tostring(with.n - 1) } }',
        f"""personalize_redis unix:{redis.socket}; personalize_visitor $http_x_visitor;
        personalize_consent required; personalize_profile_cache zone=kept:1m valid=1h;""",
    )
    for headers in ({}, {"X-Visitor": "ann"}, {"X-Visitor": "bob"}):
        assert ask(server, headers=headers).body == shown(b"boots coat")
    calls = re.search(r"cmdstat_lrange:calls=(\d+)", redis.command("INFO", "commandstats"))
    assert calls[1] == "1"
    assert counters(server)["profile_cache_hits"] == 2


RECOMMEND = '{ location = "/_recommend", query = { n = with.n, id = "a&b=<c>" }, timeout = 60000 }'


@pytest.mark.parametrize("get", [ask, http2])
def test_a_location_is_asked_and_its_body_is_the_reply(shop, origin, get):
    service = origin(lambda path, headers, send: send(harness.html_response(b"fresh <boots>")))
    server = shop(
        RECOMMEND,
        server=f"location = /_recommend {{ internal; proxy_pass http://127.0.0.1:{service.port}; "
        "proxy_set_header Host $host; }",
    )
    for _ in range(3):  # over and over on what may be one connection
        assert get(server, headers={"Cookie": "secret=1"}).body == shown(b"fresh &lt;boots&gt;")
    path, headers = service.requests[0]
    assert path == "/_recommend?id=a%26b%3D%3Cc%3E&n=4"
    assert "cookie" not in headers
    assert headers["host"] in ("shop.example", "127.0.0.1")  # what the visitor asked for
    assert counters(server)["location_fetches"] == 3
    assert counters(server)["location_failures"] == 0


ANSWERS = {
    "status": ("return 503 no;", "status 503"),
    "missing": ("return 404;", "status 404"),
    "too large": ("default_type text/plain; root FOLDER/html; try_files /large =404;", "an answer of more than 256 kB"),
    "gone": ("proxy_pass http://127.0.0.1:1;", "status 502"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_a_location_that_does_not_answer_well_costs_the_content_and_is_counted(shop, name):
    answer, said = ANSWERS[name]
    server = shop(RECOMMEND, server=f"location = /_recommend {{ {answer} }}")
    (server.folder / "html").mkdir(exist_ok=True)
    (server.folder / "html/large").write_bytes(b"x" * (256 * 1024 + 1))
    assert ask(server).body == PAGE
    numbers = counters(server)
    assert (numbers["location_fetches"], numbers["location_failures"], numbers["location_timeouts"]) == (1, 1, 0)
    assert f"personalize: location /_recommend, asked by a plugin: {said}" in server.log()


def test_nothing_to_say_is_no_failure(shop):
    server = shop(RECOMMEND, server="location = /_recommend { return 204; }")
    assert ask(server).body == PAGE
    assert counters(server)["location_failures"] == 0


def test_a_slow_location_costs_no_more_than_its_own_timeout(shop, origin):
    held = origin(lambda path, headers, send: time.sleep(2 * harness.PATIENCE))
    server = shop(
        RECOMMEND.replace("60000", "30"), server=f"location = /_recommend {{ proxy_pass http://127.0.0.1:{held.port}; }}"
    )
    assert ask(server).body == PAGE  # long before the page's deadline
    numbers = counters(server)
    assert (numbers["location_failures"], numbers["location_timeouts"], numbers["deadline_missed"]) == (1, 1, 0)


def test_a_page_does_not_wait_for_a_location_longer_than_its_deadline(shop, origin):
    held = origin(lambda path, headers, send: time.sleep(2 * harness.PATIENCE))
    server = shop(
        RECOMMEND, deadline="20ms", server=f"location = /_recommend {{ proxy_pass http://127.0.0.1:{held.port}; }}"
    )
    assert ask(server).body == PAGE
    assert ask(server).body == PAGE
    assert counters(server)["deadline_missed"] == 2


def test_what_comes_too_late_for_a_page_may_be_cached_for_the_next(shop, origin):
    go_on = threading.Event()

    def when_told(path, headers, send):
        go_on.wait(harness.PATIENCE)
        send(harness.html_response(b"cached", "Cache-Control: max-age=600"))

    service = origin(when_told)
    server = shop(
        RECOMMEND,
        deadline="100ms",
        server=f"location = /_recommend {{ proxy_pass http://127.0.0.1:{service.port}; proxy_cache kept; }}",
        http="proxy_cache_path FOLDER/kept keys_zone=kept:1m;",
    )
    assert ask(server).body == PAGE
    go_on.set()
    harness.wait_until(lambda: ask(server).body == shown(b"cached"), "the cached answer")


def test_other_pages_are_not_confused_by_requests_of_our_own(shop):
    """The location has the directives of its server, personalization among them."""
    html = "return 200 '<p id=hero>plain</p>'; default_type text/html;"
    server = shop(RECOMMEND, server=f"location = /_recommend {{ {html} }}")
    assert ask(server).body == shown(b"&lt;p id=hero&gt;plain&lt;/p&gt;")
    assert counters(server)["responses"] >= 1


FIELDS = """return { name = "f", response_fields = function(request, c)
  if request.query == "bad" then return { headers = { ["Content-Length"] = "1" } } end
  return { headers = { ["X-Path"] = c.request.path }, cookies = { { name = "tier", value = "gold", max_age = 60 } } }
end }"""
COOKIE = "tier=gold; Max-Age=60; Path=/; Secure; HttpOnly; SameSite=Lax"
SIMPLE = (
    'version: 1\nslots: {{ hero: {{ select: "#hero" }} }}\n'
    'rules: [{{ id: r, slot: hero, when: "{}", do: {{ inner: x }} }}]\n'
)


@pytest.fixture
def adding(nginx, origin, rules):
    def start(condition, mode="on", location=""):
        public = harness.html_response(PAGE, "Cache-Control: public, max-age=60")
        page = origin(lambda path, headers, send: send(public))
        return nginx(
            edge(
                f"""personalize {mode}; personalize_rules {rules(SIMPLE.format(condition))};
                personalize_plugin {rules(FIELDS, "f.lua")}; {location} proxy_pass http://127.0.0.1:{page.port};""",
                STATUS,
            )
        )

    return start


@pytest.mark.parametrize("condition, body", [("true", shown(b"x")), ("false", PAGE)])
def test_a_plugin_adds_a_cookie_and_a_header_and_the_page_is_private(adding, condition, body):
    server = adding(condition)
    for get in (ask, http2):
        response = get(server, "/a%20b")
        assert response.body == body
        assert response.header("Set-Cookie") == COOKIE
        assert response.header("X-Path") == "/a b"
        assert response.header("Cache-Control") == "private"


def test_a_field_that_may_not_be_added_costs_only_the_fields(adding):
    server = adding("true")
    response = ask(server, "/?bad")
    assert response.body == shown(b"x")
    assert response.header("Set-Cookie") is None
    assert counters(server)["plugin_failures"] == 1
    assert "Content-Length\" is a field that plugins may not add" in server.log()


def test_nothing_is_added_in_a_dry_run(adding):
    response = ask(adding("true", "dry_run"))
    assert response.body == PAGE
    assert response.header("Set-Cookie") is None


def test_spliced_pages_have_the_fields_too(nginx, rules):
    server = of_files(nginx, rules, f"personalize_plugin {rules(FIELDS, 'f.lua')};", text=SIMPLE.format("true"))
    ask(server, "/page.html")
    spliced = ask(server, "/page.html")
    assert (spliced.header("X-Path"), spliced.header("Set-Cookie")) == ("/page.html, splice", COOKIE)
    again = ask(server, "/page.html", headers={"If-None-Match": spliced.header("ETag")})
    assert (again.status, again.header("Set-Cookie")) == (304, COOKIE)


def test_an_old_name_in_lua_is_said_once_and_works(nginx, origin, rules):
    old = rules('return { name = "old", record = function() return {} end }', "old.lua")
    text = edge(
        f"""personalize on; personalize_rules {rules(SIMPLE.format("true"))}; personalize_plugin {old};
        proxy_pass http://127.0.0.1:{origin(PAGE).port};
        location /other {{ personalize_deadline 30ms; proxy_pass http://127.0.0.1:1; }}"""
    )
    server = nginx(text)
    assert ask(server).body == shown(b"x")
    lines = [line for line in server.log().splitlines() if "`record` is `on_exposure` since version 2" in line]
    assert len(lines) == 1 and "[warn]" in lines[0] and "old.lua" in lines[0]
