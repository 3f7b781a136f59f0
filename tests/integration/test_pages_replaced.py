"""Pages that come again are kept in shared memory: never longer than their file is as it was."""

import os
import time

import pytest

from clients import ask
from shop import GREETED, GREETING, HERO, PAGE, RULES, edge

OTHER = PAGE.replace(b"<title>Shop", b"<title>Sale")  # of the same length


def greeted(page):
    return page.replace(HERO, GREETING)


@pytest.fixture
def settled(nginx, rules, tmp_path):
    """A server of one file that is old enough to be remembered, and was."""
    root = tmp_path / "root"
    root.mkdir()
    file = root / "page.html"
    file.write_bytes(PAGE)
    server = nginx(
        edge(f"personalize on; personalize_rules {rules(RULES)}; root {root}; default_type text/html;")
    )
    time.sleep(3.1)
    for _ in range(3):
        assert ask(server, "/page.html").body == GREETED
    return server, file


def test_a_file_that_is_replaced_is_noticed(settled):
    server, file = settled
    new = file.with_suffix(".new")
    new.write_bytes(OTHER)
    os.rename(new, file)
    for _ in range(3):
        assert ask(server, "/page.html").body == greeted(OTHER)


def test_a_file_that_is_overwritten_in_place_is_noticed(settled):
    server, file = settled
    before = os.stat(file)
    with open(file, "r+b") as opened:
        opened.write(OTHER)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))  # some tools do
    for _ in range(3):
        assert ask(server, "/page.html").body == greeted(OTHER)


def test_a_file_that_is_overwritten_twice_in_a_moment_is_noticed(settled):
    server, file = settled
    for page in (OTHER, PAGE, OTHER, PAGE):
        file.write_bytes(page)
        assert ask(server, "/page.html").body == greeted(page)


def test_a_file_that_shrank_is_noticed(settled):
    server, file = settled
    shorter = PAGE[: PAGE.index(b'<p class="offer">')]
    file.write_bytes(shorter)
    assert ask(server, "/page.html").body == greeted(shorter)


def test_a_cached_page_is_refreshed_when_it_expires(nginx, origin, rules, tmp_path):
    pages = [PAGE]

    def handler(path, headers, send):
        body = pages[0]
        send(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
            % len(body)
            + body
        )

    upstream = origin(handler)
    server = nginx(
        edge(
            f"""
        personalize on; personalize_rules {rules(RULES)};
        proxy_pass http://127.0.0.1:{upstream.port}; proxy_cache shop; proxy_cache_valid 200 5s;
        add_header X-Cache $upstream_cache_status;
    """,
            http=f"proxy_cache_path {tmp_path}/cache keys_zone=shop:1m;",
        )
    )
    assert ask(server).header("X-Cache") == "MISS"
    time.sleep(3.1)
    for _ in range(3):
        answer = ask(server)
        assert (answer.header("X-Cache"), answer.body) == ("HIT", GREETED)
    pages[0] = OTHER
    time.sleep(4)
    bodies = [ask(server).body for _ in range(3)]
    assert bodies == [greeted(OTHER)] * 3
