"""Hostile and strange clients: nothing they send disturbs the next visitor."""
# Part: integration, sanitizers

import random
import socket
import struct

import pytest

import harness
from clients import ask, exchange, request
from shop import PAGE, PROFILE_RULES, STRANGER, named, profiles


@pytest.fixture
def shop(nginx, origin, rules, redis):
    redis.profile("ann", first_name="Ann")
    return lambda: nginx(
        profiles(
            origin(PAGE), f"unix:{redis.socket}", rules(PROFILE_RULES), location="personalize_deadline 60s;"
        )
    )


def assert_well(server):
    assert ask(server, headers={"X-Visitor": "ann"}).body == named("Ann")


def test_random_bytes_for_headers(shop):
    server, source = shop(), random.Random(11)
    names = [
        b"Cookie",
        b"Accept-Encoding",
        b"Accept-Language",
        b"User-Agent",
        b"Referer",
        b"X-Visitor",
        b"Host",
        b"Range",
        b"If-None-Match",
        b"If-Modified-Since",
        b"Accept",
        b"Sec-Fetch-Dest",
        b"Sec-CH-UA",
        b"Sec-CH-UA-Platform",
        b"X-Forwarded-For",
        b"Connection",
        b"TE",
        b"Expect",
    ]
    values = [
        b"",
        b" ",
        b"\x80\xff\xfe",
        b"=" * 100,
        b";" * 500,
        b"a=b;" * 700,
        b",".join([b"gzip;q=0.5"] * 300),
        b"%00%ff%zz",
        b'"' * 99,
        b"bytes=0-,5-,-3",
        b"bytes=" + b"0-1," * 500,
        b"*",
        b"W/",
        b"Mon, 99 Foo 0000",
        b"en-" * 500,
        b"{" * 40,
        b"9" * 300,
        b"-1",
        b"\t\x0b\x0c",
        b"a" * 7000,
        b"x/" * 900,
        b"xn--" * 30,
        b"[::1",
        b"\xc3\x28",
        b"?1",
        b'"Chrome";v="' + b"1" * 200,
    ]
    for _ in range(400):
        lines = [
            b"GET /%d?%s HTTP/1.1"
            % (
                source.randrange(9),
                bytes(source.choice(b"&=%+;abc\xff") for _ in range(source.randrange(30))),
            )
        ]
        lines += [source.choice(names) + b": " + source.choice(values) for _ in range(source.randrange(8))]
        with socket.create_connection(("127.0.0.1", server.port), timeout=harness.PATIENCE) as connection:
            connection.sendall(
                b"\r\n".join([*lines, b"Host: shop.example", b"Connection: close"]) + b"\r\n\r\n"
            )
            first = connection.recv(20)
            assert first.startswith(b"HTTP/1.1 "), first
    assert_well(server)


def test_requests_of_random_bytes(shop):
    server, source = shop(), random.Random(12)
    good = request("/", {"X-Visitor": "ann", "Cookie": "a=b"})
    for _ in range(300):
        data = bytearray(good)
        for _ in range(source.randrange(1, 6)):
            data[source.randrange(len(data))] = source.randrange(256)
        with socket.create_connection(("127.0.0.1", server.port), timeout=harness.PATIENCE) as connection:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):
                pass
    assert_well(server)


def test_a_cookie_of_many_kilobytes(shop):
    server = shop()
    for size in (1000, 7000, 7900, 30000, 70000):
        answer = exchange(server.port, request("/", {"Cookie": "c=" + "x" * size, "X-Visitor": "ann"}))
        assert answer.startswith((b"HTTP/1.1 200", b"HTTP/1.1 400"))
    assert_well(server)


def test_a_thousand_cookies(shop):
    server = shop()
    cookies = "; ".join(f"c{i}=v" for i in range(600))
    assert ask(server, headers={"Cookie": cookies, "X-Visitor": "ann"}).body == named("Ann")


