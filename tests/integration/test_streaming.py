"""Pages stream: however they are cut, delayed, broken off or left unread."""
# Part: integration, sanitizers

import socket
import struct
import subprocess
import threading
import time
import zlib
from concurrent.futures import ThreadPoolExecutor

import pytest

import harness
from clients import Answer, ask, exchange, http2, read_all, request
from fake_redis import FakeRedis, after, profile_of
from shop import (
    GREETED,
    GREETING,
    HERO,
    PAGE,
    PROFILE_RULES,
    RULES,
    SHOW,
    edge,
    greeted,
    named,
    of_files,
    with_cards,
)

RICH_RULES = (
    RULES.replace(
        "rules:",
        """  items: { select: "li.item" }
  offer: { select: "p.offer" }
rules:""",
    )
    + """
  - { id: mark, slot: items, do: [ { add_class: hot }, { append: "<sup>!</sup>" } ] }
  - id: offer
    slot: offer
    do:
      - { set_attribute: { name: title, value: "a & \\"b\\"" } }
      - { before: "<hr>" }
      - { replace: "<p>10 %</p>" }
"""
)


@pytest.fixture
def shop(nginx, origin, rules):
    def start(handler, location="", server="", http="", text=RULES, **options):
        upstream = origin(handler)
        return nginx(
            edge(
                f"{SHOW} personalize on; personalize_rules {rules(text)}; {location}"
                f"proxy_pass http://127.0.0.1:{upstream.port};",
                server.replace("UPSTREAM", f"127.0.0.1:{upstream.port}"),
                http,
            ),
            **options,
        )

    return start


def head(length=None, *more):
    lines = ["HTTP/1.1 200 OK", "Content-Type: text/html", *more]
    if length is not None:
        lines.append(f"Content-Length: {length}")
    return "\r\n".join([*lines, "Connection: close"]).encode() + b"\r\n\r\n"


def pieces_of(path, page):
    """The pieces that a path asks for: /cut/17 is two pieces, /each/3 pieces of three bytes."""
    _, kind, number = path.split("/")
    size = int(number)
    if kind == "cut":
        return [page[:size], page[size:]]
    return [page[i : i + size] for i in range(0, len(page), size)]


@pytest.mark.parametrize("buffering", ["on", "off"])
def test_a_page_cut_anywhere_by_a_slow_origin_comes_out_the_same(shop, buffering):
    def slow(path, headers, send):
        send(head())
        for piece in pieces_of(path, PAGE):
            send(piece)
            time.sleep(0.002)

    server = shop(slow, f"proxy_buffering {buffering};", text=RICH_RULES)
    whole = ask(server, f"/each/{len(PAGE)}").body
    assert (
        GREETING in whole
        and whole.count(b"<sup>!</sup>") == 2
        and b"<hr><p>10 %</p>" in whole
        and b"No offer" not in whole
    )
    paths = [f"/cut/{i}" for i in range(1, len(PAGE))] + ["/each/1", "/each/2", "/each/3", "/each/7"]
    with ThreadPoolExecutor(24) as pool:
        for path, body in zip(paths, pool.map(lambda path: ask(server, path).body, paths)):
            assert body == whole, path


@pytest.mark.parametrize("size", [1, 2, 3, 5, 64])
def test_a_page_in_tiny_buffers_comes_out_the_same(shop, size):
    server = shop(
        lambda path, headers, send: send(head(len(PAGE)) + PAGE),
        f"proxy_buffer_size 512; proxy_buffers {max(4, 4096 // size)} {size}; proxy_busy_buffers_size 1024;",
        text=RICH_RULES,
    )
    whole = ask(server).body
    plain = shop(PAGE, text=RICH_RULES)
    assert ask(plain).body == whole
    assert GREETING in whole


def test_what_the_origin_flushed_reaches_the_visitor_before_the_rest(shop):
    go_on = threading.Event()
    first, rest = PAGE.split(b"<ul>")

    def handler(path, headers, send):
        send(head() + first)
        go_on.wait(harness.PATIENCE)
        send(b"<ul>" + rest)

    server = shop(handler, "proxy_buffering off;")
    expected = GREETED.split(b"<ul>")[0]
    with socket.create_connection(("127.0.0.1", server.port), timeout=harness.PATIENCE) as connection:
        connection.sendall(request(version="1.0"))
        received = b""
        while expected.rstrip() not in received:
            piece = connection.recv(65536)
            assert piece, received
            received += piece
        go_on.set()
        received += read_all(connection)
    assert Answer(received).body == GREETED


