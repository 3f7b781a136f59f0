"""Pages from every source and in every form NGINX can send them come out right."""
# Part: integration, sanitizers

import gzip
import zlib
from http.client import HTTPConnection

import pytest

import harness
from clients import Answer, ask, exchange, http2, request
from shop import GREETED, HERO, PAGE, RULES, SHOW, edge

BIG = PAGE.replace(b"</ul>", b"<li class=item>An article of the shop, nothing special\n" * 4000 + b"</ul>")
BIG_GREETED = BIG.replace(HERO, b"<b>Hello you</b>")


def by_path(answers):
    """An origin's handler from {path: raw response}."""
    return lambda path, headers, send: send(answers[path])


def raw(body, *headers, status="200 OK", version="1.1", length=True):
    lines = [f"HTTP/{version} {status}", "Content-Type: text/html", *headers]
    if length:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "Connection: close"]).encode() + b"\r\n\r\n" + body


def chunked(body, size):
    pieces = [body[i : i + size] for i in range(0, len(body), size)] + [b""]
    return raw(
        b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in pieces), "Transfer-Encoding: chunked", length=False
    )


@pytest.fixture
def shop(nginx, origin, rules):
    """shop(handler or body, location, server, http) → a personalizing NGINX in front of an origin."""

    def start(handler, location="", server="", http=""):
        upstream = origin(handler)
        return nginx(
            edge(
                f"{SHOW} personalize on; personalize_rules {rules(RULES)}; {location}"
                f"proxy_pass http://127.0.0.1:{upstream.port};",
                server.replace("UPSTREAM", f"127.0.0.1:{upstream.port}"),
                http,
            )
        )

    return start


@pytest.fixture
def files(nginx, rules):
    """files(location) → a personalizing NGINX that serves files."""

    def start(location="", **options):
        server = nginx(
            edge(f"{SHOW} root FOLDER/html; personalize on; personalize_rules {rules(RULES)}; {location}"),
            **options,
        )
        server.file("page.html", PAGE, 1700000000)
        server.file("big.html", BIG, 1700000000)
        server.file("page.txt", PAGE, 1700000000)
        server.file("empty.html", b"", 1700000000)
        return server

    return start


@pytest.mark.parametrize("body, expected", [(PAGE, GREETED), (BIG, BIG_GREETED)], ids=["small", "big"])
@pytest.mark.parametrize("buffering", ["on", "off"])
def test_a_proxied_page_is_personalized(shop, body, expected, buffering):
    answer = ask(shop(body, f"proxy_buffering {buffering};"))
    assert answer.status == 200 and answer.complete
    assert answer.body == expected
    assert answer.header("X-Decisions") == "[hero=greeting]"
    assert answer.header("X-Skipped") == "[]"


@pytest.mark.parametrize("size", [1, 7, 1000, 100000])
def test_a_chunked_page_is_personalized(shop, size):
    answer = ask(shop(lambda path, headers, send: send(chunked(PAGE, size)), "proxy_http_version 1.1;"))
    assert answer.complete and answer.body == GREETED


def test_a_page_without_a_length_ends_with_its_connection(shop):
    server = shop(lambda path, headers, send: send(raw(PAGE, version="1.0", length=False)))
    answer = ask(server)
    assert answer.complete and answer.body == GREETED


def test_http_1_0_clients_get_the_page_until_the_connection_closes(shop):
    answer = ask(shop(PAGE), version="1.0")
    assert answer.header("Transfer-Encoding") is None
    assert answer.complete and answer.body == GREETED


@pytest.mark.parametrize(
    "body, expected", [(PAGE, GREETED), (BIG, BIG_GREETED), (b"", b"")], ids=["small", "big", "empty"]
)
def test_http_2_clients_get_the_page(shop, body, expected):
    answer = http2(shop(body))
    assert answer.version == "HTTP/2" and answer.body == expected


