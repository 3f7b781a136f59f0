"""Pages that come again: from files and from the cache, changed in between or not."""

import gzip
import os
import random
import socket

import pytest

import harness
from clients import ask, http2, request, swarm
from shop import CARD, GREETED, GREETING, HERO, PAGE, QUERIES, RICH_RULES, RULES, SHOW, edge, greeted, with_cards

BIG = with_cards(3000)
CACHE = "proxy_cache_path FOLDER/temp/cache keys_zone=pages:1m;"


@pytest.fixture
def files(nginx, rules):
    def start(location="", text=RULES, **options):
        return nginx(
            edge(f"{SHOW} root FOLDER/html; personalize on; personalize_rules {rules(text)}; {location}"),
            **options,
        )

    return start


def test_every_visitor_s_edits_come_out_as_the_first_time(nginx, origin, rules):
    page = BIG.replace(b"<ul>", b"<table><tr><td>1<td>2</table><ul>") + b"<p class=offer>last"
    upstream, path = origin(page), rules(RICH_RULES)
    on = f"personalize on; personalize_rules {path};"
    server = nginx(
        edge(
            f"{on} proxy_pass http://127.0.0.1:{upstream.port};",
            f"""
        location /file/ {{ alias FOLDER/html/; {on} }}
        location /cache/ {{ proxy_cache pages; proxy_cache_valid 200 1h; proxy_cache_key one; {on}
                            proxy_pass http://127.0.0.1:{upstream.port}; }}""",
            CACHE,
        )
    )
    server.file("page.html", page)
    queries = ["z=1", "c=1&g=1", *QUERIES]
    fresh = {query: ask(server, f"/?{query}").body for query in queries}
    assert len(set(fresh.values())) == len(queries) and fresh["z=1"] == page
    order = random.Random(5).choices(queries, k=70)
    for query in order[:25]:
        assert ask(server, f"/file/page.html?{query}").body == fresh[query], query
        assert ask(server, f"/cache/?{query}").body == fresh[query], query
        assert http2(server, f"/file/page.html?{query}").body == fresh[query], query
    for place in ("/file/page.html", "/cache/"):
        answers = swarm(server, [request(f"{place}?{query}") for query in order], parallel=16)
        for query, answer in zip(order, answers):
            assert answer.body == fresh[query], (place, query)


@pytest.mark.parametrize("sendfile", ["on", "off"])
@pytest.mark.parametrize(
    "how", ["replaced", "overwritten", "overwritten with its old times", "longer", "shorter"]
)
def test_a_changed_file_shows_at_once(files, how, sendfile):
    server = files(f"sendfile {sendfile};")
    path = server.file("page.html", BIG, 1700000000)
    for _ in range(4):
        assert ask(server, "/page.html").body == greeted(BIG)
    times = os.stat(path)
    other = {"longer": BIG + CARD * 50, "shorter": BIG.replace(CARD * 3000, CARD * 10)}.get(
        how, BIG.replace(b"One", b"Uno")
    )
    if how == "replaced":
        (path.parent / "new.html").write_bytes(other)
        os.replace(path.parent / "new.html", path)
    else:
        path.write_bytes(other)
    if how == "overwritten with its old times":
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    for _ in range(4):
        assert ask(server, "/page.html").body == greeted(other)


def test_a_file_that_changes_all_the_time_is_never_shown_as_it_was_before(files):
    server = files()
    path = server.file("page.html", PAGE)
    for i in range(60):
        page = PAGE.replace(b"One", b"%03d" % i)
        path.write_bytes(page)
        for _ in range(2):
            assert ask(server, "/page.html").body == greeted(page), i


def test_a_file_that_goes_away_is_gone(files):
    server = files()
    path = server.file("page.html", PAGE)
    for _ in range(4):
        assert ask(server, "/page.html").body == GREETED
    path.unlink()
    assert ask(server, "/page.html").status == 404


def test_files_of_the_same_size_and_time_are_told_apart(files):
    server = files()
    pages = {f"p{i}.html": PAGE.replace(b"One", b"%03d" % i) for i in range(50)}
    for name, page in pages.items():
        server.file(name, page, 1700000000)
    for _ in range(3):
        for name, page in pages.items():
            assert ask(server, f"/{name}").body == greeted(page)


