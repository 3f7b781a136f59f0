"""What plugins write is seen by the next page, although replies of Redis are kept: in every worker, and whatever was in
flight meanwhile."""
# Part: integration, sanitizers

import itertools
import threading
import time

import pytest

import harness
from clients import ask
from fake_redis import FakeRedis, bulk
from redis_sets import Cluster, SentinelSet
from shop import HERO, PAGE, STATUS_PAGE, counters, profiles

# Shows a banner until a visitor has seen it three times.
CAP = """
return {
  name = "cap", attributes = { n = "int" },
  needs = function(request) return { { "HGET", "seen", "hello" }, { "HGET", "other", "hello" } } end,
  resolve = function(request, replies) return { n = tonumber(replies[1]) or 0 } end,
  on_exposure = function(request, exposures, response)
    if response.viewed and exposures[1] and exposures[1].applied then return { { "HINCRBY", "seen", "hello", "1" } } end
  end,
}
"""
RULES = """
version: 1
slots: { hero: { select: "#hero" } }
rules:
  - { id: hello, slot: hero, when: cap.n < 3, do: { inner: "<b>Hello</b>" } }
"""
SHOWN = PAGE.replace(HERO, b"<b>Hello</b>")
CACHE = "personalize_deadline 60s; personalize_profile_cache zone=profiles:1m valid=1m;"
visitors = (f"visitor{i}" for i in itertools.count())


@pytest.fixture
def shop(nginx, origin, rules):
    def start(address, location=CACHE, server="", page=PAGE, plugin=CAP, **more):
        plugin = f"personalize_plugin {rules(plugin, 'cap.lua')};"
        return nginx(
            profiles(origin(page), address, rules(RULES), location=plugin + location, server=STATUS_PAGE + server), **more
        )

    return start


def times_shown(server, visitor, pages=12, path="/"):
    shown = 0
    for _ in range(pages):
        body = ask(server, path, {"X-Visitor": visitor}).body
        assert body in (PAGE, SHOWN)
        shown += body == SHOWN
    return shown


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("options", ["", "connections=4"])
def test_a_banner_that_is_for_three_times_is_shown_three_times(shop, redis, workers, options):
    server = shop(f"unix:{redis.socket} {options}", workers=workers)
    for visitor in itertools.islice(visitors, 30):
        assert times_shown(server, visitor) == 3
    now = counters(server)
    assert now["redis_writes_lost"] == 0
    assert now["profile_cache_hits"] > 30 * 12  # the other key's reply, and the last ones of this


def test_it_is_so_on_a_cluster(shop, tmp_path):
    cluster = Cluster(tmp_path / "cluster")
    try:
        cluster.start()
        server = shop(f"cluster {cluster.addresses}", workers=2)
        for visitor in itertools.islice(visitors, 12):
            assert times_shown(server, visitor) == 3
    finally:
        cluster.stop()


def test_it_is_so_with_sentinels(shop, tmp_path):
    several = SentinelSet(tmp_path / "set").start()
    try:
        server = shop(f"sentinel:{several.NAME} {several.addresses}", workers=2)
        for visitor in itertools.islice(visitors, 12):
            assert times_shown(server, visitor) == 3
    finally:
        several.stop()


def test_a_write_of_a_location_that_caches_nothing_and_names_redis_otherwise_counts_too(shop, tmp_path):
    redis = harness.Redis(tmp_path / "both", port=harness.free_port()).start()
    server = shop(
        f"unix:{redis.socket}",
        server=f"""location /plain/ {{
            personalize on; personalize_rules {tmp_path}/rules2.yaml; personalize_plugin {tmp_path}/cap.lua;
            personalize_redis 127.0.0.1:{redis.port}; personalize_visitor $http_x_visitor; personalize_deadline 60s;
            alias FOLDER/html/;
        }}""",
    )
    try:
        server.file("index.html", PAGE)
        for visitor in itertools.islice(visitors, 10):
            shown = 0
            for _ in range(6):
                shown += times_shown(server, visitor, 1) + times_shown(server, visitor, 1, "/plain/index.html")
            assert shown == 3
    finally:
        redis.stop()