def test_keepalive_and_pipelined_requests_each_get_their_page(shop):
    server = shop(lambda path, headers, send: send(raw(PAGE.replace(b"One", path.encode()))))
    paths = [f"/{i}" for i in range(20)]
    data = b"".join(request(path, close=False) for path in paths[:-1]) + request(paths[-1])
    rest = exchange(server.port, data)
    for path in paths:
        expected = GREETED.replace(b"One", path.encode())
        head, _, rest = rest.partition(b"\r\n\r\n")
        if b"chunked" in head.lower():
            body, _, rest = rest.partition(b"\r\n0\r\n\r\n")
        else:
            body, rest = rest[: len(expected)], rest[len(expected) :]
        assert expected in body or Answer(head + b"\r\n\r\n" + body + b"\r\n0\r\n\r\n").body == expected, path
    assert rest == b""


def test_head_has_the_headers_of_get_and_no_body(shop):
    server = shop(lambda path, headers, send: send(raw(PAGE)))
    head, get = ask(server, method="HEAD"), ask(server)
    assert head.body == b"" and get.body == GREETED
    ignored = {"date", "connection", "x-time", "transfer-encoding", "content-length"}
    keep = lambda answer: [h for h in answer.header_list if h[0].lower() not in ignored]  # noqa: E731
    assert keep(head) == keep(get)
    assert head.header("Content-Length") in (None, str(len(GREETED)))


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_an_empty_page_stays_empty(shop, version):
    answer = ask(shop(b""), version=version)
    assert answer.complete and (answer.status, answer.body) == (200, b"")


@pytest.mark.parametrize(
    "status, reason, body",
    [
        (204, "No Content", b""),
        (301, "Moved", PAGE),
        (404, "Not Found", PAGE),
        (500, "Error", PAGE),
        (503, "Busy", PAGE),
        (201, "Created", PAGE),
        (203, "Proxied", PAGE),
    ],
)
def test_only_status_200_is_personalized(shop, status, reason, body):
    server = shop(
        lambda path, headers, send: send(
            raw(body, "Location: /else", status=f"{status} {reason}", length=bool(body))
        )
    )
    answer = ask(server)
    assert (answer.status, answer.body) == (status, body)
    assert answer.header("X-Decisions") == "[]"
    assert answer.header("X-Skipped") != "[]"


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/json", "image/png", "text/html-sandboxed", ""]
)
def test_only_configured_types_are_personalized(shop, content_type):
    line = f"Content-Type: {content_type}\r\n" if content_type else ""
    server = shop(
        lambda path, headers, send: send(
            f"HTTP/1.1 200 OK\r\n{line}Content-Length: {len(PAGE)}\r\n\r\n".encode() + PAGE
        )
    )
    answer = ask(server)
    assert answer.body == PAGE and answer.complete
    assert answer.header("Content-Length") == str(len(PAGE))


@pytest.mark.parametrize("sendfile", ["on", "off"])
@pytest.mark.parametrize(
    "more",
    [
        "",
        "aio threads;",
        "directio 512; output_buffers 2 4k;",
        "aio threads; directio 512;",
        "output_buffers 1 512;",
        "sendfile_max_chunk 4k;",
        "tcp_nopush on;",
    ],
)
def test_files_are_personalized(files, sendfile, more):
    server = files(f"sendfile {sendfile}; {more}")
    for path, expected in (
        ("/page.html", GREETED),
        ("/big.html", BIG_GREETED),
        ("/page.txt", PAGE),
        ("/empty.html", b""),
    ):
        answer = ask(server, path)
        assert answer.complete and answer.body == expected, path
        assert http2(server, path).body == expected, path


def test_files_from_open_file_cache_and_index_are_personalized(files):
    server = files("open_file_cache max=10; index page.html;")
    for _ in range(3):
        assert ask(server, "/").body == GREETED
        assert ask(server, "/big.html").body == BIG_GREETED


