"""Pages that are spliced from a plan are, byte for byte, what streaming gives."""
# Part: integration, sanitizers

import contextlib
import functools
import gzip
import os
import signal
import threading
import time

import pytest

import harness
from clients import Slow, ask, http2, request, swarm
from shop import (
    BIG,
    CARD,
    GREETED,
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
    of_files,
    settled,
    with_cards,
)
from splicing import spliced


@pytest.fixture
def files(nginx, rules):
    """A server of files old enough to be kept."""
    return functools.partial(of_files, nginx, rules)


def known(server, path="/page.html", **headers):
    """Asks twice; the second time the page is spliced."""
    ask(server, path, headers)
    answer = ask(server, path, headers)
    assert answer.header("X-Path") == "splice"
    return answer


def test_what_is_spliced_is_what_is_streamed(nginx, origin, rules):
    upstream, path = origin(BIG), rules(RICH_RULES)
    on = f"personalize on; personalize_rules {path}; charset utf-8;"
    cached = f"proxy_cache pages; proxy_cache_valid 200 1h; proxy_pass http://127.0.0.1:{upstream.port};"
    server = nginx(
        edge(
            f"{on} {SHOW_PATH} proxy_pass http://127.0.0.1:{upstream.port};",
            f"""
        location /file/ {{ alias FOLDER/html/; {on} {SHOW_PATH} }}
        location /cache/ {{ {cached} proxy_cache_key one; {on} {SHOW_PATH} }}
        location /packed/ {{ {cached} proxy_cache_key two; proxy_set_header Accept-Encoding gzip; {on} {SHOW_PATH} }}""",
            "proxy_cache_path FOLDER/temp/cache keys_zone=pages:1m;",
        )
    )
    settled(server.file("page.html", BIG))
    streamed = {query: ask(server, f"/?{query}") for query in QUERIES}
    assert {answer.header("X-Path") for answer in streamed.values()} == {"stream"}
    for place in ("/file/page.html", "/cache/", "/packed/"):
        spliced(server, f"{place}?a=1")
        for query, expected in streamed.items():
            for get in (ask, http2):
                answer = get(server, f"{place}?{query}")
                assert answer.header("X-Path") == "splice", (place, query)
                assert answer.body == expected.body, (place, query)
                assert answer.header("Content-Length") == str(len(expected.body))
                assert answer.header("X-Skipped") == ("missing=no_match" if "e=1" in query else None)


def test_what_a_plan_cannot_tell_is_streamed(files):
    page = PAGE.replace(b"</ul>", b"<li data-sku=3>More" * 5000 + b"</ul>")  # to be sorted by a plan that knew them all
    server = files(text=RICH_RULES, page=page)
    known(server, "/page.html?a=1")
    answer = ask(server, "/page.html?f=1")
    assert answer.header("X-Path") == "stream"
    assert answer.body.index(b"data-sku=2") < answer.body.index(b"data-sku=1")


def test_two_orders_are_two_pages(files):
    orders = ('["2", "1"]', '["21"]', '["1", "2"]')
    rules = "".join(
        f"""
  - id: o{i}
    slot: items
    when: 'request.query["o"] == "{i}"'
    do: {{ reorder: {{ by: data-sku, order: {order} }} }}"""
        for i, order in enumerate(orders)
    )
    server = files(text=RICH_RULES + rules)
    known(server, "/page.html?o=0")
    answers = [ask(server, f"/page.html?o={i}") for i in range(len(orders))]
    assert {answer.header("X-Path") for answer in answers} == {"splice"}
    assert len({answer.header("ETag") for answer in answers}) == len(orders)
    assert answers[0].body == in_the_other_order(PAGE)
    assert answers[1].body == answers[2].body == PAGE
    assert ask(server, "/page.html?o=1", {"If-None-Match": answers[0].header("ETag")}).status == 200