@pytest.mark.parametrize(
    "end",
    [
        b"",
        b"<",
        b"</",
        b"<di",
        b'<div id="he',
        b"<div id=hero",
        b"<div id=hero><p>",
        b"<!--",
        b"<!-- x -",
        b"<script>var x = '<div id=hero>",
        b"<![CDATA[",
        b"<title>",
        b"&amp",
        b"\xc3",
        b"<a href='",
        b"<!doctype",
        b"<textarea><div id=hero>",
    ],
)
def test_a_page_that_ends_in_the_middle_is_passed_on_as_it_came(shop, end):
    body = b"<!DOCTYPE html><p id=first>text</p>" + end
    server = shop(body)
    answer = ask(server)
    if end == b"<div id=hero><p>":
        assert answer.body in (body, body.replace(b"<p>", GREETING)) or answer.body.endswith(
            b"<div id=hero>" + GREETING
        )
    else:
        assert answer.body == body
    assert answer.complete and http2(server).body == answer.body


def test_a_page_that_the_origin_breaks_off_is_not_passed_off_as_whole(shop):
    cut = PAGE[: PAGE.index(b"<li")]
    server = shop(lambda path, headers, send: send(head(len(PAGE)) + cut), "proxy_buffering off;")
    answer = Answer(exchange(server.port, request()))
    assert GREETING in answer.raw
    assert not answer.complete
    whole = shop(PAGE)
    assert ask(whole).body == GREETED


def test_a_chunked_page_that_the_origin_breaks_off_is_not_passed_off_as_whole(shop):
    def handler(path, headers, send):
        send(head(None, "Transfer-Encoding: chunked") + b"%x\r\n" % 400 + PAGE[:100])

    answer = Answer(exchange(shop(handler, "proxy_http_version 1.1; proxy_buffering off;").port, request()))
    assert not answer.complete


BIG_PIECE = b"<div class=card><a href=/p/1>An article</a> and its <em>text</em></div>\n" * 200
BIG_COUNT = 5 * 1024 * 1024 // len(BIG_PIECE)
BIG = PAGE.replace(b"<ul>", BIG_PIECE * BIG_COUNT + b"<ul>")


@pytest.mark.parametrize(
    "location",
    [
        "proxy_buffering off;",
        "proxy_max_temp_file_size 0;",
        "proxy_buffers 4 4k; proxy_buffer_size 4k; " "proxy_busy_buffers_size 8k;",
    ],
)
def test_a_page_of_5_megabytes_needs_little_memory_in_the_worker(shop, location):
    server = shop(lambda path, headers, send: send(head() + BIG), location)
    expected = BIG.replace(HERO, GREETING)
    assert ask(server).body == expected
    before = server.idle_memory()
    with ThreadPoolExecutor(4) as pool:
        bodies = list(pool.map(lambda _: ask(server).body, range(4)))
    assert bodies == [expected] * 4
    if not harness.sanitized():
        assert server.memory() - before < 4000


MARK_RULES = RULES + "  - { id: mark, slot: items, do: { add_class: x } }\n"
MARK_RULES = MARK_RULES.replace("rules:", '  items: { select: "b.i" }\nrules:')
DENSE_PIECE = b"<b class=i>1</b>\n" * 1000


@pytest.mark.parametrize("buffering", ["off", "on"])
@pytest.mark.parametrize("kind", ["plain", "many edits", "gzip"])
def test_a_visitor_who_does_not_read_stops_the_origin_instead_of_filling_memory(shop, buffering, kind):
    piece = DENSE_PIECE if kind == "many edits" else BIG_PIECE
    sent, total = [0], 30 * 1024 * 1024 // len(piece)

    def handler(path, headers, send):
        if path == "/first":
            return send(head() + PAGE)
        packer = zlib.compressobj(1, wbits=31)
        pack = packer.compress if kind == "gzip" else lambda data: data
        send(head(None, *["Content-Encoding: gzip"] * (kind == "gzip")))
        send(pack(PAGE))
        for _ in range(total):
            send(pack(piece))
            sent[0] += 1
        send(packer.flush() if kind == "gzip" else b"")

    server = shop(handler, f"proxy_buffering {buffering}; proxy_max_temp_file_size 0;", text=MARK_RULES)
    ask(server, "/first")
    before = server.idle_memory()
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        connection.settimeout(harness.PATIENCE)
        connection.connect(("127.0.0.1", server.port))
        connection.sendall(request(version="1.0"))
        stalled = [-1, 0]

        def nothing_moves():
            stalled[:] = [sent[0], stalled[1] + 1 if stalled[0] == sent[0] and sent[0] else 0]
            return stalled[1] > 20

        harness.wait_until(nothing_moves, "the origin to be stopped")
        # The sockets between hold more than all of the compressed page: its origin need not be stopped.
        assert sent[0] < total or kind == "gzip"
        if not harness.sanitized():
            assert server.memory() - before < 4000
        received = read_all(connection)
    last = piece.replace(b"<b class=i>", b'<b class="i x">') if kind == "many edits" else piece
    assert received.endswith(GREETED + last * total)