CACHE = "proxy_cache_path FOLDER/temp/cache keys_zone=pages:1m;"


@pytest.mark.parametrize(
    "more",
    [
        "",
        "sendfile on;",
        "aio threads;",
        "proxy_buffering on; proxy_buffers 4 1k; proxy_buffer_size 1k; " "proxy_busy_buffers_size 2k;",
    ],
)
def test_a_page_is_personalized_from_the_cache_and_the_cache_holds_the_plain_page(shop, more):
    asked = []

    def handler(path, headers, send):
        asked.append(path)
        send(raw(BIG, "Cache-Control: max-age=60", 'ETag: "v1"'))

    cached = "proxy_cache pages; add_header X-Cache $upstream_cache_status;"
    server = shop(
        handler,
        cached + more,
        f"location = /plain {{ {cached} proxy_cache_key k; proxy_pass http://UPSTREAM; }}",
        CACHE + "",
    )
    states = []
    for _ in range(3):
        answer = ask(server)
        states.append(answer.header("X-Cache"))
        assert answer.complete and answer.body == BIG_GREETED
        assert "private" in answer.header("Cache-Control")
    assert states == ["MISS", "HIT", "HIT"] and asked == ["/"]
    stored = [p.read_bytes() for p in (server.folder / "temp/cache").rglob("*") if p.is_file()]
    assert len(stored) == 1 and stored[0].endswith(b"\r\n\r\n" + BIG)


def test_stale_and_revalidated_cache_entries_are_personalized(shop):
    def handler(path, headers, send):
        if "if-none-match" in headers:
            send(b'HTTP/1.1 304 Not Modified\r\nETag: "v1"\r\nConnection: close\r\n\r\n')
        else:
            send(raw(PAGE, "Cache-Control: max-age=0", 'ETag: "v1"'))

    server = shop(
        handler,
        "proxy_cache pages; proxy_cache_revalidate on; proxy_cache_valid 200 1s; "
        "proxy_ignore_headers Cache-Control; add_header X-Cache $upstream_cache_status;",
        http=CACHE,
    )
    seen = set()
    harness.wait_until(
        lambda: (answer := ask(server)).body == GREETED
        and seen.add(answer.header("X-Cache"))
        or "REVALIDATED" in seen,
        "a revalidated page",
    )
    assert ask(server).body == GREETED


@pytest.mark.parametrize("body, expected", [(PAGE, GREETED), (BIG, BIG_GREETED)], ids=["small", "big"])
@pytest.mark.parametrize("accept", [None, "gzip", "gzip;q=0, identity"])
def test_a_page_that_comes_compressed_is_personalized(shop, body, expected, accept):
    server = shop(lambda path, headers, send: send(raw(gzip.compress(body), "Content-Encoding: gzip")))
    answer = ask(server, headers={"Accept-Encoding": accept} if accept else {})
    assert answer.complete
    assert (
        gzip.decompress(answer.body) if answer.header("Content-Encoding") == "gzip" else answer.body
    ) == expected
    assert answer.header("X-Decisions") == "[hero=greeting]"
    if accept != "gzip":
        assert answer.header("Content-Encoding") is None


def test_a_compressed_page_goes_out_compressed_again_where_gzip_is_on(shop):
    server = shop(
        lambda path, headers, send: send(raw(gzip.compress(BIG), "Content-Encoding: gzip")),
        "gzip on; gzip_proxied any; gzip_vary on;",
    )
    answer = ask(server, headers={"Accept-Encoding": "gzip"})
    assert answer.header("Content-Encoding") == "gzip"
    assert gzip.decompress(answer.body) == BIG_GREETED
    assert "Accept-Encoding" in answer.header("Vary")
    assert ask(server).body == BIG_GREETED


