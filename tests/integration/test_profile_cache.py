"""Many requests of one visitor cost one query; profiles that are seconds old come from memory that all workers
share, and nobody ever gets another's."""
# Part: integration, sanitizers

import itertools
import os
import signal
import socket
import threading
import time

import pytest

import harness
from clients import ask, request, swarm
from fake_redis import FakeRedis, array, echo, profile_of
from shop import PAGE, PROFILE_RULES, STATUS_PAGE, STRANGER, counters, named, profiles

ANN = {"X-Visitor": "ann"}
CACHE = "personalize_deadline 60s; personalize_profile_cache zone=profiles:1m"


@pytest.fixture
def shop(nginx, origin, rules):
    def start(address, location="personalize_deadline 60s;", options="", server="", **more):
        return nginx(
            profiles(origin(PAGE), address, rules(PROFILE_RULES), options, location, STATUS_PAGE + server), **more
        )

    return start


@pytest.fixture
def fake():
    servers = []

    def start(answer):
        servers.append(FakeRedis(answer))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


class Held:
    """A Redis that answers once it is told to."""

    def __init__(self, fake, answer=echo):
        self.go_on = threading.Event()
        self.redis = fake(lambda command, connection: self.go_on.wait(harness.PATIENCE) and answer(command, connection))

    def burst(self, server, visitors):
        """What visitors get who are all there before the answer is."""
        answers, before = [], counters(server)["held"]
        burst = threading.Thread(target=lambda: answers.extend(swarm(server, [request("/", ANN)] * visitors)))
        burst.start()
        harness.wait_until(lambda: counters(server)["held"] == before + visitors, "all pages to wait")
        self.go_on.set()
        burst.join()
        return {answer.body for answer in answers}


def test_a_burst_of_one_visitors_requests_is_one_query(shop, fake):
    held = Held(fake)
    server = shop(held.redis.address)
    assert held.burst(server, 64) == {named("Ann")}
    assert len(held.redis.data_commands()) == 1
    assert counters(server)["redis_shared"] == 63


def test_a_visitor_who_goes_away_leaves_the_query_to_the_others(shop, fake):
    held = Held(fake)
    server = shop(held.redis.address)
    with socket.create_connection(("127.0.0.1", server.port)) as first:
        first.sendall(request("/", ANN))
        harness.wait_until(held.redis.data_commands, "the query")
    harness.wait_until(lambda: server.connections() == 0, "the first visitor to be gone")
    assert held.burst(server, 8) == {named("Ann")}
    assert len(held.redis.data_commands()) == 1


def test_a_query_that_is_overdue_is_not_waited_for_by_others(shop, fake):
    over, first, asked = threading.Event(), [], 0

    def answer(command, connection):
        first.append(command)
        return over.wait() and None if len(first) == 1 else echo(command, connection)

    server = shop(fake(answer).address, "personalize_deadline 200ms;")
    assert ask(server, headers=ANN).header("X-Profile") == "[deadline]"

    def found():
        nonlocal asked
        asked += 1
        return ask(server, headers=ANN).body == named("Ann")

    harness.wait_until(found, "an answer in time")
    assert len(first) == 1 + asked, "somebody waited for the overdue query"
    over.set()


def test_a_profile_is_asked_again_when_it_is_too_old(shop, redis):
    server = shop(f"unix:{redis.socket}", CACHE + " valid=500ms;")

    def kept_while_it_is_young(visitor):
        headers, begin = {"X-Visitor": visitor}, time.monotonic()
        redis.profile(visitor, first_name="Ann")
        assert ask(server, headers=headers).body == named("Ann")
        redis.profile(visitor, first_name="Anna")
        body = ask(server, headers=headers).body
        young = time.monotonic() - begin < 0.5
        assert not young or body == named("Ann")
        harness.wait_until(lambda: ask(server, headers=headers).body == named("Anna"), "the new name")
        return young

    visitors = itertools.count()
    harness.wait_until(lambda: kept_while_it_is_young(f"ann{next(visitors)}"), "a moment without a pause")
    now = counters(server)
    assert now["profile_cache_hits"] >= 1 and now["profile_cache_misses"] >= 2


def test_that_there_is_no_profile_is_remembered_too(shop, fake):
    redis = fake(lambda command, connection: array(None))
    server = shop(redis.address, CACHE + " valid=1m;")
    for _ in range(5):
        answer = ask(server, headers=ANN)
        assert (answer.body, answer.header("X-Profile")) == (STRANGER, "[not_found]")
    assert len(redis.data_commands()) == 1


