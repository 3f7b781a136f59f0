"""Pages that name their encoding in their body only: it is still found when content is put in front of it."""
# Part: integration, sanitizers

import gzip
import socket
import threading

import pytest

import harness
from clients import Answer, ask, exchange, http2, read_all, request
from shop import SHOW, edge, of_files
from splicing import spliced

META = b"<meta charset=windows-1251>"
PAGE = (
    b"<!doctype html><html><head>" + META +
    b"<title>\xcc\xe0\xe3\xe0\xe7\xe8\xed</title></head><body><p id=p>\xcf</p></body></html>"
)
FILLER = "<script>/*" + "x" * 1500 + "*/</script>"


def filling(content, action="prepend", select="head"):
    return f"""
version: 1
slots:
  place: {{ select: "{select}" }}
rules:
  - {{ id: fill, slot: place, do: {{ {action}: "{content}" }} }}
"""


LONG, SHORT = filling(FILLER), filling("<script>1</script>")


@pytest.fixture
def shop(nginx, origin, rules):
    def start(page, text=LONG, content_type="text/html", location="", headers=()):
        handler = page if callable(page) else None
        start.origin = origin(
            handler or (lambda path, _, send: send(harness.html_response(page, *headers, content_type=content_type)))
        )
        return nginx(
            edge(
                f"{SHOW} personalize on; personalize_rules {rules(text)};"
                f"proxy_pass http://127.0.0.1:{start.origin.port}; {location}"
            )
        )

    return start


def filled(page, content=FILLER):
    return page.replace(b"<head>", b"<head>" + content.encode())


def test_a_declaration_that_content_pushes_too_far_is_said_in_the_header(shop):
    server = shop(PAGE)
    for answer in (ask(server), http2(server)):
        assert answer.header("Content-Type") == "text/html; charset=windows-1251"
        assert answer.body == filled(PAGE)


def test_a_spliced_page_says_so_too(nginx, rules):
    server = of_files(nginx, rules, text=LONG, page=PAGE)
    for _ in range(3):  # from the plan, then from recipes
        answer = spliced(server, "/page.html")
        assert answer.header("Content-Type") == "text/html; charset=windows-1251" and answer.body == filled(PAGE)
    head = ask(server, "/page.html", method="HEAD")
    assert head.header("Content-Type") == "text/html; charset=windows-1251"
    assert head.header("Content-Length") == str(len(answer.body))
    packed = spliced_gzip(server)
    assert packed.header("Content-Type") == "text/html; charset=windows-1251"


def spliced_gzip(server):
    found = []

    def is_there():
        found.append(ask(server, "/page.html", {"Accept-Encoding": "gzip"}))
        return found[-1].header("X-Path") in ("splice", "splice-gzip")

    harness.wait_until(is_there, "a spliced page")
    return found[-1]


@pytest.mark.parametrize("spliced_page", [False, True])
@pytest.mark.parametrize(
    "page, text",
    [
        (PAGE, SHORT),
        (PAGE, filling(FILLER, "append", "body")),
        (PAGE, filling(FILLER, "after", "meta")),
        (PAGE.replace(META, b""), LONG),
        (b"\xef\xbb\xbf" + PAGE, LONG),
        (PAGE.replace(META, b"<meta charset=klingon>"), LONG),
        (PAGE.replace(META, b"<!--" + b"x" * 1500 + b"-->" + META), LONG),
    ],
    ids=["short", "later", "after", "undeclared", "bom", "unknown", "too-late-anyway"],
)
def test_other_pages_keep_their_header(shop, nginx, rules, spliced_page, page, text):
    if spliced_page:
        answer = spliced(of_files(nginx, rules, text=text, page=page), "/page.html")
    else:
        answer = ask(shop(page, text))
    assert answer.body != page and answer.header("Content-Type") == "text/html"


@pytest.mark.parametrize(
    "sent, expected",
    [
        ("text/html; charset=koi8-r", "text/html; charset=koi8-r"),
        ("text/html;version=1", "text/html; charset=windows-1251"),
        ("text/html; charset=klingon", "text/html; charset=windows-1251"),
        ("text/html; charset=", "text/html; charset=windows-1251"),
    ],
)
def test_what_the_header_says_counts_if_browsers_know_it(shop, sent, expected):
    assert ask(shop(PAGE, content_type=sent)).header("Content-Type") == expected


@pytest.mark.parametrize(
    "declaration, charset",
    [
        (b"<meta http-equiv='Content-Type' content='text/html; charset=Big5'>", "big5"),
        (b"<META CHARSET=' UTF-8 '>", "utf-8"),
        (b"<meta charset=utf-16>", "utf-8"),
    ],
)
def test_every_way_to_declare_an_encoding_counts(shop, declaration, charset):
    page = PAGE.replace(META, declaration)
    assert ask(shop(page)).header("Content-Type") == f"text/html; charset={charset}"


