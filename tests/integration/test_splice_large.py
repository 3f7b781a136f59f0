"""Pages too large for the zone are spliced from NGINX's cache file: the result is what streaming gives, and changes of the
file meanwhile never show in it."""
# Part: integration, sanitizers

import base64
import gzip
import os
import random
import shutil

import pytest

import harness
from clients import Answer, Slow, ask, http2, read_all
from shop import (
    CARD,
    ORDER_RULES,
    PAGE,
    QUERIES,
    RICH_RULES,
    RULES,
    SHOW_PATH,
    STATUS_PAGE,
    counters,
    edge,
    greeted,
    in_the_other_order,
    with_cards,
)
from splicing import only_root, spliced, zone_memory

LARGE = with_cards(60000)  # more than sockets hold
ZONE = 256 * 1024


@pytest.fixture
def cached(nginx, origin, rules):
    """cached(page): a server with a small zone that has the page in NGINX's cache."""

    def start(page, location="", text=RULES, headers=()):
        upstream = origin(lambda path, asked, send: send(harness.html_response(page, *headers)))
        server = nginx(
            edge(
                f"""{SHOW_PATH} personalize on; personalize_rules {rules(text)}; send_timeout 60s; {location}
                proxy_pass http://127.0.0.1:{upstream.port}; proxy_cache pages; proxy_cache_valid 200 1h;
                proxy_cache_key page;""",
                STATUS_PAGE,
                f"proxy_cache_path FOLDER/temp/cache keys_zone=pages:1m; personalize_zone plans:{ZONE};",
            )
        )
        server.upstream = upstream
        return server

    return start


def cache_file(server):
    (file,) = (file for file in (server.folder / "temp" / "cache").rglob("*") if file.is_file())
    return file


def test_they_have_what_every_page_has_that_is_put_together(cached):
    server = cached(LARGE)
    get = spliced(server)
    assert get.body == greeted(LARGE)
    assert get.header("Content-Length") == str(len(get.body)) and get.header("Cache-Control") == "private, no-cache"
    head = ask(server, "/", method="HEAD")
    for name in ("Content-Length", "ETag", "Cache-Control", "X-Path"):
        assert head.header(name) == get.header(name)
    again = ask(server, "/", {"If-None-Match": get.header("ETag")})
    assert (again.status, again.body, again.header("X-Path")) == (304, b"", "not_modified")
    assert (counters(server)["plans_built"], counters(server)["plans_evicted"]) == (1, 0)
    assert len(server.upstream.requests) == 1


def test_every_visitor_gets_what_streaming_gives(cached, nginx, origin, rules):
    page, text = with_cards(8000), RICH_RULES.replace("div.card", "#cards")
    server = cached(page, text=text)
    on = f"{SHOW_PATH} personalize on; personalize_rules {rules(text)};"
    plain = nginx(edge(f"{on} proxy_pass http://127.0.0.1:{server.upstream.port};"))
    spliced(server, "/?a=1")
    for query in QUERIES:
        expected = ask(plain, f"/?{query}")
        assert expected.header("X-Path") == "stream"
        for get in (ask, http2):
            answer = get(server, f"/?{query}")
            assert (answer.header("X-Path"), answer.body) == ("splice", expected.body), query


def test_their_elements_are_in_each_visitor_s_order(cached, redis):
    redis.profile("ann", skus="2,1")
    redis.profile("bob", skus="1,2")
    page = with_cards(8000)
    server = cached(
        page,
        f"personalize_redis unix:{redis.socket}; personalize_visitor $arg_visitor; personalize_deadline 60s;",
        ORDER_RULES,
    )
    assert spliced(server, "/?visitor=ann").body == in_the_other_order(page)
    for visitor, expected in (("bob", page), ("ann", in_the_other_order(page))):
        for get in (ask, http2):
            answer = get(server, f"/?visitor={visitor}")
            assert (answer.header("X-Path"), answer.body) == ("splice", expected), visitor