def test_errors_are_not_remembered(shop, fake):
    answers = [b"-LOADING Redis is loading the dataset in memory\r\n"]
    server = shop(
        fake(lambda *_: answers.pop() if answers else array("Ann")).address, CACHE + " valid=1m;"
    )
    assert ask(server, headers=ANN).header("X-Profile") == "[error]"
    assert ask(server, headers=ANN).body == named("Ann")


def test_all_workers_share_the_cache_and_a_reload_keeps_it(shop, fake):
    redis = fake(echo)
    server = shop(redis.address, CACHE + " valid=1m;", workers=3)
    assert ask(server, headers=ANN).body == named("Ann")
    for _ in range(2):
        answers = swarm(server, [request("/", ANN)] * 60)
        assert {answer.body for answer in answers} == {named("Ann")}
        server.reload()
    assert len(redis.data_commands()) == 1


def test_a_burst_over_all_workers_is_one_query(shop, fake):
    held = Held(fake)
    server = shop(held.redis.address, CACHE + " valid=1m;", workers=3)
    assert held.burst(server, 64) == {named("Ann")}
    assert len(held.redis.data_commands()) == 1
    assert counters(server)["redis_shared"] >= 32


def test_an_error_leaves_the_query_to_the_other_workers(shop, fake):
    answers = [b"-LOADING Redis is loading the dataset in memory\r\n"]
    held = Held(fake, lambda *_: answers.pop() if answers else array("Ann"))
    server = shop(held.redis.address, CACHE + " valid=1m;", workers=3)
    assert held.burst(server, 64) <= {named("Ann"), STRANGER}
    assert ask(server, headers=ANN).body == named("Ann")


def test_nobody_waits_long_for_a_worker_that_was_killed_while_it_asked(shop, fake):
    asked, over = [], threading.Event()

    def answer(command, connection):
        asked.append(command)
        return over.wait() and None if len(asked) == 1 else echo(command, connection)

    server = shop(fake(answer).address, CACHE + " valid=1m;", workers=2)
    server.tolerate_killed_workers()
    with socket.create_connection(("127.0.0.1", server.port)) as first:
        first.sendall(request("/", ANN))
        harness.wait_until(lambda: asked, "the first query")
        before = server.worker_pids()
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        harness.wait_until(lambda: len(server.worker_pids() - before) == 2, "new workers")
    assert ask(server, headers=ANN).body == named("Ann")
    over.set()


def test_what_tells_replies_apart_is_part_of_the_key(nginx, origin, rules, redis, tmp_path):
    """Another database, prefix, server or visitor, and other fields, are other profiles."""
    other = harness.Redis(tmp_path / "other").start()
    redis.profile("ann", first_name="Ann")
    redis.profile("ann", prefix="b:", first_name="Prefix")
    redis.command("-n", 3, "HSET", "personalize:{ann}:profile", "first_name", "Database")
    other.profile("ann", first_name="Server", last_name="Field")
    upstream, path = origin(PAGE), rules(PROFILE_RULES)
    field = rules(PROFILE_RULES.replace("first_name", "last_name"))
    places = {
        "Ann": (redis, "", path),
        "Prefix": (redis, "prefix=b:", path),
        "Database": (redis, "db=3", path),
        "Server": (other, "", path),
        "Field": (other, "", field),
    }
    locations = "".join(
        f"""
        location /{name} {{
            personalize on; personalize_rules {which}; {CACHE} valid=1m;
            personalize_redis unix:{server.socket} {options};
            personalize_visitor $http_x_visitor; proxy_pass http://127.0.0.1:{upstream.port};
        }}"""
        for name, (server, options, which) in places.items()
    )
    shop = nginx(f"server {{ listen 127.0.0.1:PORT; {locations} {STATUS_PAGE} }}")
    try:
        for _ in range(3):
            for name in places:
                assert ask(shop, f"/{name}", ANN).body == named(name)
        assert counters(shop)["profile_cache_hits"] == 2 * len(places)
    finally:
        other.stop()


