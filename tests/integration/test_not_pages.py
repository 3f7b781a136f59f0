"""What turns out not to be a page: its ranges and conditions are answered as if the module were not there."""
# Part: integration, sanitizers

import pytest

import harness
from clients import ask, http2, request, swarm
from shop import GREETED, PAGE, RULES, SHOW, edge

DATE = "Tue, 14 Nov 2023 22:13:20 GMT"
WHEN = 1700000000
BYTES = bytes(range(256)) * 8
ETAG = f'"{WHEN:x}-{len(BYTES):x}"'  # as NGINX names the file
HTML = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

CLIENTS = {
    "says nothing": {},
    "curl": {"Accept": "*/*"},
    "fetch()": {"Accept": "*/*", "Sec-Fetch-Dest": "empty"},
    "fetch() of JSON": {"Accept": "application/json", "Sec-Fetch-Dest": "empty"},
    "fetch() of a page": {"Accept": "text/html, */*", "Sec-Fetch-Dest": "empty"},
    "a link": {"Accept": HTML, "Sec-Fetch-Dest": "document"},
    "a link in an old browser": {"Accept": HTML},
    "a frame": {"Sec-Fetch-Dest": "iframe", "Accept": HTML},
    "a player": {"Sec-Fetch-Dest": "video", "Accept": "*/*"},
}
QUESTIONS = [
    ({"Range": "bytes=10-19"}, 206),
    ({"Range": "bytes=-7"}, 206),
    ({"Range": "bytes=100000-"}, 416),
    ({"Range": "bytes=10-19", "If-Range": ETAG}, 206),
    ({"Range": "bytes=10-19", "If-Range": DATE}, 206),
    ({"Range": "bytes=10-19", "If-Range": '"another"'}, 200),
    ({"If-None-Match": ETAG}, 304),
    ({"If-None-Match": f'"x", W/{ETAG}'}, 304),
    ({"If-None-Match": "*"}, 304),
    ({"If-None-Match": '"another"'}, 200),
    ({"If-Modified-Since": DATE}, 304),
    ({"If-Modified-Since": "Mon, 13 Nov 2023 22:13:20 GMT"}, 200),
    ({"If-None-Match": '"another"', "If-Modified-Since": DATE}, 200),
    ({"If-Match": ETAG}, 200),
    ({"If-Match": '"another"'}, 412),
    ({"If-Match": ETAG, "If-None-Match": ETAG}, 304),
    ({"If-Unmodified-Since": DATE}, 200),
    ({"If-Unmodified-Since": "Mon, 13 Nov 2023 22:13:20 GMT"}, 412),
    ({"Range": "bytes=10-19", "If-None-Match": '"another"'}, 206),
    ({"Range": "bytes=10-19", "If-None-Match": ETAG}, 304),
    ({"Range": "bytes=10-19", "If-Match": ETAG}, 206),
]


def server_of_bytes(path, headers, send):
    """Understands If-None-Match, If-Modified-Since, If-Match, If-Unmodified-Since, If-Range and one range of bytes."""
    about = [f"ETag: {ETAG}", f"Last-Modified: {DATE}", "Accept-Ranges: bytes", "Cache-Control: max-age=600"]

    def answer(status, body=b"", *more):
        send(
            harness.html_response(body, *about, *more, status=status, content_type="application/octet-stream")
            if not status.startswith("304")
            else f"HTTP/1.1 {status}\r\nETag: {ETAG}\r\nConnection: close\r\n\r\n".encode()
        )

    listed = lambda name: headers[name] == "*" or ETAG in headers[name]  # noqa: E731
    if "if-match" in headers and not listed("if-match"):
        return answer("412 Precondition Failed")
    if headers.get("if-unmodified-since", DATE) != DATE and "if-match" not in headers:
        return answer("412 Precondition Failed")
    if "if-none-match" in headers:
        if listed("if-none-match"):
            return answer("304 Not Modified")
    elif headers.get("if-modified-since") == DATE:
        return answer("304 Not Modified")
    if "range" not in headers or headers.get("if-range", ETAG) not in (ETAG, DATE):
        return answer("200 OK", BYTES)
    first, last = headers["range"].removeprefix("bytes=").split("-")
    first, last = (int(first), int(last or len(BYTES) - 1)) if first else (len(BYTES) - int(last), len(BYTES) - 1)
    if first >= len(BYTES):
        return answer("416 Range Not Satisfiable")
    part = BYTES[first : last + 1]
    return answer("206 Partial Content", part, f"Content-Range: bytes {first}-{last}/{len(BYTES)}")