def test_an_order_out_of_the_profile_is_of_one_visitor(files, redis):
    redis.profile("ann", skus="2,1")
    redis.profile("bob", skus="1,2")
    redis.profile("cat", skus="2")
    profiles = f"personalize_redis unix:{redis.socket}; personalize_visitor $arg_visitor; personalize_deadline 60s;"
    server = files(profiles, ORDER_RULES)
    known(server, "/page.html?visitor=ann")
    pages = {"ann": in_the_other_order(PAGE), "bob": PAGE, "cat": in_the_other_order(PAGE)}
    names = {}
    for visitor in [*pages, *pages]:
        answer = ask(server, f"/page.html?visitor={visitor}")
        assert (answer.header("X-Path"), answer.body) == ("splice", pages[visitor]), visitor
        assert names.setdefault(visitor, answer.header("ETag")) == answer.header("ETag")
    assert ask(server, "/page.html?visitor=ann", {"If-None-Match": names["ann"]}).status == 304
    assert ask(server, "/page.html?visitor=bob", {"If-None-Match": names["ann"]}).body == PAGE


def test_a_list_of_very_many_short_items_is_put_together_in_its_order(files):
    items = [(i * 7 % 10, b"<li k=%d>%s</li>" % (i * 7 % 10, b"x" * (i % 300))) for i in range(600)]
    head, foot = PAGE.split(b"<ul>")
    rules = """
version: 1
slots: { list: { select: ol } }
rules:
  - { id: sorted, slot: list, do: { reorder: { by: k, order: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"] } } }
"""
    page = head + b"<ol>\n" + b"\n".join(item for _, item in items) + b"</ol><ul>" + foot
    in_order = [item for _, item in sorted(items, key=lambda item: item[0])]
    expected = head + b"<ol>\n" + b"\n".join(in_order) + b"</ol><ul>" + foot
    server = files("gzip on;", rules, page=page)
    for answer in (known(server), ask(server, "/page.html"), http2(server, "/page.html")):
        assert (answer.header("X-Path"), answer.body) == ("splice", expected)
        assert answer.header("Content-Length") == str(len(expected))
    for _ in range(3):
        assert gzip.decompress(ask(server, "/page.html", {"Accept-Encoding": "gzip"}).body) == expected


def test_rules_that_begin_to_sort_make_another_plan(files, rules):
    server = files(text=RICH_RULES.replace('reorder: { by: data-sku, order: ["2", "1"] }', "add_class: hot"))
    assert b'<ul class="hot">' in known(server, "/page.html?f=1").body
    rules(RICH_RULES, "rules1.yaml")
    server.reload()
    answer = known(server, "/page.html?f=1")
    assert answer.body.index(b"data-sku=2") < answer.body.index(b"data-sku=1")


def test_a_visitor_who_has_the_page_already_is_told_so(files):
    server = files(text=RICH_RULES)
    first = known(server, "/page.html?a=1")
    etag = first.header("ETag")
    assert etag.startswith('"') and first.header("Cache-Control") == "private, no-cache"
    assert first.header("Last-Modified") is None
    for condition in (etag, f'W/{etag}', f'"x,y", {etag}'):
        again = ask(server, "/page.html?a=1", {"If-None-Match": condition})
        assert (again.status, again.body, again.header("ETag")) == (304, b"", etag)
        assert again.header("X-Path") == "not_modified"
    assert ask(server, "/page.html?a=2", {"If-None-Match": etag}).status == 200
    assert ask(server, "/page.html?a=1&z=1", {"If-None-Match": etag}).status == 304  # another URL, the same page
    assert ask(server, "/page.html?a=1", {"If-None-Match": '"other"'}).status == 200
    assert counters(server)["not_modified"] == 4


def test_other_pages_have_other_names(files):
    server = files(text=RICH_RULES)
    known(server, "/page.html?a=1")
    names = {query: ask(server, f"/page.html?{query}").header("ETag") for query in QUERIES}
    assert len(set(names.values())) == len(QUERIES)