def test_two_visitor_headers_are_nobody_or_one_of_them_but_no_mixture(shop, redis):
    data = request("/", {"X-Visitor": "ann"}).replace(b"X-Visitor: ann", b"X-Visitor: ann\r\nX-Visitor: bob")
    assert named("Ann") in exchange(shop().port, data) or STRANGER in exchange(shop().port, data)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "PROPFIND", "FOO"])
def test_other_methods_get_an_answer(shop, method):
    server = shop()
    assert exchange(
        server.port, request("/", {"X-Visitor": "ann", "Content-Length": "0"}, method=method)
    ).startswith(b"HTTP/1.1 ")
    assert_well(server)


def test_pipelined_requests_of_different_visitors_keep_apart(shop, redis):
    visitors = [f"v{i}" for i in range(30)]
    for visitor in visitors:
        redis.profile(visitor, first_name=f"Name-{visitor}-")
    server = shop()
    data = b"".join(request("/", {"X-Visitor": v}, close=False) for v in visitors[:-1]) + request(
        "/", {"X-Visitor": visitors[-1]}
    )
    answers = exchange(server.port, data)
    places = [answers.find(f"Hello Name-{visitor}-<".encode()) for visitor in visitors]
    assert -1 not in places and places == sorted(places)
    assert answers.count(b"HTTP/1.1 200") == len(visitors)


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def literal(name, value):
    return b"\x00" + bytes([len(name)]) + name + bytes([len(value)]) + value


def headers_frame(stream, visitor=b"ann", path=b"/"):
    block = (
        b"\x82\x86"
        + literal(b":path", path)
        + literal(b":authority", b"shop.example")
        + literal(b"x-visitor", visitor)
    )
    return frame(1, 5, stream, block)


PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0)


def test_http_2_streams_reset_at_once_and_in_numbers(shop):
    server = shop()
    for order in range(4):
        with socket.create_connection(("127.0.0.1", server.http2_port), timeout=harness.PATIENCE) as connection:
            connection.sendall(PREFACE)
            for stream in range(1, 200, 2):
                connection.sendall(headers_frame(stream))
                if order < 3:
                    connection.sendall(frame(3, 0, stream, struct.pack(">I", 8)))
            if order == 1:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            if order >= 2:
                connection.recv(100)
    assert_well(server)
    harness.wait_until(lambda: server.connections() == 0, "all connections to be closed")


def test_http_2_windows_that_stay_shut_hold_no_worker_up(shop):
    server = shop()
    with socket.create_connection(("127.0.0.1", server.http2_port), timeout=harness.PATIENCE) as connection:
        connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, struct.pack(">HI", 4, 1)))
        for stream in range(1, 40, 2):
            connection.sendall(headers_frame(stream))
        for _ in range(50):
            assert_well(server)
        for stream in range(1, 20, 2):
            connection.sendall(frame(8, 0, stream, struct.pack(">I", 100)))
        assert_well(server)
    harness.wait_until(lambda: server.connections() == 0, "all connections to be closed")


def test_http_2_streams_of_one_moment_each_get_their_visitor(shop, redis):
    streams = range(1, 100, 2)
    for stream in streams:
        redis.profile(f"v{stream}", first_name=f"Name-v{stream}-")
    server, bodies, over = shop(), {stream: b"" for stream in streams}, set()
    with socket.create_connection(("127.0.0.1", server.http2_port), timeout=harness.PATIENCE) as connection:
        connection.sendall(PREFACE + b"".join(headers_frame(stream, b"v%d" % stream) for stream in streams))
        reader = connection.makefile("rb")
        while over != set(streams):
            head = reader.read(9)
            payload = reader.read(int.from_bytes(head[:3], "big"))
            kind, flags, stream = head[3], head[4], int.from_bytes(head[5:], "big")
            assert kind not in (3, 7), "a reset or a farewell"
            if kind == 0:
                bodies[stream] += payload
            if kind in (0, 1) and flags & 1:
                over.add(stream)
    assert bodies == {stream: named(f"Name-v{stream}-") for stream in streams}