def test_a_page_whose_plan_would_be_too_large_as_well_is_streamed(cached):
    server = cached(with_cards(8000), text=RICH_RULES)  # a place for every card
    for _ in range(4):
        answer = ask(server, "/?b=1")
        assert answer.header("X-Path") == "stream" and answer.body.count(b'class="card hot"') == 8000
    assert counters(server)["plans_evicted"] == 0


def test_a_page_that_would_fall_into_very_many_slices_is_streamed(cached):
    page = PAGE.replace(b"<ul>", (CARD * 40 + b'<p class="offer">Half off!</p>') * 200 + b"<ul>")
    server = cached(page, text=RICH_RULES.replace("div.card", "#cards"))
    spliced(server, "/?a=1")
    answer = ask(server, "/?c=1")
    assert answer.header("X-Path") == "stream" and answer.body.count(b"<hr>") == 201


def test_compressed_parts_that_are_too_large_as_well_leave_the_rest_of_the_zone_alone(cached):
    noise = base64.b64encode(random.Random(1).randbytes(400_000))
    page = PAGE.replace(b"<ul>", b"<pre>" + noise + b"</pre><ul>")
    server = cached(page, "gzip on;")
    spliced(server)
    for _ in range(30):
        answer = ask(server, "/", {"Accept-Encoding": "gzip"})
        assert answer.header("X-Path") == "splice" and gzip.decompress(answer.body) == greeted(page)
    assert (counters(server)["plans_built"], counters(server)["plans_evicted"]) == (1, 0)


def test_a_compressed_page_in_the_cache_is_streamed_if_it_is_too_large(cached):
    server = cached(gzip.compress(LARGE), headers=["Content-Encoding: gzip"])
    for _ in range(4):
        answer = ask(server)
        assert answer.header("X-Path") == "stream" and answer.body == greeted(LARGE)


def test_a_page_that_is_too_large_to_be_read_at_once_is_streamed(cached):
    page = PAGE.replace(b"<ul>", b"<pre>" + b"a line of many\n" * (17 * 1024 * 1024 // 15) + b"</pre><ul>")
    server = cached(page)
    for _ in range(3):
        answer = http2(server)
        assert answer.header("X-Path") == "stream" and answer.body == greeted(page)


@pytest.mark.parametrize("location", ["sendfile on;", "sendfile off;", "sendfile on; aio threads;"])
def test_a_file_that_vanishes_takes_no_page_with_it(cached, location):
    server = cached(LARGE, location)
    spliced(server)
    slow = [Slow(server, "/") for _ in range(2)]
    assert all(b"X-Path: splice" in client.peek() for client in slow)
    cache = server.folder / "temp" / "cache"
    shutil.rmtree(cache)
    cache.mkdir()
    for _ in range(3):
        assert ask(server).body == greeted(LARGE)
    assert [client.read() for client in slow] == [greeted(LARGE)] * 2
    assert len(server.upstream.requests) == 2


@pytest.mark.parametrize("location", ["sendfile on;", "sendfile off;"])
def test_a_file_that_is_cut_short_ends_the_page_and_adds_nothing(cached, location):
    page = with_cards(120_000)  # sockets hold less than what is left of it
    server = cached(page, location)
    server.tolerate("truncated|read only")
    spliced(server)
    slow = Slow(server, "/")
    assert b"X-Path: splice" in slow.peek()
    # Not where some of it may be on its way: what the system keeps together with what is left it overwrites.
    os.truncate(cache_file(server), len(page) * 3 // 4 // 4096 * 4096)
    with slow.socket:
        answer = Answer(read_all(slow.socket))
    assert not answer.complete and greeted(page).startswith(answer.body)


@only_root
def test_a_plan_that_was_scribbled_over_does_no_harm(cached):
    server = cached(LARGE)
    server.tolerate("a splice plan in shared memory is broken")
    spliced(server)
    with zone_memory(min(server.worker_pids()), ZONE) as (memory, write):
        write(memory.find(b'<div class="box wide" id="hero">'), b"<div class='box thin'")
    assert ask(server).body == greeted(LARGE)  # this worker need not look at it any more
    server.reload()
    for _ in range(3):
        answer = ask(server)
        assert (answer.header("X-Path"), answer.body) == ("stream", greeted(LARGE))