def test_a_compressed_page_is_personalized_from_the_cache(shop):
    server = shop(
        lambda path, headers, send: send(
            raw(gzip.compress(BIG), "Content-Encoding: gzip", "Cache-Control: max-age=60")
        ),
        "proxy_cache pages;",
        http=CACHE,
    )
    for _ in range(2):
        assert ask(server).body == BIG_GREETED


def test_a_plain_page_is_compressed_after_it_was_personalized(shop):
    server = shop(BIG, "gzip on; gzip_proxied any; gzip_http_version 1.0;")
    for get in (ask, http2):
        answer = get(server, headers={"Accept-Encoding": "gzip"})
        assert gzip.decompress(answer.body) == BIG_GREETED


def test_gunzip_and_gzip_static_work_beside_it(files):
    server = files("gzip_static always; gunzip on;")
    server.file("packed.html.gz", gzip.compress(PAGE))
    assert ask(server, "/packed.html").body == GREETED
    answer = ask(server, "/packed.html", {"Accept-Encoding": "gzip"})
    assert (gzip.decompress(answer.body) if answer.header("Content-Encoding") else answer.body) == GREETED


@pytest.mark.parametrize(
    "encoding, body",
    [("compress", b"\x1f\x9d\x90rr"), ("zstd", b"\x28\xb5\x2f\xfd"), ("gzip, zstd", b"x" * 50), ("x-unknown", PAGE)],
)
def test_an_encoding_that_cannot_be_read_passes_untouched_with_a_reason(shop, encoding, body):
    server = shop(lambda path, headers, send: send(raw(body, f"Content-Encoding: {encoding}", 'ETag: "v1"')))
    answer = ask(server, headers={"Accept-Encoding": encoding})
    assert answer.body == body and answer.header("Content-Encoding") == encoding
    assert answer.header("ETag") == '"v1"'
    assert "encoding" in answer.header("X-Skipped")


@pytest.mark.parametrize(
    "broken",
    [
        b"this is not gzip at all",
        gzip.compress(PAGE)[:40],
        gzip.compress(PAGE)[:-4],
        gzip.compress(PAGE)[:60] + b"\xff" * 60,
        b"",
        b"\x1f",
    ],
)
def test_broken_gzip_harms_nobody(shop, broken):
    server = shop(
        lambda path, headers, send: send(raw(broken, "Content-Encoding: gzip") if path == "/" else raw(PAGE))
    )
    for version in ("1.0", "1.1"):
        exchange(server.port, request("/", version=version))
    assert ask(server, "/good").body == GREETED


def test_gzip_members_and_trailing_zeros_are_read_like_browsers_do(shop):
    halves = gzip.compress(PAGE[:300]) + gzip.compress(PAGE[300:])
    server = shop(
        by_path(
            {
                "/members": raw(halves, "Content-Encoding: gzip"),
                "/x": raw(gzip.compress(PAGE), "Content-Encoding: x-gzip"),
            }
        )
    )
    assert ask(server, "/members").body == GREETED
    answer = ask(server, "/x")
    assert answer.body == GREETED or "encoding" in answer.header("X-Skipped")


def test_a_gzip_bomb_streams_within_bounded_memory(shop):
    size = 100 * 1024 * 1024
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(
        [
            packer.compress(PAGE),
            *(packer.compress(b" " * (1 << 20)) for _ in range(size >> 20)),
            packer.flush(),
        ]
    )
    server = shop(
        lambda path, headers, send: send(raw(bomb, "Content-Encoding: gzip")), "proxy_buffering on;"
    )
    before = server.idle_memory()
    connection = HTTPConnection("127.0.0.1", server.port, timeout=harness.PATIENCE)
    connection.request("GET", "/")
    response, received, most = connection.getresponse(), 0, 0
    while piece := response.read(1 << 20):
        received += len(piece)
        if received % (10 << 20) < 1 << 20:
            most = max(most, server.memory() - before)
    assert received == len(GREETED) + size
    assert most < (200000 if harness.sanitized() else 16000), f"{most} kB"