def test_a_reply_that_was_asked_for_before_a_write_is_not_kept(shop, tmp_path):
    late, written = [], threading.Event()

    def answer(command, _):
        if command[0] == b"HINCRBY":
            written.set()
            return b":1\r\n"
        if b"}:seen" in command[1] and not late:
            late.append(command)
            written.wait(harness.PATIENCE)
            return bulk("0")  # as it was before the page that did not wait for it
        return bulk("3")

    fake = FakeRedis(answer)
    try:
        server = shop(
            fake.address + " connections=2",
            server=f"""location /hasty/ {{
                personalize on; personalize_rules {tmp_path}/rules2.yaml; personalize_plugin {tmp_path}/cap.lua;
                personalize_redis {fake.address} connections=2; personalize_visitor $http_x_visitor;
                {CACHE.replace("60s", "100ms")} alias FOLDER/html/;
            }}""",
        )
        server.file("index.html", PAGE)
        assert times_shown(server, "ann", 1, "/hasty/index.html") == 1
        assert written.wait(harness.PATIENCE)
        time.sleep(0.5)  # until the late reply has come
        assert times_shown(server, "ann", 4) == 0
    finally:
        written.set()
        fake.stop()


@pytest.mark.parametrize("location", ["personalize_deadline 60s;", CACHE.replace("=1m;", "=20ms;")])
def test_nobody_joins_a_question_that_was_asked_before_a_write(shop, location):
    questions, written, finish, hold = [], [], threading.Event(), threading.Event()

    def answer(command, _):
        if command[0] == b"HINCRBY":
            written.append(command)
            return b":1\r\n"
        questions.append(command)
        if len(questions) == 2:
            hold.wait(harness.PATIENCE)
        return bulk("0" if len(questions) < 3 else "3")

    def page(path, _headers, send):
        if path == "/first":
            finish.wait(harness.PATIENCE)
        send(harness.html_response(PAGE))

    def visit(path):
        bodies[path] = ask(server, path, {"X-Visitor": "ann"}).body

    fake, bodies = FakeRedis(answer), {}
    try:
        plugin = CAP.replace(', { "HGET", "other", "hello" }', "")
        server = shop(fake.address + " connections=4", location, page=page, plugin=plugin)
        first, second = (threading.Thread(target=visit, args=[path]) for path in ("/first", "/second"))
        first.start()
        harness.wait_until(lambda: len(questions) == 1, "the first question")
        time.sleep(0.1)  # its reply is too old to be kept any longer
        second.start()
        harness.wait_until(lambda: len(questions) == 2, "the second question")
        finish.set()
        first.join(harness.PATIENCE)
        harness.wait_until(lambda: written, "the write")
        visit("/third")
        assert bodies == {"/first": SHOWN, "/third": PAGE}
        hold.set()
        second.join(harness.PATIENCE)
        assert bodies["/second"] in (SHOWN, PAGE)
    finally:
        finish.set()
        hold.set()
        fake.stop()


def test_what_is_written_about_one_visitor_evicts_nothing_of_others(shop, redis):
    server = shop(f"unix:{redis.socket}", CACHE.replace("profiles:1m", "profiles:4m"))
    others = list(itertools.islice(visitors, 64))
    for visitor in others:
        assert times_shown(server, visitor, 5) == 3  # the last page's replies are kept
    misses = counters(server)["profile_cache_misses"]
    writers = list(itertools.islice(visitors, 200))
    for visitor in writers:
        assert times_shown(server, visitor, 1) == 1
    before = counters(server)
    for visitor in others:
        assert times_shown(server, visitor, 1) == 0
    assert counters(server)["profile_cache_misses"] == before["profile_cache_misses"] == misses + 2 * len(writers)


def test_writes_that_cannot_be_sent_are_counted_as_such_and_said(shop):
    server = shop(f"127.0.0.1:{harness.free_port()}")
    harness.wait_until(lambda: counters(server)["redis_disconnects"] > 0, "the lost connection")
    refused = counters(server)["redis_refused"]
    for _ in range(3):
        assert times_shown(server, "ann", 1) == 1
    harness.wait_until(lambda: counters(server)["redis_writes_lost"] == 3, "the count")
    assert counters(server)["redis_refused"] == refused + 2 * 3  # the questions
    assert "a write of a plugin was lost" in server.log()


def test_a_write_whose_answer_never_comes_keeps_nobody_waiting(shop):
    def answer(command, _):
        if command[0] == b"HINCRBY":
            time.sleep(600)
        return bulk("0")

    fake = FakeRedis(answer)
    try:
        server = shop(fake.address + " connections=4", CACHE)
        assert times_shown(server, "ann", 3) == 3
    finally:
        fake.stop()
