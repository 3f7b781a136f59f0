"""Plugins are told what visitors saw, and of nothing else."""
# Part: integration, sanitizers

import gzip
import socket
import time

import pytest

import harness
from clients import ask, http2, request
from shop import GREETING, HERO, PAGE, edge, old_file

SEEN = """
return {
  name = "seen",
  content = function(request, slot) return nil end,
  on_exposure = function(request, exposures, response)
    if not response.viewed then return nil end
    local commands = { { "HINCRBY", "seen", "pages", "1" } }
    for _, one in ipairs(exposures) do
      if one.applied then commands[#commands + 1] = { "HINCRBY", "seen", one.rule, "1" } end
    end
    return commands
  end,
}
"""
RULES = """
version: 1
slots:
  hero: { select: "#hero" }
  ghost: { select: "#nowhere" }
  empty: { select: "p.offer" }
  svg: { select: script }
rules:
  - { id: greeting, slot: hero, do: { inner: "<b>Hello you</b>" } }
  - { id: nowhere, slot: ghost, do: { inner: "boo" } }
  - { id: nothing, slot: empty, content: seen, do: { inner: "{{content}}" } }
  - { id: unsafe, slot: svg, do: { append: "<b>x</b>" } }
"""
ANN = {"X-Visitor": "ann"}
GREETED = PAGE.replace(HERO, GREETING)


@pytest.fixture
def shop(nginx, origin, redis, rules):
    """shop(origin's handler or page): a server, and what was recorded about ann once the marker, a page asked for
    afterwards, is."""

    def start(handler, location="", text=RULES, http="", server=""):
        upstream = origin(handler)
        marker = origin(PAGE)
        plugin = rules(SEEN, "seen.lua")
        running = nginx(
            edge(
                f"{location} proxy_pass http://127.0.0.1:{upstream.port};",
                f"""personalize on; personalize_rules {rules(text)}; personalize_plugin {plugin}; root FOLDER/html;
                personalize_redis unix:{redis.socket}; personalize_visitor $http_x_visitor; personalize_deadline 60s;
                location = /marker {{ proxy_pass http://127.0.0.1:{marker.port}; }} {server}""",
                http,
            )
        )

        def recorded():
            # One worker sends in the order of the requests, but not all through one connection.
            ask(running, "/marker", {"X-Visitor": "marker"})
            harness.wait_until(lambda: redis.command("EXISTS", "personalize:{marker}:seen") == "1", "the marker")
            redis.command("DEL", "personalize:{marker}:seen")
            words = redis.command("HGETALL", "personalize:{ann}:seen").split()
            return {name: int(count) for name, count in zip(words[::2], words[1::2])}

        running.recorded = recorded
        running.logged = lambda count: harness.wait_until(
            lambda: running.access_log().count("\n") >= count, "the log's lines"
        )
        return running

    return start


SHOWN = {"pages": 1, "greeting": 1}


@pytest.mark.parametrize("get", [ask, http2])
def test_only_what_was_put_into_the_page_is_recorded(shop, get):
    server = shop(PAGE)
    assert get(server, headers=ANN).body == GREETED
    assert server.recorded() == SHOWN


def test_a_page_without_any_of_it_is_recorded_as_a_page(shop):
    server = shop(b"<p>" * 100)
    assert ask(server, headers=ANN).status == 200
    assert server.recorded() == {"pages": 1}


@pytest.mark.parametrize(
    "header",
    [
        {"Sec-Purpose": "prefetch"},
        {"Sec-Purpose": "prefetch;prerender"},
        {"Purpose": "prefetch"},
        {"X-Purpose": "preview"},
        {"X-Moz": "prefetch"},
    ],
)
def test_a_page_that_the_browser_fetches_in_advance_is_not_recorded(shop, header):
    server = shop(PAGE)
    assert ask(server, headers={**ANN, **header}).body == GREETED
    assert server.recorded() == {}


def test_a_head_is_not_recorded(shop):
    server = shop(PAGE)
    ask(server, headers=ANN, method="HEAD")
    assert server.recorded() == {}