SOURCES = ["file", "download", "cache", "x_accel", "x_accel_off", "x_accel_without", "fallback_off", "fallback_cache"]


@pytest.fixture
def shop(nginx, origin, rules):
    """The same locations once more below /off, without the module."""
    upstream = f"proxy_pass http://127.0.0.1:{origin(server_of_bytes).port}"
    cached = f"{upstream}/; proxy_cache pages; proxy_cache_key bytes"

    def accel(path, headers, send):
        target = path.strip("/").rpartition("/")[2].replace("x_accel", "inside")
        send(f"HTTP/1.1 200 OK\r\nX-Accel-Redirect: /{target}/bytes\r\nContent-Length: 0\r\n\r\n".encode())

    accelerated = f"proxy_pass http://127.0.0.1:{origin(accel).port};"

    def locations(mode, prefix):
        return f"""
            location {prefix}/file {{ {mode} alias FOLDER/html/bytes; }}
            location {prefix}/download {{ {mode} {upstream}; }}
            location {prefix}/cache {{ {mode} {cached}; }}
            location {prefix}/x_accel {{ {mode} {accelerated} }}
            location {prefix}/fallback_off {{ {mode} try_files /nothing /off/download; }}
            location {prefix}/fallback_cache {{ {mode} try_files /nothing {prefix}/cache; }}"""

    server = nginx(
        edge(
            "return 404;",
            f"""{SHOW} personalize_rules {rules(RULES)};
            location /inside/ {{ internal; alias FOLDER/html/; personalize on; }}
            location /inside_off/ {{ internal; alias FOLDER/html/; personalize off; }}
            location /inside_without/ {{ internal; alias FOLDER/html/; }}
            {locations("personalize on;", "")} {locations("", "/off")}""",
            "proxy_cache_path FOLDER/temp/cache keys_zone=pages:1m;",
        )
    )
    server.file("bytes", BYTES, WHEN)
    return server


def told(answer):
    names = ("Content-Range", "ETag", "Content-Length", "Accept-Ranges", "Cache-Control", "X-Decisions")
    return answer.status, answer.body, [answer.header(name) for name in names]


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("source", SOURCES)
def test_ranges_and_conditions_get_the_answer_that_they_get_without_the_module(shop, source, client):
    path = {"x_accel_off": "/x_accel_off", "x_accel_without": "/x_accel_without"}.get(source, f"/{source}")
    if "cache" in source:
        ask(shop, "/cache"), ask(shop, "/off/cache")
    for question, status in QUESTIONS:
        headers = {**CLIENTS[client], **question}
        without = ask(shop, f"/off{path}", headers)
        answer = ask(shop, path, headers)
        assert answer.status == without.status == status, (question, answer.status, without.status)
        if status in (200, 206):
            assert answer.body == without.body == (BYTES if status == 200 else answer.body)
        if status == 206:
            assert answer.header("Content-Range") == without.header("Content-Range") is not None
        assert (answer.header("Accept-Ranges") or "bytes") == "bytes", "logged once"


def test_ranges_and_conditions_over_http_2_and_of_head(shop):
    link = CLIENTS["a link"]
    for path in ("/file", "/download", "/x_accel"):
        answer = http2(shop, path, {**link, "Range": "bytes=10-19"})
        assert (answer.status, answer.body) == (206, BYTES[10:20])
        assert http2(shop, path, {**link, "If-None-Match": ETAG}).status == 304
        assert ask(shop, path, {**link, "If-None-Match": ETAG}, method="HEAD").status == 304


def test_several_ranges_and_several_lines_are_put_back(shop):
    answer = ask(shop, "/file", {**CLIENTS["a link"], "Range": "bytes=0-1,10-11"})
    assert answer.status == 206 and answer.header("Content-Type").startswith("multipart/byteranges")