def test_a_declaration_that_a_rule_removes_is_said_in_the_header(shop, nginx, rules):
    text = filling("<meta name=robots content=none>", "replace", "meta")
    for answer in (ask(shop(PAGE, text)), spliced(of_files(nginx, rules, text=text, page=PAGE), "/page.html")):
        assert META not in answer.body and answer.header("Content-Type") == "text/html; charset=windows-1251"


def test_a_packed_page_is_read_as_well(shop):
    answer = ask(shop(gzip.compress(PAGE), headers=["Content-Encoding: gzip"]), headers={"Accept-Encoding": "gzip"})
    body = gzip.decompress(answer.body) if answer.header("Content-Encoding") == "gzip" else answer.body
    assert body == filled(PAGE) and answer.header("Content-Type") == "text/html; charset=windows-1251"


@pytest.mark.parametrize("buffering", ["on", "off"])
@pytest.mark.parametrize("size", [1, 7, 40])
def test_a_page_in_small_pieces_waits_for_its_declaration_only(shop, buffering, size):
    go_on = threading.Event()
    until = PAGE.index(b"<title>")

    def handler(path, headers, send):
        send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n")
        for at in range(0, until, size):
            send(PAGE[at : min(at + size, until)])
        if buffering == "off":
            go_on.wait(harness.PATIENCE)
        send(PAGE[until:])

    server = shop(handler, location=f"proxy_buffering {buffering}; proxy_buffer_size 1k;")
    with socket.create_connection(("127.0.0.1", server.port), timeout=harness.PATIENCE) as connection:
        connection.sendall(request(version="1.0"))
        received = b""
        while META not in received:
            piece = connection.recv(65536)
            assert piece, received
            received += piece
        go_on.set()
        received += read_all(connection)
    answer = Answer(received)
    assert answer.header("Content-Type") == "text/html; charset=windows-1251" and answer.body == filled(PAGE)


@pytest.mark.parametrize("buffering", ["on", "off"])
@pytest.mark.parametrize("start", [b"", b"<!doctype html><p>a</p>"], ids=["at-once", "later"])
def test_a_page_that_breaks_off_before_anything_is_known_still_has_a_header(shop, buffering, start):
    def handler(path, headers, send):
        send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 500\r\n\r\n" + start)

    answer = Answer(exchange(shop(handler, location=f"proxy_buffering {buffering};").port, request()))
    assert answer.status == 200 and start in answer.body and not answer.complete


def test_a_visitor_who_leaves_before_anything_is_known_harms_nobody(shop):
    arrived, gone = threading.Event(), threading.Event()

    def handler(path, headers, send):
        if path != "/slow":
            return send(harness.html_response(PAGE, content_type="text/html"))
        send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<!doctype html>")
        arrived.set()
        gone.wait(harness.PATIENCE)
        send(PAGE)

    server = shop(handler, location="proxy_buffering off;")
    with socket.create_connection(("127.0.0.1", server.port), timeout=harness.PATIENCE) as connection:
        connection.sendall(request("/slow"))
        assert arrived.wait(harness.PATIENCE)
    gone.set()
    assert ask(server).body == filled(PAGE)


@pytest.mark.parametrize("page", [b"", b"<", b"<p>", b"x" * 1023, b"x" * 1024, b"x" * 1025])
def test_short_pages_are_whole(shop, page):
    answer = ask(shop(page))
    assert answer.status == 200 and answer.complete and answer.body.endswith(page)


def test_head_does_not_wait(shop):
    answer = ask(shop(PAGE), method="HEAD")
    assert answer.status == 200 and answer.header("Content-Type") == "text/html"


@pytest.mark.parametrize("http_version", ["1.1", "2"])
@pytest.mark.parametrize("more", ["", "gzip on; gzip_types *;", "limit_rate 2000;", "chunked_transfer_encoding off;"])
def test_other_filters_wait_too(nginx, origin, rules, http_version, more):
    """The page is assembled by SSI and lengthened by `addition`; parts of it come late."""
    parts = {"/head": b"<!doctype html><html><head>", "/meta": META, "/foot": b"<footer>f</footer>"}

    def handler(path, headers, send):
        if path in parts:
            return send(harness.html_response(parts[path], content_type="text/html"))
        body = b'<!--# include virtual="/head" --><!--# include virtual="/meta" --><title>t</title><p>\xcf</p>'
        send(harness.html_response(body, content_type="text/html"))

    upstream = origin(handler)
    server = nginx(
        edge(
            f"{SHOW} ssi on; add_after_body /foot; personalize on; personalize_rules {rules(LONG)};"
            f"proxy_pass http://127.0.0.1:{upstream.port}; {more}"
        )
    )
    answer = ask(server) if http_version == "1.1" else http2(server)
    whole = b"<!doctype html><html><head>" + FILLER.encode() + META + b"<title>t</title><p>\xcf</p>" + parts["/foot"]
    assert answer.body == whole and answer.header("Content-Type") == "text/html; charset=windows-1251"
