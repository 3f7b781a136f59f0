"""Responses that go on for hours, and requests that no page answers: they keep no rules and cost Redis nothing."""
# Part: integration, sanitizers

import json
import random
import socket
import time

import pytest

import harness
from clients import Slow, ask, request
from shop import HERO, PAGE, PROFILE_RULES, SHOW, edge

CHANGES = 5
STATUS = "location = /status { personalize off; personalize_status json; access_log off; }"


def rule(text):
    return f"""version: 1
slots: {{ hero: {{ select: "#hero" }} }}
rules: [ {{ id: greeting, slot: hero, when: 'request.path != "/quiet"', do: {{ inner: "{text}" }} }} ]
"""


# What each says to open it, and how the answer begins.
CONNECTIONS = {
    "websocket": (
        {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"},
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    ),
    "websocket in a location for pages": (
        {"Connection": "Upgrade", "Upgrade": "other", "Accept": "text/html"},
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: other\r\nConnection: Upgrade\r\n\r\n",
    ),
    "events": (
        {"Accept": "text/event-stream"},
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: hello\n\n",
    ),
    "events for who asks for a page": (
        {"Accept": "text/html"},
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: hello\n\n",
    ),
    "a download": (
        {"Accept": "text/html", "Sec-Fetch-Dest": "document"},
        b"HTTP/1.1 200 OK\r\nContent-Type: application/zip\r\nContent-Length: 1000000\r\n\r\nPK",
    ),
    "an error page that is not complete": (
        {"Accept": "text/html"},
        b"HTTP/1.1 503 Later\r\nContent-Type: text/html\r\nContent-Length: 1000000\r\n\r\n<h1>",
    ),
    "a page in a coding that nobody reads": (
        {"Accept": "text/html"},
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: nobody\r\n\r\n<h1>",
    ),
    "a page without a winner": (
        {"Accept": "text/html"},
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<h1>" + b"x" * 100,
    ),
    "a dry run": (
        {"Accept": "text/html"},
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<h1>" + b"x" * 100,
    ),
    "a request that was led elsewhere": (
        {"Accept": "text/html"},
        b"HTTP/1.1 200 OK\r\nContent-Type: application/zip\r\nContent-Length: 1000000\r\n\r\nPK",
    ),
}


@pytest.fixture
def endless(origin):
    """An origin that begins each answer and does not end it: what it says is by path."""
    lines = list(CONNECTIONS)
    begun = {"/quiet": CONNECTIONS["a page without a winner"][1], **{f"/{i}": CONNECTIONS[n][1] for i, n in enumerate(lines)}}

    def handler(path, headers, send):
        send(begun[path])
        while True:
            time.sleep(0.1)
            if started.over:
                return

    started = origin(handler)
    started.over = False
    yield started
    started.over = True


PATHS = {"a page without a winner": "/quiet", "a request that was led elsewhere": "/led"}


@pytest.mark.parametrize("kind", CONNECTIONS)
def test_open_connections_keep_no_rules(nginx, endless, tmp_path, kind):
    file = tmp_path / "live.yaml"
    file.write_text(rule("text 0"))
    upgrade = "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection Upgrade;"
    number = list(CONNECTIONS).index(kind)
    server = nginx(
        edge(
            f"proxy_pass http://127.0.0.1:{endless.port}; proxy_buffering off; {upgrade}",
            f"""personalize {"dry_run" if kind == "a dry run" else "on"}; personalize_rules {file}; root FOLDER/html;
            location = /led {{ try_files /nothing @led; }}
            location @led {{ personalize off; rewrite ^ /{number} break; proxy_pass http://127.0.0.1:{endless.port};
                             proxy_buffering off; }}
            location = /version {{ return 200 $personalize_rules_version; }} {STATUS}""",
        )
    )
    in_memory = lambda: json.loads(ask(server, "/status").body)["rules"][0]["in_memory"]  # noqa: E731
    headers, begins = CONNECTIONS[kind]
    open_connections = []
    for change in range(CHANGES):
        connection = socket.create_connection(("127.0.0.1", server.port), timeout=harness.PATIENCE)
        connection.sendall(request(PATHS.get(kind, f"/{number}"), headers, close=False))
        received = b""
        while begins[-2:] not in received:
            received += connection.recv(65536)
        open_connections.append(connection)
        version = ask(server, "/version").body
        file.write_text(rule(f"text {change + 1}"))
        harness.wait_until(lambda: ask(server, "/version").body != version, "the change")
    try:
        harness.wait_until(lambda: in_memory() == 1, "old rules to go")
    finally:
        for connection in open_connections:
            connection.close()


def test_a_page_that_a_slow_client_has_yet_to_read_keeps_no_rules(nginx, tmp_path):
    """All of it went through the module; gzip has the rest."""
    noise = random.Random(1).randbytes(16_000_000).translate(bytes(97 + i % 26 for i in range(256)))
    file = tmp_path / "live.yaml"
    file.write_text(rule("text 0"))
    log = "log_format v '$personalize_rules_version $personalize_decisions $personalize_skipped $personalize_path';"
    server = nginx(
        edge(
            "root FOLDER/html; gzip on; gzip_comp_level 1; gzip_buffers 4096 8k; access_log FOLDER/logs/v.log v;",
            f"""personalize on; personalize_rules {file};
            location = /version {{ return 200 $personalize_rules_version; }} {STATUS}""",
            log,
        )
    )
    server.file("page.html", PAGE + noise)
    slow = Slow(server, "/page.html", {"Accept-Encoding": "gzip"})
    harness.wait_until(slow.peek, "the beginning")
    version = ask(server, "/version").body
    file.write_text(rule("text 1"))
    harness.wait_until(lambda: ask(server, "/version").body != version, "the change")
    in_memory = lambda: json.loads(ask(server, "/status").body)["rules"][0]["in_memory"]  # noqa: E731
    harness.wait_until(lambda: in_memory() == 1, "old rules to go")
    slow.read()
    written = server.folder / "logs/v.log"
    line = harness.wait_until(lambda: written.read_text(), "the line")
    assert line == f"{version.decode()} hero=greeting - stream\n"


def test_variables_still_tell_of_what_was_let_go(nginx, origin, rules, redis):
    redis.profile("ann", first_name="Ann")
    archive = origin(lambda path, headers, send: send(harness.html_response(b"PK", content_type="application/zip")))
    server = nginx(
        edge(
            f"""{SHOW} add_header X-Version "$personalize_rules_version"; personalize on;
            personalize_rules {rules(PROFILE_RULES)}; personalize_redis unix:{redis.socket}; personalize_deadline 60s;
            personalize_visitor $http_x_visitor; access_log FOLDER/logs/v.log v;
            proxy_pass http://127.0.0.1:{archive.port};""",
            "location = /version { return 200 $personalize_rules_version; }",
            "log_format v '$personalize_rules_version $personalize_skipped $personalize_profile_status "
            "$personalize_decisions $personalize_path';",
        )
    )
    answer = ask(server, headers={"X-Visitor": "ann", "Accept": "text/html"})
    version = answer.header("X-Version")
    assert len(version) > 4 and answer.header("X-Skipped") == "[type]" and answer.header("X-Decisions") == "[]"
    log = server.folder / "logs/v.log"
    line = harness.wait_until(lambda: log.read_text(), "the line").split()
    assert (line[0], line[1], line[3], line[4]) == (version, "type", "-", "pass")


NO_PAGES = {
    "an image": ("GET", {"Sec-Fetch-Dest": "image", "Accept": "image/avif,image/webp,*/*;q=0.8"}),
    "an image in an old browser": ("GET", {"Accept": "image/avif,image/webp,*/*;q=0.8"}),
    "a script": ("GET", {"Sec-Fetch-Dest": "script", "Accept": "*/*"}),
    "a style": ("GET", {"Sec-Fetch-Dest": "style", "Accept": "text/css,*/*;q=0.1"}),
    "a font": ("GET", {"Sec-Fetch-Dest": "font", "Accept": "*/*"}),
    "a video": ("GET", {"Sec-Fetch-Dest": "video", "Accept": "*/*", "Range": "bytes=0-"}),
    "a worker": ("GET", {"Sec-Fetch-Dest": "serviceworker", "Accept": "*/*"}),
    "a manifest": ("GET", {"Sec-Fetch-Dest": "manifest", "Accept": "*/*"}),
    "data for a script": ("GET", {"Sec-Fetch-Dest": "empty", "Accept": "*/*"}),
    "JSON": ("GET", {"Accept": "application/json"}),
    "JSON, as axios asks": ("GET", {"Accept": "application/json, text/plain, */*"}),
    "JSON, as jQuery asks": ("GET", {"Accept": "*/*", "X-Requested-With": "XMLHttpRequest"}),
    "events": ("GET", {"Accept": "text/event-stream"}),
    "a feed": ("GET", {"Accept": "application/rss+xml"}),
    "HTML by no means": ("GET", {"Accept": "text/html;q=0, application/json"}),
    "a websocket": ("GET", {"Connection": "Upgrade", "Upgrade": "WebSocket"}),
    "a websocket of Firefox": ("GET", {"Sec-Fetch-Dest": "empty", "Accept": "*/*", "Upgrade": "websocket"}),
    "a post to an API": ("POST", {"Content-Type": "application/json", "Accept": "*/*", "Content-Length": "0"}),
    "a post that says nothing": ("POST", {"Content-Length": "0"}),
    "gRPC": ("POST", {"Content-Type": "application/grpc", "TE": "trailers", "Content-Length": "0"}),
    "GraphQL": ("POST", {"Content-Type": "application/json", "Sec-Fetch-Dest": "empty",
                         "Accept": "application/graphql-response+json", "Content-Length": "0"}),
    "a beacon": ("POST", {"Sec-Fetch-Dest": "empty", "Accept": "*/*", "Content-Length": "0"}),
    "a put": ("PUT", {"Accept": "text/html", "Content-Length": "0"}),
    "options": ("OPTIONS", {"Accept": "text/html"}),
}
HTML = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
PAGES = {
    "a link": ("GET", {"Accept": HTML, "Sec-Fetch-Dest": "document"}),
    "a frame": ("GET", {"Accept": HTML, "Sec-Fetch-Dest": "iframe"}),
    "a form": ("POST", {"Accept": HTML, "Content-Type": "application/x-www-form-urlencoded", "Content-Length": "0"}),
    "a robot": ("GET", {"Accept": "*/*"}),
    "somebody who says nothing": ("GET", {}),
    "a script that wants HTML": ("GET", {"Accept": "text/html, */*; q=0.01", "X-Requested-With": "XMLHttpRequest"}),
    "Turbo": ("GET", {"Accept": "text/vnd.turbo-stream.html, Text/HTML, application/xhtml+xml", "Sec-Fetch-Dest": "empty"}),
    "two lines": ("GET", {"Accept": "image/png", "accept": "text/html"}),
    "curl --http2": ("GET", {"Upgrade": "h2c", "Connection": "Upgrade, HTTP2-Settings", "Accept": "*/*"}),
}


@pytest.fixture
def counted(nginx, origin, rules, redis):
    """server, hmgets(): a shop whose upstream answers with what the path names."""
    redis.profile("ann", first_name="Ann")
    bodies = {"/page": ("text/html", PAGE), "/data": ("application/json", b"{}")}

    def handler(path, headers, send):
        kind, body = bodies[path]
        send(harness.html_response(body, content_type=kind))

    def hmgets():
        return int(redis.command("INFO", "commandstats").partition("cmdstat_hmget:calls=")[2].partition(",")[0] or 0)

    server = nginx(
        edge(
            f"""{SHOW} personalize on; personalize_rules {rules(PROFILE_RULES)}; personalize_redis unix:{redis.socket};
            personalize_visitor $http_x_visitor; personalize_deadline 60s; proxy_pass http://127.0.0.1:{origin(handler).port};"""
        )
    )
    return server, hmgets


@pytest.mark.parametrize("kind", NO_PAGES)
def test_redis_is_not_asked_for_requests_that_no_page_answers(counted, kind):
    server, hmgets = counted
    method, headers = NO_PAGES[kind]
    assert ask(server, "/data", {"X-Visitor": "ann", **headers}, method=method).status == 200
    assert hmgets() == 0
    # Should it be a page all the same, it is asked then.
    answer = ask(server, "/page", {"X-Visitor": "ann", **headers}, method=method)
    if method in ("GET", "POST"):
        assert answer.body == PAGE.replace(HERO, b"<b>Hello Ann</b>") and hmgets() == 1
    else:
        assert answer.body == PAGE and hmgets() == 0


@pytest.mark.parametrize("kind", PAGES)
def test_redis_is_asked_on_arrival_for_requests_that_a_page_may_answer(counted, kind):
    server, hmgets = counted
    method, headers = PAGES[kind]
    assert ask(server, "/data", {"X-Visitor": "ann", **headers}, method=method).status == 200
    harness.wait_until(lambda: hmgets() == 1, "the question")
    assert ask(server, "/page", {"X-Visitor": "ann", **headers}, method=method).body == PAGE.replace(HERO, b"<b>Hello Ann</b>")
    assert hmgets() == 2