def test_an_upstream_without_parts_is_passed_on_whole(nginx, origin, rules):
    """Without Accept-Ranges, or without a length, NGINX cannot answer with a part either."""

    def whole(path, headers, send):
        if path == "/chunked":
            send(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nAccept-Ranges: bytes\r\nConnection: close\r\n\r\n" + BYTES)
        else:
            send(harness.html_response(BYTES, content_type="image/png"))

    server = nginx(edge(f"personalize on; personalize_rules {rules(RULES)}; proxy_pass http://127.0.0.1:{origin(whole).port};"))
    for path in ("/chunked", "/without"):
        answer = ask(server, path, {**CLIENTS["a link"], "Range": "bytes=10-19"})
        assert (answer.status, answer.body) == (200, BYTES)


CHANGES = {"If-None-Match": "*", "If-Match": '"v1"', "If-Unmodified-Since": DATE, "Range": "bytes=0-1"}


@pytest.mark.parametrize("client", CLIENTS)
def test_what_a_post_is_made_conditional_on_reaches_the_upstream(nginx, origin, rules, client):
    upstream = origin(lambda path, headers, send: send(harness.html_response(b"{}", content_type="application/json")))
    server = nginx(edge(f"personalize on; personalize_rules {rules(RULES)}; proxy_pass http://127.0.0.1:{upstream.port};"))
    ask(server, "/api", {**CLIENTS[client], **CHANGES, "Content-Length": "0"}, method="POST")
    (_, headers), = upstream.requests
    assert {name: headers.get(name.lower()) for name in CHANGES} == CHANGES


@pytest.mark.parametrize("client, range_seen", [("curl", True), ("fetch()", True), ("a link", False), ("says nothing", True)])
def test_an_upstream_sees_the_range_unless_a_page_is_asked_for(shop, client, range_seen, origin, nginx, rules):
    upstream = origin(PAGE)
    server = nginx(edge(f"personalize on; personalize_rules {rules(RULES)}; proxy_pass http://127.0.0.1:{upstream.port};"))
    ask(server, "/", {**CLIENTS[client], "Range": "bytes=0-9", "If-Range": '"v1"'})
    (_, headers), = upstream.requests
    assert ("range" in headers, "if-range" in headers) == (range_seen, range_seen)


def test_a_page_gets_neither_a_part_nor_the_backend_s_304(nginx, origin, rules):
    def handler(path, headers, send):
        if "if-none-match" in headers or "if-modified-since" in headers:
            send(b'HTTP/1.1 304 Not Modified\r\nETag: "v1"\r\nConnection: close\r\n\r\n')
        else:
            send(harness.html_response(PAGE, 'ETag: "v1"', f"Last-Modified: {DATE}", "Accept-Ranges: bytes"))

    upstream = origin(handler)
    server = nginx(
        edge(
            "try_files /nothing @shop;",
            f"""personalize on; personalize_rules {rules(RULES)};
            location @shop {{ personalize_deadline 60s; proxy_pass http://127.0.0.1:{upstream.port}; }}""",
        )
    )
    asked = {"Range": "bytes=0-9", "If-None-Match": '"v1"', "If-Modified-Since": DATE, "If-Range": '"v1"'}
    for client in ("a link", "fetch() of a page", "a frame", "a link in an old browser"):
        answer = ask(server, "/", {**CLIENTS[client], **asked})
        assert (answer.status, answer.body) == (200, GREETED), client


def test_the_log_and_subrequests_see_the_headers_that_were_put_back(nginx, origin, rules):
    upstream = origin(server_of_bytes)
    server = nginx(
        edge(
            f"""access_log FOLDER/logs/c.log c; personalize on; personalize_rules {rules(RULES)};
            proxy_pass http://127.0.0.1:{upstream.port};""",
            http="log_format c '$http_if_none_match $http_range $status';",
        )
    )
    ask(server, "/", {**CLIENTS["a link"], "If-None-Match": '"x"', "Range": "bytes=0-3"})
    log = server.folder / "logs/c.log"
    assert harness.wait_until(lambda: log.exists() and log.read_text(), "a line") == '\\x22x\\x22 bytes=0-3 206\n'


def test_headers_taken_out_of_any_place_come_back(nginx, origin, rules):
    """NGINX keeps the first twenty headers in one piece of memory: theirs may be in any."""
    server = nginx(
        edge(
            f"personalize on; personalize_rules {rules(RULES)}; proxy_pass http://127.0.0.1:{origin(server_of_bytes).port};"
        )
    )
    wanted = [("Accept", HTML), ("If-None-Match", '"x"'), ("Range", "bytes=10-19"), ("If-Range", ETAG)]
    requests = []
    for before in range(0, 45, 3):
        for between in (0, 1, 19, 20):
            fill = lambda n, count: [(f"X-{n}-{i}", "y") for i in range(count)]  # noqa: E731
            headers = fill("a", before)
            for n, pair in enumerate(wanted):
                headers += [pair, *fill(f"b{n}", between)]
            requests.append(request("/", dict(headers)))
    for answer in swarm(server, requests, parallel=8):
        assert (answer.status, answer.body) == (206, BYTES[10:20])