def test_a_cached_page_that_was_fetched_anew_shows_at_once(nginx, origin, rules):
    pages = [BIG.replace(b"One", b"%03d" % i) for i in range(4)]
    current = [0]
    upstream = origin(lambda path, headers, send: send(harness.html_response(pages[current[0]])))
    server = nginx(
        edge(
            f"""personalize on; personalize_rules {rules(RULES)};
        proxy_cache pages; proxy_cache_valid 200 1h; proxy_cache_bypass $arg_new;
        proxy_cache_key one; proxy_pass http://127.0.0.1:{upstream.port};""",
            http=CACHE,
        )
    )
    for i, page in enumerate(pages):
        current[0] = i
        assert ask(server, "/?new=1").body == greeted(page)
        for _ in range(4):
            assert ask(server, "/").body == greeted(page)


def test_the_same_file_with_other_rules_is_another_page(nginx, rules):
    other = rules(RULES.replace("Hello you", "Other rules"))
    server = nginx(
        edge(
            f"alias FOLDER/html/; personalize on; personalize_rules {rules(RULES)};",
            f"location /other/ {{ alias FOLDER/html/; personalize on; personalize_rules {other}; }}"
            "location /off/ { alias FOLDER/html/; personalize off; }",
        )
    )
    server.file("page.html", BIG)
    for _ in range(4):
        assert ask(server, "/page.html").body == greeted(BIG)
        assert ask(server, "/other/page.html").body == BIG.replace(HERO, b"<b>Other rules</b>")
        assert ask(server, "/off/page.html").body == BIG


def test_a_partial_range_of_another_type_and_head_are_not_disturbed(files):
    server = files("default_type text/plain;")
    server.file("page.html", BIG)
    server.file("page.txt", BIG)
    for _ in range(3):
        assert ask(server, "/page.html").body == greeted(BIG)
        assert ask(server, "/page.html", method="HEAD").body == b""
        assert ask(server, "/page.html", version="1.0").body == greeted(BIG)
        assert ask(server, "/page.txt", {"Range": "bytes=100-199"}).body == BIG[100:200]
        assert ask(server, "/page.txt").body == BIG


def test_compressed_answers_of_pages_that_come_again_are_right(files):
    server = files("gzip on; gzip_http_version 1.0;")
    server.file("page.html", BIG)

    for _ in range(4):
        assert gzip.decompress(ask(server, "/page.html", {"Accept-Encoding": "gzip"}).body) == greeted(BIG)
        assert ask(server, "/page.html").body == greeted(BIG)


def test_many_large_pages_do_not_fill_the_worker(files):
    server = files()
    page = BIG.replace(b"<ul>", CARD * 15000 + b"<ul>")
    for i in range(60):
        server.file(f"p{i}.html", page.replace(b"Shop", b"Sho%02d" % i))
    ask(server, "/p0.html")
    for _ in range(4):
        for i in range(60):
            assert ask(server, f"/p{i}.html").body.count(GREETING) == 1
    if not harness.sanitized():
        assert server.memory() < 150_000, "60 pages of a megabyte"


def test_visitors_who_stop_reading_a_page_from_memory_do_not_keep_others_waiting(files):
    server = files()
    page = BIG.replace(b"<ul>", CARD * 50000 + b"<ul>")
    path = server.file("page.html", page)
    for _ in range(4):
        ask(server, "/page.html")
    lazy = []
    for _ in range(8):
        connection = socket.create_connection(("127.0.0.1", server.port), timeout=20)
        connection.sendall(request("/page.html", version="1.0"))
        lazy.append((connection, connection.recv(1000)))  # the answer has begun
    os.replace(server.file("new.html", PAGE), path)
    for _ in range(4):
        assert ask(server, "/page.html").body == GREETED
    for connection, first in lazy:
        with connection:
            pieces = [first]
            while piece := connection.recv(1 << 16):
                pieces.append(piece)
            assert b"".join(pieces).endswith(greeted(page))
