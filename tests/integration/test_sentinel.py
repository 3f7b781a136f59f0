"""Profiles on a master that Sentinels know, and that changes."""
# Part: integration, sanitizers

import threading

import pytest

import harness
from clients import ask, request, swarm, wait_for_every_worker
from fake_redis import FakeRedis, array
from redis_sets import SentinelSet
from shop import PAGE, PROFILE_RULES, STATUS_PAGE, STRANGER, counters, named, profiles

ANN = {"X-Visitor": "ann"}
# More than any reply takes: what matters here is which server is asked, not how fast.
DEADLINE = "personalize_deadline 60s;"


@pytest.fixture
def sentinels(tmp_path):
    """sentinels(passwords) → a running SentinelSet."""
    started = []

    def start(**passwords):
        started.append(SentinelSet(tmp_path / f"set{len(started)}", **passwords))
        return started[-1].start()

    yield start
    for one in started:
        one.stop()


def shop(nginx, origin, rules, address, options="", **more):
    return nginx(
        profiles(origin(PAGE), address, rules(PROFILE_RULES), options, DEADLINE, server=STATUS_PAGE), **more
    )


def test_the_master_is_found_and_found_again_after_a_fail_over_under_load(nginx, origin, rules, sentinels):
    several = sentinels()
    names = {f"visitor{i}": f"Name {i}" for i in range(16)}
    for visitor, name in names.items():
        several.servers[0].profile(visitor, first_name=name)
    harness.wait_until(lambda: several.servers[1].command("DBSIZE") == str(len(names)), "the replica's copies")
    server = shop(nginx, origin, rules, f"sentinel:{several.NAME} {several.addresses}", workers=2)
    for visitor, name in names.items():
        assert ask(server, headers={"X-Visitor": visitor}).body == named(name)

    over, strange, seen = threading.Event(), [], {True: 0, False: 0}

    def visit():
        while not over.is_set():
            answers = swarm(
                server, [request("/", {"X-Visitor": visitor}) for visitor in names], parallel=len(names)
            )
            for name, answer in zip(names.values(), answers):
                known = answer.body == named(name)
                seen[known] += 1
                if not known and answer.body != STRANGER:
                    strange.append(answer.body)

    load = threading.Thread(target=visit)
    load.start()
    try:
        former = several.master()
        former.process.kill()
        former.process.wait()
        harness.wait_until(lambda: several.master_port() != former.port, "the fail-over")
        wait_for_every_worker(
            server,
            lambda answer: answer.header("X-Profile") == "[not_found]",
            "the new master to be asked by both workers",
            request("/", ANN),
        )
        harness.wait_until(lambda: seen[True] > 20, "visitors with names")
    finally:
        over.set()
        load.join()
    assert not strange, "somebody got what is not theirs"
    for visitor, name in names.items():
        assert ask(server, headers={"X-Visitor": visitor}).body == named(name)
    now = counters(server)
    assert now["redis_moves"] >= 2 and now["redis_disconnects"] >= 2, now


def test_logins_of_sentinels_and_of_redis_are_different_things(nginx, origin, rules, sentinels):
    several = sentinels(password="data", sentinel_password="watch")
    several.servers[0].profile("ann", first_name="Ann")
    address = f"sentinel:{several.NAME} {several.addresses}"
    server = shop(nginx, origin, rules, address, "password=data sentinel_password=watch")
    assert ask(server, headers=ANN).body == named("Ann")
    wrong = shop(nginx, origin, rules, address, "password=data sentinel_password=data")
    assert ask(wrong, headers=ANN).header("X-Profile") == "[unavailable]"


def sentinel_that_says(reply):
    return FakeRedis(lambda command, connection: reply)


def test_sentinels_that_know_nothing_say_nonsense_or_are_gone_are_passed_over(nginx, origin, rules, redis):
    redis.command("CONFIG", "SET", "port", port := harness.free_port())
    redis.profile("ann", first_name="Ann")
    liars = [
        sentinel_that_says(reply)
        for reply in (
            b"*-1\r\n",
            array("redis.example", "6379"),
            array("127.0.0.1"),
            array("127.0.0.1", "99999"),
            b"-ERR no\r\n",
            b":1\r\n",
        )
    ]
    honest = sentinel_that_says(array("127.0.0.1", str(port)))
    addresses = [f"127.0.0.1:{harness.free_port()}", *(liar.address for liar in liars), honest.address]
    try:
        server = shop(nginx, origin, rules, "sentinel:shop " + " ".join(addresses))
        harness.wait_until(lambda: ask(server, headers=ANN).body == named("Ann"), "the honest Sentinel")
        assert all(liar.data_commands() for liar in liars)
    finally:
        for one in (*liars, honest):
            one.stop()


def test_a_master_that_has_become_a_replica_is_not_asked(nginx, origin, rules, redis, tmp_path):
    redis.command("CONFIG", "SET", "port", port := harness.free_port())
    redis.profile("ann", first_name="Ann")
    redis.command("REPLICAOF", "127.0.0.1", harness.free_port())
    sentinel = sentinel_that_says(array("127.0.0.1", str(port)))
    try:
        server = shop(nginx, origin, rules, f"sentinel:shop {sentinel.address}")
        harness.wait_until(
            lambda: ask(server, headers=ANN).header("X-Profile") == "[unavailable]", "the refusal"
        )
        redis.command("REPLICAOF", "NO", "ONE")
        harness.wait_until(lambda: ask(server, headers=ANN).body == named("Ann"), "the master")
    finally:
        sentinel.stop()


@pytest.mark.parametrize(
    "directive, message",
    [
        ("sentinel:shop", "needs a master's name"),
        ("sentinel: 127.0.0.1", "needs a master's name"),
        ("sentinel:shop db=1", "needs a master's name"),
        ("sentinel:shop unix:/run/sentinel.sock", "need host:port, not a Unix socket"),
        ("127.0.0.1 sentinel_password=x", 'invalid parameter "sentinel_password=x"'),
        ("cluster", "needs the addresses of some of the cluster's servers"),
        ("cluster 127.0.0.1 db=1", "a cluster has database 0 only"),
        ("127.0.0.1 tls=on", "tls=on needs ca=FILE"),
        ("127.0.0.1 tls=on ca=none.pem", 'cannot use certificate "none.pem"'),
        ("127.0.0.1 ca=none.pem", "has certificates, but not tls=on"),
        ("127.0.0.1 tls=on verify=off cert=a.pem", "cert and key go together"),
        ("unix:/run/redis.sock tls=on verify=off", "a Unix socket needs no TLS"),
        ("127.0.0.1 tls=maybe", 'invalid parameter "tls=maybe"'),
    ],
)
def test_what_is_wrong_with_a_redis_is_said_when_the_configuration_is_loaded(tmp_path, directive, message):
    server = harness.Nginx(tmp_path / "nginx", f"server {{ personalize_redis {directive}; }}")
    status, said = server.check()
    assert status != 0 and message in said and "nginx.conf:" in said, said