def test_head_gets_what_get_gets(files):
    server = files()
    get = known(server)
    head = ask(server, "/page.html", method="HEAD")
    for name in ("Content-Length", "ETag", "Cache-Control", "X-Path"):
        assert head.header(name) == get.header(name)
    assert ask(server, "/page.html", {"If-None-Match": get.header("ETag")}, method="HEAD").status == 304


def test_other_filters_see_the_page_and_so_it_is_streamed(files):
    server = files("sub_filter Hello Goodbye;")
    for _ in range(4):
        answer = ask(server, "/page.html")
        assert answer.header("X-Path") == "stream" and answer.body == GREETED  # what we insert is not theirs


def test_without_a_zone_pages_are_streamed(files):
    server = files(http="personalize_zone off;")
    for _ in range(3):
        answer = ask(server, "/page.html")
        assert (answer.header("X-Path"), answer.body) == ("stream", GREETED)


@pytest.mark.parametrize(
    "value", ["pages", "pages:", ":1m", "pages:1k", "pages:x", "off off", "pages:1m; personalize_zone other:1m"]
)
def test_a_zone_that_makes_no_sense_is_refused(tmp_path, value):
    server = harness.Nginx(tmp_path, f"personalize_zone {value};")
    code, text = server.check()
    assert code != 0 and "zone" in text


def test_pages_that_find_no_room_are_streamed_and_old_ones_make_room(files):
    server = files(http="personalize_zone pages:512k;", page=BIG[:90000], workers=2)
    small = BIG[:60000] + BIG[-200:]
    for i in range(12):
        settled_file = server.file(f"p{i}.html", small)
    server.file("huge.html", BIG + CARD * 3000)
    settled(settled_file)
    for _ in range(2):
        for i in range(12):
            for _ in range(3):
                answer = ask(server, f"/p{i}.html")
            assert answer.body == greeted(small)
            assert answer.header("X-Path") == "splice"
    for _ in range(3):
        answer = ask(server, "/huge.html")
        assert answer.header("X-Path") == "stream" and answer.body == greeted(BIG + CARD * 3000)
    everything = swarm(server, [request(f"/p{i * 5 % 12}.html") for i in range(300)], parallel=32)
    assert {answer.body for answer in everything} == {greeted(small)}
    assert counters(server)["plans_evicted"] > 12


def test_many_large_pages_do_not_fill_the_worker(files):
    server = files(http="personalize_zone pages:8m;")
    page = with_cards(12000)
    names = [f"p{i}.html" for i in range(30)]
    for name in names:
        settled_file = server.file(name, page)
    settled(settled_file)

    def visit_all():
        for name in names:
            assert spliced(server, f"/{name}").body == greeted(page)
        return server.idle_memory()

    before = visit_all()
    evicted = counters(server)["plans_evicted"]
    after = [visit_all() for _ in range(2)][-1]
    assert counters(server)["plans_evicted"] >= evicted + len(names)
    if not harness.sanitized():
        assert after - before < 10 * len(page) / 1024


def test_a_page_stays_where_it_is_while_slow_clients_read_it(files):
    page = with_cards(60000)  # more than sockets hold
    server = files("sendfile off; send_timeout 60s;", page=page, http="personalize_zone pages:24m;")
    others = [server.file(f"p{i}.html", page.replace(b"One", b"%03d" % i)) for i in range(12)]
    settled(others[-1])
    known(server)
    slow = [Slow(server, "/page.html") for _ in range(3)]
    for i in range(len(others)):
        for _ in range(3):
            answer = ask(server, f"/p{i}.html")
        assert answer.body == greeted(page.replace(b"One", b"%03d" % i))
    assert counters(server)["plans_evicted"] > 0
    for client in slow:
        assert client.read() == greeted(page)