def test_a_limited_rate_delivers_the_whole_page(shop):
    server = shop(
        lambda path, headers, send: send(head() + BIG[:300000]), "limit_rate 1m; limit_rate_after 64k;"
    )
    for get in (ask, http2):
        assert get(server).body == BIG[:300000].replace(HERO, GREETING)


def test_visitors_who_leave_in_any_phase_leave_nothing_behind(shop):
    go_on = threading.Event()

    def handler(path, headers, send):
        if path == "/before":
            go_on.wait(harness.PATIENCE)
        send(head())
        send(PAGE[:200])
        if path == "/within":
            go_on.wait(harness.PATIENCE)
        send(PAGE[200:])
        for _ in range(1000 if path == "/after" else 0):
            send(BIG_PIECE)

    store = FakeRedis(after(0.05, profile_of("Ann")))
    server = shop(
        handler,
        f"proxy_buffering off; personalize_redis {store.address}; personalize_visitor $http_x_visitor; "
        "personalize_deadline 60s;",
        text=PROFILE_RULES,
    )
    assert ask(server, "/ok", {"X-Visitor": "ann"}).body == named("Ann")
    files = server.open_files()
    for path in ("/before", "/within", "/after", "/ok"):
        for amount in (0, 1, 1000):
            with socket.create_connection(("127.0.0.1", server.port), timeout=harness.PATIENCE) as connection:
                connection.sendall(request(path, {"X-Visitor": "ann"}))
                if amount and path != "/before":
                    connection.recv(amount)
    go_on.set()
    harness.wait_until(lambda: server.connections() == 0, "all connections to be closed")
    harness.wait_until(lambda: server.open_files() <= files + 2, "all sockets to be closed")
    assert ask(server, "/ok", {"X-Visitor": "ann"}).body == named("Ann")
    store.stop()


def test_http_2_streams_that_are_reset_leave_nothing_behind(shop):
    def endless(path, headers, send):
        send(head() + PAGE)
        for _ in range(3000):
            send(BIG_PIECE)

    server = shop(endless, "proxy_buffering off;")
    running = [
        subprocess.Popen(
            ["curl", "-s", "--http2-prior-knowledge", f"http://127.0.0.1:{server.http2_port}/{i}"],
            stdout=subprocess.PIPE,
        )
        for i in range(5)
    ]
    for process in running:
        process.stdout.read(10)
        process.kill()
        process.stdout.close()
        process.wait()
    harness.wait_until(lambda: server.connections() == 0, "all connections to be closed")


def packets_of(server, page):
    """How many packets a page came in, as the client's kernel counted them."""
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(request("/"))
        assert Answer(read_all(connection)).body == page
        information = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
        return struct.unpack_from("=I", information, 152)[0]  # tcpi_data_segs_in of struct tcp_info


def test_a_page_that_comes_at_once_leaves_in_few_packets(shop):
    """NGINX hands it on in pieces of 8 kB."""
    page = with_cards(1000)
    server = shop(lambda path, headers, send: send(head(len(page)) + page))
    packets = [packets_of(server, greeted(page)) for _ in range(10)]
    assert min(packets) <= 3, packets


def test_bytes_that_are_in_a_file_only_are_missed_and_not_left_out_silently(nginx, rules):
    server = of_files(
        nginx, rules, "sendfile on;", page=with_cards(100), before=f"load_module {harness.BUILD}/back_to_file.so;"
    )
    answer = exchange(server.port, request("/page.html"))
    assert answer == b"" or not Answer(answer).complete
    assert "bytes that are in a file only" in server.log()
