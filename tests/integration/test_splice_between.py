"""Other filters stand between the page and the place where it is put together: what they do is learnt once, for all
workers, and what they do to a page is in it whatever was learnt before."""
# Part: integration, sanitizers

import functools
import gzip
import os
import signal

import pytest

import harness
from clients import ask
from shop import GREETED, PAGE, RULES, SHOW_PATH, edge, of_files, settled


@pytest.fixture
def files(nginx, rules):
    """A server of files old enough to be kept."""
    return functools.partial(of_files, nginx, rules)


def path(server, place="/page.html", **headers):
    return ask(server, place, headers).header("X-Path")


def reconfigure(server, old, new):
    file = server.folder / "conf" / "nginx.conf"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    server.reload()


def test_what_one_worker_knows_the_next_one_uses_for_its_first_page(files):
    server = files("charset utf-8;")
    server.tolerate_killed_workers()
    assert [path(server) for _ in range(3)] == ["stream", "splice", "splice"]
    server.reload()
    assert path(server) == "splice"
    (worker,) = server.worker_pids()
    os.kill(worker, signal.SIGKILL)
    harness.wait_until(lambda: (new := server.worker_pids()) and worker not in new, "another worker")
    answer = ask(server, "/page.html")
    assert (answer.header("X-Path"), answer.body) == ("splice", GREETED)
    assert answer.header("Content-Type") == "text/html; charset=utf-8"


def test_pages_of_several_types_in_one_location_are_all_put_together(files):
    server = files("types { text/html html; application/x-shop shop; } personalize_types application/x-shop;")
    settled(server.file("page.shop", PAGE))
    places = ["/page.html", "/page.shop"]
    for place in places * 2:
        ask(server, place)
    for place in places * 3:
        answer = ask(server, place)
        assert (answer.header("X-Path"), answer.body) == ("splice", GREETED)


def test_a_filter_that_a_reload_brings_changes_every_page(files):
    server = files("charset utf-8;")
    ask(server, "/page.html")
    etag = ask(server, "/page.html").header("ETag")
    assert ask(server, "/page.html", {"If-None-Match": etag}).status == 304
    reconfigure(server, "charset utf-8;", "charset utf-8; sub_filter One Ten;")
    for condition in (etag, '"other"', etag):
        answer = ask(server, "/page.html", {"If-None-Match": condition})
        assert (answer.status, answer.body) == (200, GREETED.replace(b"One", b"Ten"))
    assert path(server) == "stream"
    reconfigure(server, "sub_filter One Ten;", "add_after_body /after.txt;")
    server.file("after.txt", b"after")
    for _ in range(4):
        assert ask(server, "/page.html").body == GREETED + b"after"
    assert path(server) == "stream"
    reconfigure(server, "add_after_body /after.txt;", "")
    assert path(server) == "splice"
    assert ask(server, "/page.html", {"If-None-Match": etag}).status == 304


def test_a_charset_that_a_reload_brings_is_learnt_from_one_page(files):
    server = files("charset utf-8;")
    for _ in range(2):
        ask(server, "/page.html")
    reconfigure(server, "charset utf-8;", "charset iso-8859-15;")
    answers = [ask(server, "/page.html") for _ in range(4)]
    assert {(answer.header("Content-Type"), answer.body) for answer in answers} == {
        ("text/html; charset=iso-8859-15", GREETED)
    }
    assert answers[-1].header("X-Path") == "splice"
    server.reload()
    assert path(server) == "splice"


def test_a_cached_page_that_is_packed_is_unpacked_for_the_filter_that_a_reload_brings(nginx, origin, rules):
    packed = harness.html_response(gzip.compress(PAGE), "Content-Encoding: gzip")
    upstream = origin(lambda _path, _headers, send: send(packed))
    server = nginx(
        edge(
            f"""{SHOW_PATH} personalize on; personalize_rules {rules(RULES)}; gunzip on;
            proxy_pass http://127.0.0.1:{upstream.port}; proxy_cache pages; proxy_cache_valid 200 1h;""",
            http="proxy_cache_path FOLDER/temp/cache keys_zone=pages:1m;",
        )
    )
    accepted = {"Accept-Encoding": "gzip"}
    harness.wait_until(lambda: ask(server, "/", accepted).header("X-Path") == "splice", "the plan")
    assert ask(server, "/").body == GREETED
    reconfigure(server, "gunzip on;", "gunzip on; sub_filter One Ten;")
    for _ in range(4):
        assert ask(server, "/").body == GREETED.replace(b"One", b"Ten")
