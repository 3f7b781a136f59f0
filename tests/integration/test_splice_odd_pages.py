"""Where what a filter does depends on the request, odd pages are as that filter makes them, and the others are still
spliced; and a page that was only found to be still valid is the same page."""
# Part: integration, sanitizers

import random
import subprocess
import time

import pytest

import harness
from clients import ask
from shop import GREETED, PAGE, RULES, SHOW_PATH, STATUS_PAGE, counters, edge, greeted, of_files, with_cards
from splicing import spliced

TEXT = "text/html; charset="
# What the filters are told, the query of an odd page, the page and its Content-Type if that is odd.
ODD = {
    "text": ("sub_filter $arg_q X; sub_filter_once off;", "?q=One", GREETED.replace(b"One", b"X"), None),
    "charset": ("charset $page_charset;", "?c=iso-8859-15", GREETED, TEXT + "iso-8859-15"),
}


def is_spliced(server):
    """Of the page as it usually is. What `add_header` says of its way was said before the filters changed that."""
    answer = ask(server, "/page.html")
    assert answer.body == GREETED
    return answer.header("Content-Length") is not None


def wait_for_splicing(server):
    harness.wait_until(lambda: all(is_spliced(server) for _ in range(3)), "pages to be spliced")


@pytest.fixture(params=ODD)
def odd(request, nginx, rules):
    """(server, the path of an odd page, a check of what it is)"""
    filters, query, body, content_type = ODD[request.param]
    charsets = "map $arg_c $page_charset { default utf-8; iso-8859-15 iso-8859-15; }"
    server = of_files(nginx, rules, filters, http=charsets)

    def check():
        answer = ask(server, f"/page.html{query}")
        assert answer.body == body
        assert content_type is None or answer.header("Content-Type") == content_type

    return server, check


def test_an_odd_page_does_not_end_splicing(odd):
    server, ask_for_odd_page = odd
    wait_for_splicing(server)
    for _ in range(3):
        ask_for_odd_page()
        assert is_spliced(server)


def test_odd_pages_in_any_order_are_right_and_splicing_comes_back(odd):
    server, ask_for_odd_page = odd
    chance = random.Random(20261129)
    for _ in range(150):
        ask_for_odd_page() if chance.random() < 0.6 else is_spliced(server)
    for _ in range(20):
        ask_for_odd_page()
    wait_for_splicing(server)


def test_an_odd_page_may_be_the_first(odd):
    server, ask_for_odd_page = odd
    for _ in range(3):
        ask_for_odd_page()
    wait_for_splicing(server)
    ask_for_odd_page()
    assert is_spliced(server)


def test_pages_that_a_filter_always_changes_are_hardly_ever_tried(nginx, rules):
    server = of_files(nginx, rules, "add_after_body /after.txt;")
    server.file("after.txt", b"after")
    used = []
    for _ in range(100):
        answer = ask(server, "/page.html")
        assert answer.body == GREETED + b"after"
        used.append(answer.header("X-Path"))
    assert used.count("splice") <= 5  # as what add_header says was decided before


@pytest.fixture
def cached(nginx, rules):
    """cached(upstream): a server whose cache asks every second whether its page is still valid."""

    def start(upstream, zone="personalize_zone spliced:4m;", location=""):
        return nginx(
            edge(
                f"""{SHOW_PATH} add_header X-Cache $upstream_cache_status;
                personalize on; personalize_rules {rules(RULES)}; {location}
                proxy_cache pages; proxy_cache_valid 200 1s; proxy_cache_revalidate on; proxy_cache_key one;
                proxy_pass http://127.0.0.1:{upstream.port};""",
                STATUS_PAGE,
                http=f"proxy_cache_path FOLDER/temp/cache keys_zone=pages:1m; {zone}",
            )
        )

    return start


VALIDATED = {
    "ETag": ('ETag: "one"', "if-none-match"),
    "date": ("Last-Modified: Sat, 01 Nov 2025 00:00:00 GMT", "if-modified-since"),
}


def knows_births(path):
    path.write_bytes(b"")
    return subprocess.run(["stat", "-c", "%W", path], capture_output=True, text=True).stdout.strip() not in ("0", "-")


@pytest.mark.parametrize("validator", VALIDATED)
@pytest.mark.parametrize("page", [PAGE, with_cards(30000)], ids=["small", "large"])
def test_a_page_that_is_still_valid_keeps_its_plan(cached, origin, tmp_path, validator, page):
    if not knows_births(tmp_path / "file"):
        pytest.skip("this file system does not know when files were born")
    header, condition = VALIDATED[validator]

    def answer(_path, headers, send):
        if condition in headers:
            send(b"HTTP/1.1 304 Not Modified\r\n" + header.encode() + b"\r\nConnection: close\r\n\r\n")
        else:
            send(harness.html_response(page, header))

    upstream = origin(answer)
    server = cached(upstream)
    assert spliced(server).body == greeted(page)
    revalidated = 0
    while revalidated < 4:
        answer = ask(server)
        assert (answer.body, answer.header("X-Path")) == (greeted(page), "splice")
        revalidated += answer.header("X-Cache") == "REVALIDATED"
        time.sleep(0.2)
    assert counters(server)["plans_built"] == 1
    assert len([headers for _, headers in upstream.requests if condition not in headers]) == 1


@pytest.mark.parametrize("header", ["X-None: 1", 'ETag: "one"'], ids=["without validators", "the same validators"])
def test_another_page_is_never_taken_for_the_one_before_even_in_a_file_with_the_same_number(cached, origin, header):
    pages = [with_cards(200).replace(b"One", b"%03d" % i) for i in range(12)]
    current = [0]
    upstream = origin(lambda _path, _headers, send: send(harness.html_response(pages[current[0]], header)))
    server = cached(upstream)
    cache = server.folder / "temp" / "cache"
    numbers = []
    for i, page in enumerate(pages):
        current[0] = i
        for file in cache.glob("*"):
            file.unlink()  # its number is free at once
        harness.wait_until(lambda: ask(server).body == greeted(page), "the page to be fetched")
        assert spliced(server).body == greeted(page)
        numbers += [file.stat().st_ino for file in cache.glob("*")]
        assert ask(server).body == greeted(page)
    print("files with a number that another one had:", len(numbers) - len(set(numbers)))