def test_64_visitors_at_once_with_a_zone_too_small_for_them_get_what_is_theirs(shop, redis):
    padding = "x" * 6000
    visitors = {f"visitor{i}": f"Name {i} {padding}" for i in range(128)}
    for visitor, name in visitors.items():
        redis.profile(visitor, first_name=name)
    location = "personalize_deadline 60s; personalize_profile_cache zone=small:512k valid=1m;"
    server = shop(f"unix:{redis.socket}", location, workers=3)
    for _ in range(4):
        answers = swarm(server, [request("/", {"X-Visitor": visitor}) for visitor in visitors], parallel=64)
        for name, answer in zip(visitors.values(), answers):
            assert answer.body == named(name)
    assert counters(server)["profile_cache_evictions"] > 0


def test_a_value_too_large_for_the_cache_is_asked_for_every_time(shop, fake):
    name = "x" * 50_000
    redis = fake(profile_of(name))
    server = shop(redis.address, CACHE + " valid=1m;")
    for _ in range(3):
        assert ask(server, headers=ANN).body == named(name)
    assert len(redis.data_commands()) == 3


def test_workers_that_are_killed_at_any_moment_leave_the_cache_usable(shop, redis):
    visitors = {f"visitor{i}": f"Name {i}" for i in range(64)}
    for visitor, name in visitors.items():
        redis.profile(visitor, first_name=name)
    server = shop(f"unix:{redis.socket}", CACHE + " valid=2ms;", workers=2)
    server.tolerate_killed_workers()

    def ask_for_all():
        """How many got their own name. Pages that a killed worker cut off do not count, those of strangers neither."""
        answers = swarm(server, [request("/", {"X-Visitor": visitor}) for visitor in visitors])
        complete = [
            (answer.body, named(name))
            for name, answer in zip(visitors.values(), answers)
            if getattr(answer, "complete", False) and answer.status == 200 and answer.body
        ]
        assert all(body in (own, STRANGER) for body, own in complete)
        return sum(body == own for body, own in complete)

    for _ in range(6):
        harness.wait_until(ask_for_all, "pages with names")
        over = threading.Event()
        killer = threading.Timer(
            0.05, lambda: [os.kill(pid, signal.SIGKILL) for pid in server.worker_pids()] and over.set()
        )
        killer.start()
        while not over.is_set():
            ask_for_all()
        killer.join()
        harness.wait_until(lambda: len(server.worker_pids()) == 2, "new workers")
    harness.wait_until(lambda: ask(server, headers={"X-Visitor": "visitor3"}).body == named("Name 3"), "a page")


@pytest.mark.parametrize(
    "directive, message",
    [
        ("zone=profiles", 'zero size shared memory zone "profiles"'),
        ("valid=1s", "needs zone=NAME:SIZE"),
        ("zone=profiles:1m valid=0", 'invalid parameter "valid=0"'),
        ("zone=profiles:1m valid=soon", 'invalid parameter "valid=soon"'),
        ("zone=profiles:1m ttl=5s", 'invalid parameter "ttl=5s"'),
        ("zone=profiles:1m; personalize_profile_cache off", "is duplicate"),
    ],
)
def test_what_is_wrong_with_a_cache_is_said_when_the_configuration_is_loaded(tmp_path, directive, message):
    server = harness.Nginx(tmp_path / "nginx", f"server {{ personalize_profile_cache {directive}; }}")
    status, said = server.check()
    assert status != 0 and message in said, said


def test_a_location_may_go_without_the_cache_of_its_server(nginx, origin, rules, redis):
    redis.profile("ann", first_name="Ann")
    upstream = origin(PAGE)
    common = f"""
        personalize on; personalize_rules {rules(PROFILE_RULES)}; personalize_redis unix:{redis.socket};
        personalize_deadline 60s; personalize_visitor $http_x_visitor;"""
    server = nginx(
        f"""
        personalize_profile_cache zone=profiles:1m valid=1m;
        server {{
            listen 127.0.0.1:PORT; {common}
            location / {{ proxy_pass http://127.0.0.1:{upstream.port}; }}
            location /fresh {{ personalize_profile_cache off; proxy_pass http://127.0.0.1:{upstream.port}; }}
            location /same {{
                personalize_profile_cache zone=profiles; proxy_pass http://127.0.0.1:{upstream.port};
            }}
        }}"""
    )
    for path in ("/", "/same"):
        assert ask(server, path, ANN).body == named("Ann")
    redis.profile("ann", first_name="Anna")
    assert ask(server, "/", ANN).body == named("Ann")
    assert ask(server, "/same", ANN).body == named("Ann")
    assert ask(server, "/fresh", ANN).body == named("Anna")