def test_a_reload_keeps_what_is_known_unless_the_zone_changes(files):
    server = files(http="personalize_zone pages:4m;", workers=2)
    while ask(server, "/page.html").header("X-Path") != "splice":
        pass
    server.reload()
    answers = [ask(server, "/page.html") for _ in range(10)]
    assert all(answer.body == GREETED for answer in answers)
    assert counters(server)["plans_built"] == 1
    configuration = (server.folder / "conf" / "nginx.conf").read_text()
    (server.folder / "conf" / "nginx.conf").write_text(configuration.replace("pages:4m", "pages:8m"))
    server.reload()
    while (answer := ask(server, "/page.html")).header("X-Path") != "splice":
        assert answer.body == GREETED
    assert answer.body == GREETED and counters(server)["plans_built"] == 2


def test_workers_that_are_killed_block_nobody_and_pin_nothing(files):
    page = with_cards(60000)
    server = files("send_timeout 60s;", page=page, http="personalize_zone pages:24m;", workers=2)
    server.tolerate_killed_workers()
    others = [server.file(f"p{i}.html", page.replace(b"One", b"%03d" % i)) for i in range(8)]
    settled(others[-1])
    while ask(server, "/page.html").header("X-Path") != "splice":
        pass
    stop = threading.Event()

    def load():
        while not stop.is_set():
            with contextlib.suppress(OSError, AssertionError, IndexError):
                ask(server, "/p1.html")

    threads = [threading.Thread(target=load) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(5):
        slow = [Slow(server, "/page.html") for _ in range(2)]
        before = server.worker_pids()
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        harness.wait_until(lambda: (new := server.worker_pids()) and not new & before, "new workers")
        for client in slow:
            client.socket.close()
    stop.set()
    for thread in threads:
        thread.join()
    evicted = counters(server)["plans_evicted"]
    for i in range(len(others)):  # room for them is only where the killed workers' pages are
        for _ in range(4):
            answer = ask(server, f"/p{i}.html")
        assert answer.body == greeted(page.replace(b"One", b"%03d" % i))
    assert answer.header("X-Path") == "splice"
    assert counters(server)["plans_evicted"] > evicted


def test_a_page_that_changes_under_load_never_gets_the_old_offsets(nginx, origin, rules):
    pages = [with_cards(n) for n in (5, 2000, 80)]  # one of them is too large for the zone
    number = [0]

    def handler(path, headers, send):
        number[0] += 1
        send(harness.html_response(pages[number[0] % len(pages)]))

    server = nginx(
        edge(
            f"""{SHOW_PATH} personalize on; personalize_rules {rules(RULES)}; gzip on;
            proxy_pass http://127.0.0.1:{origin(handler).port}; proxy_cache pages; proxy_cache_valid 200 1s;""",
            STATUS_PAGE,
            "proxy_cache_path FOLDER/temp/cache keys_zone=pages:1m; personalize_zone plans:256k;",
        ),
        workers=2,
    )
    good, ways = {greeted(page) for page in pages}, set()
    accepted = [None, {"Accept-Encoding": "gzip"}]
    unpack = {None: bytes, "gzip": gzip.decompress}
    rounds = 0
    while rounds < 30 or not {"splice", "splice_gzip"} <= ways:
        rounds += 1
        assert rounds < 300, ways
        answers = swarm(server, [request(headers=accepted[i % 2]) for i in range(16)], parallel=8)
        assert all(unpack[answer.header("Content-Encoding")](answer.body) in good for answer in answers)
        ways |= {answer.header("X-Path") for answer in answers}
        time.sleep(0.1)
    assert counters(server)["plans_built"] > 1


def test_five_hundred_slots_are_spliced(files):
    slots = "\n".join(f'  s{i}: {{ select: "#s{i}" }}' for i in range(500))
    rules = "\n".join(f"  - {{ id: r{i}, slot: s{i}, do: {{ inner: '<b>{i}</b>' }} }}" for i in range(500))
    page = b"<!doctype html><body>" + b"".join(b"<div id=s%d>old</div>\n" % i for i in range(500))
    server = files(text=f"version: 1\nslots:\n{slots}\nrules:\n{rules}\n", page=page)
    answer = known(server)
    assert answer.body == b"<!doctype html><body>" + b"".join(b"<div id=s%d><b>%d</b></div>\n" % (i, i) for i in range(500))