def test_robots_are_not_recorded_where_rules_know_them(shop):
    server = shop(PAGE, text=RULES + "  - { id: robots, slot: hero, priority: 9, when: device.is_bot, do: { inner: beep } }\n")
    robot = {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"}
    assert b"beep" in ask(server, headers={**ANN, **robot}).body
    assert server.recorded() == {}
    ask(server, headers=ANN)
    assert server.recorded() == SHOWN


def head_of(length, *headers):
    lines = ["HTTP/1.1 200 OK", "Content-Type: text/html", f"Content-Length: {length}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def test_a_page_that_its_upstream_broke_off_is_not_recorded(shop):
    server = shop(lambda path, headers, send: send(head_of(len(PAGE) + 1) + PAGE))
    ask(server, headers=ANN)
    server.logged(1)
    assert server.recorded() == {}


def test_a_chunked_page_that_its_upstream_broke_off_is_not_recorded(shop):
    begun = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n" % (len(PAGE), PAGE)
    server = shop(lambda path, headers, send: send(begun), "proxy_http_version 1.1;")
    ask(server, headers=ANN)
    server.logged(1)
    assert server.recorded() == {}


def test_a_compressed_page_that_is_not_whole_is_not_recorded(shop):
    packed = gzip.compress(PAGE)[:-9]
    server = shop(lambda path, headers, send: send(head_of(len(packed), "Content-Encoding: gzip") + packed))
    ask(server, headers=ANN)
    server.logged(1)
    assert server.recorded() == {}


def leave_early(server, after=b""):
    """A client that goes away once it has seen `after`, or with nothing but its request sent."""
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=harness.PATIENCE)
    connection.sendall(request("/", ANN))
    received = b""
    while after not in received:
        received += connection.recv(65536)
    connection.close()


@pytest.mark.parametrize(
    "location, after", [("", b""), ("proxy_buffering off;", b"\r\n\r\n"), ("proxy_cache pages;", b"")]
)
def test_a_client_that_leaves_before_the_end_is_not_recorded(shop, location, after):
    gone = []

    def handler(path, headers, send):
        send(head_of(len(PAGE), "Cache-Control: max-age=60") + PAGE[:250])
        while not gone:
            time.sleep(0.02)
        send(PAGE[250:])

    server = shop(
        handler, location, http="proxy_cache_path FOLDER/temp/cache keys_zone=pages:1m;"
    )
    leave_early(server, after)
    if "cache" not in location:  # there NGINX goes on to fill the cache
        server.logged(1)
    gone.append(True)
    server.logged(1)
    assert server.recorded() == {}


def test_a_client_that_leaves_while_the_page_is_under_way_is_not_recorded(shop):
    """A page larger than all sockets' buffers."""
    big = PAGE + b"x" * 20_000_000
    server = shop(big, "proxy_max_temp_file_size 0;")
    leave_early(server, b"\r\n\r\n")
    server.logged(1)
    assert server.recorded() == {}


def test_a_page_that_the_visitor_has_already_is_seen_again(shop):
    server = shop(PAGE, server="location = /page.html { }")
    (server.folder / "html/page.html").symlink_to(old_file(PAGE))
    pages = 0

    def etag():
        nonlocal pages
        pages += 1
        return ask(server, "/page.html", ANN).header("ETag")

    tag = harness.wait_until(etag, "a spliced page")
    assert server.recorded() == {"pages": pages, "greeting": pages}
    assert ask(server, "/page.html", {**ANN, "If-None-Match": tag}).status == 304
    assert server.recorded() == {"pages": pages + 1, "greeting": pages + 1}
    assert ask(server, "/page.html", {**ANN, "If-None-Match": tag, "Sec-Purpose": "prefetch"}).status == 304
    assert server.recorded() == {"pages": pages + 1, "greeting": pages + 1}


@pytest.mark.parametrize("more", ["gzip on; gzip_types text/html;", "personalize dry_run;", "personalize off;"])
def test_compressed_pages_are_recorded_and_dry_runs_are_not(shop, more):
    server = shop(PAGE, more.replace("gzip_types text/html;", "gzip_min_length 1;"))
    ask(server, headers={**ANN, "Accept-Encoding": "gzip"})
    assert server.recorded() == (SHOWN if "gzip" in more else {})


def test_an_error_page_is_not_recorded(shop):
    server = shop(lambda path, headers, send: send(harness.html_response(PAGE, status="404 Not Found")))
    ask(server, headers=ANN)
    assert server.recorded() == {}


def test_a_redirect_is_recorded_once_where_it_ends(shop):
    server = shop(PAGE, server="location = /start { try_files /nothing @inside; } "
                               "location @inside { personalize_redis off; rewrite ^ /page.html break; }"
                               "location = /same { try_files /nothing /marker; }")
    server.file("page.html", PAGE)
    assert ask(server, "/start", ANN).body == GREETED
    assert server.recorded() == {}
    assert ask(server, "/same", ANN).body == GREETED
    assert server.recorded() == SHOWN
