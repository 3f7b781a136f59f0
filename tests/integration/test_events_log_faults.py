"""The log of events when Redis or workers fail: pages are answered, what is lost is counted, and no event is there twice."""
# Part: integration, sanitizers

import os
import signal
import time

import pytest

import harness
from event_logs import assert_once, entries, fates, in_file, in_redis, load, make, maker, until_settled
from redis_sets import Cluster, SentinelSet

KEEP = ("--appendonly", "yes", "--appendfsync", "always")


@pytest.fixture
def durable(tmp_path):
    """A Redis that has what it confirmed even after it was killed."""
    server = harness.Redis(tmp_path / "durable", options=KEEP).start()
    yield server
    server.stop()


def start_again(redis):
    redis.process.kill()
    redis.process.wait()
    os.unlink(redis.socket)
    redis.start()
    harness.wait_until(lambda: redis.command("PING") == "PONG", "Redis to have read what it had")


def test_a_redis_that_is_killed_under_load_costs_no_more_than_what_was_unconfirmed(nginx, durable):
    server = maker(nginx, "redis", f"unix:{durable.socket}", workers=2)
    with load(server) as made:
        for _ in range(3):
            made.go_on()
            start_again(durable)
        made.go_on()
    assert made.taken == len(made.made) and made.unanswered == 0, "the queues were not full"
    logged, dropped = until_settled(server, made.taken)
    assert set(dropped) <= {"unconfirmed"}
    found = in_redis(durable)
    assert_once(found, made.made)
    assert logged <= len(found) <= logged + dropped.get("unconfirmed", 0)


def test_while_redis_is_away_events_wait_until_the_queues_are_full(nginx, durable):
    server = maker(nginx, "redis shards=1", f"unix:{durable.socket}")
    make(server)
    until_settled(server, 1)
    durable.process.kill()
    durable.process.wait()
    os.unlink(durable.socket)
    _, taken = make(server, count=100, requests=30, size=5000)
    assert 1000 < taken < 3000, "8 MB of them"
    assert fates(server)[1] == {"queue_full": 3000 - taken}
    assert make(server)[1] in (0, 1), "answered all the same"
    durable.start()
    logged, dropped = until_settled(server, 3002)
    assert set(dropped) == {"queue_full"} and logged >= taken
    assert len(in_redis(durable, streams=1)) == logged
    assert "an event is lost: redis" in server.log()


def test_a_redis_that_hangs_for_a_moment_loses_nothing(nginx, durable):
    server = maker(nginx, "redis", f"unix:{durable.socket}", workers=2)
    with load(server) as made:
        made.go_on()
        durable.process.send_signal(signal.SIGSTOP)
        made.go_on()
        durable.process.send_signal(signal.SIGCONT)
        made.go_on()
    logged, dropped = until_settled(server, len(made.made))
    found = in_redis(durable)
    assert_once(found, made.made)
    if set(dropped) <= {"queue_full"}:  # not if this machine took more than five seconds for that
        assert len(found) == logged


def test_a_redis_that_hangs_is_given_up_and_what_it_does_later_is_not_done_again(nginx, durable):
    server = maker(nginx, "redis", f"unix:{durable.socket}")
    made, _ = make(server, count=10)
    until_settled(server, 10)
    durable.process.send_signal(signal.SIGSTOP)
    more, _ = make(server, count=10, requests=4)
    made |= more
    harness.wait_until(lambda: fates(server)[1].get("unconfirmed", 0) == 40, "the connection to be given up")
    late, _ = make(server, count=5)
    made |= late
    durable.process.send_signal(signal.SIGCONT)
    assert until_settled(server, 55) == (15, {"unconfirmed": 40})
    harness.wait_until(lambda: len(in_redis(durable)) == 55, "Redis to have done what it was sent")
    assert_once(in_redis(durable), made)


def test_a_redis_that_is_full_refuses_events_and_they_are_counted(nginx, redis):
    redis.command("CONFIG", "SET", "maxmemory-policy", "noeviction")
    server = maker(nginx, "redis", f"unix:{redis.socket}")
    redis.command("CONFIG", "SET", "maxmemory", "1mb")
    make(server, count=10, requests=5)
    logged, dropped = until_settled(server, 50)  # Redis may let one in before it notices
    assert dropped == {"out_of_memory": 50 - logged} and logged < 5
    assert "OOM command not allowed" in server.log()
    redis.command("CONFIG", "SET", "maxmemory", "0")
    made, _ = make(server, count=10)
    assert until_settled(server, 60) == (logged + 10, dropped)
    assert made <= set(in_redis(redis)) and len(in_redis(redis)) == logged + 10


def test_a_redis_that_is_loading_gets_the_events_later(nginx, durable):
    server = maker(nginx, "redis", f"unix:{durable.socket}")
    make(server, count=5)
    until_settled(server, 5)
    assert durable.command("REPLICAOF", "127.0.0.1", harness.free_port()) == "OK"  # READONLY, or MASTERDOWN
    made, taken = make(server, count=5)
    assert taken == 5
    time.sleep(0.5)
    assert fates(server) == (5, {})
    durable.command("REPLICAOF", "NO", "ONE")
    assert until_settled(server, 10) == (10, {})
    assert made < set(in_redis(durable)) and len(in_redis(durable)) == 10


def test_a_fail_over_costs_no_more_than_what_was_unconfirmed_or_not_copied(nginx, tmp_path):
    several = SentinelSet(tmp_path / "set").start()
    try:
        server = maker(nginx, "redis", f"sentinel:{several.NAME} {several.addresses}", workers=2)
        with load(server) as made:
            made.go_on()
            former = several.master()
            former.process.kill()
            former.process.wait()
            harness.wait_until(lambda: several.master_port() != former.port, "the fail-over")
            logged = fates(server)[0]
            harness.wait_until(lambda: fates(server)[0] > logged + 100, "events at the new master")
        logged, dropped = until_settled(server, len(made.made))
        assert made.unanswered == 0
        assert set(dropped) <= {"unconfirmed", "queue_full"}
        found = in_redis(several.master())
        assert_once(found, made.made)
        assert len(found) > 100
    finally:
        several.stop()


def test_a_planned_fail_over_loses_nothing_that_was_not_in_flight(nginx, tmp_path):
    several = SentinelSet(tmp_path / "set").start()
    try:
        server = maker(nginx, "redis", f"sentinel:{several.NAME} {several.addresses}")
        with load(server) as made:
            made.go_on()
            former = several.master_port()
            several.ask(several.sentinel_ports[0], "SENTINEL", "FAILOVER", several.NAME)
            harness.wait_until(lambda: several.master_port() != former, "the fail-over")
            logged = fates(server)[0]
            harness.wait_until(lambda: fates(server)[0] > logged + 100, "events at the new master")
        logged, dropped = until_settled(server, len(made.made))
        assert set(dropped) <= {"unconfirmed"}
        assert_once(in_redis(several.master()), made.made)
    finally:
        several.stop()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    try:
        yield cluster.start()
    finally:
        cluster.stop()


def in_cluster(cluster):
    def ask(key, *words):
        node = cluster.owner(key.partition("{")[2].rstrip("}"))
        return node.command(*words)

    return entries(ask)


def move(cluster, stream, while_it_moves):
    """The slot of a stream, to another master."""
    slot, source = cluster.slot(stream), cluster.owner(stream)
    target = next(node for node in cluster.nodes[:3] if node is not source)
    assert target.command("CLUSTER", "SETSLOT", slot, "IMPORTING", cluster.id(source)) == "OK"
    assert source.command("CLUSTER", "SETSLOT", slot, "MIGRATING", cluster.id(target)) == "OK"
    while_it_moves()
    while keys := source.command("CLUSTER", "GETKEYSINSLOT", slot, 100).split():
        assert source.command("MIGRATE", "127.0.0.1", target.port, "", 0, 5000, "KEYS", *keys) == "OK"
    while_it_moves()
    for node in (target, source, *cluster.running()):
        node.command("CLUSTER", "SETSLOT", slot, "NODE", cluster.id(target))
    while_it_moves()


def test_streams_that_move_within_a_cluster_lose_nothing(nginx, cluster):
    server = maker(nginx, "redis", f"cluster {cluster.addresses}", workers=2)
    with load(server) as made:
        for stream in ("00", "03", "05", "00"):
            move(cluster, stream, lambda: made.go_on(3))
    assert until_settled(server, len(made.made)) == (len(made.made), {})
    found = in_cluster(cluster)
    assert_once(found, made.made)
    assert set(found) == made.made


def test_a_lost_master_of_a_cluster_costs_only_its_own_streams(nginx, cluster):
    server = maker(nginx, "redis", f"cluster {cluster.addresses} prefix=lost:")
    with load(server) as made:
        made.go_on()
        lost = cluster.owner("00")
        lost.process.kill()
        lost.process.wait()
        harness.wait_until(lambda: cluster.owner("00") not in (None, lost), "the replica to take over")
        logged = fates(server)[0]
        harness.wait_until(lambda: fates(server)[0] > logged + 500, "events everywhere")
    _, dropped = until_settled(server, len(made.made))
    assert made.unanswered == 0 and set(dropped) <= {"unconfirmed", "queue_full"}
    lost.start()
    harness.wait_until(cluster.healthy, "the cluster to be whole")


def test_workers_that_are_killed_take_along_only_what_they_had_not_sent(nginx, redis):
    server = maker(nginx, "redis", f"unix:{redis.socket}", workers=2)
    server.tolerate_killed_workers()
    with load(server) as made:
        for _ in range(4):
            made.go_on()
            os.kill(min(server.worker_pids()), signal.SIGKILL)
            harness.wait_until(lambda: len(server.worker_pids()) == 2, "its successor")
        made.go_on()
    found = in_redis(redis)
    assert_once(found, made.made)
    made_last, _ = make(server, count=20)
    harness.wait_until(lambda: made_last <= set(in_redis(redis)), "events after that")
    # Answered requests of a killed worker have lost at most what it appended in its last turn.
    assert len(found) >= made.taken - 4 * 16 * 5


@pytest.mark.parametrize("kind", ["redis", "file"])
def test_reloads_under_load_lose_nothing(nginx, redis, tmp_path, kind):
    path = tmp_path / "events.log"
    log, address = ("redis", f"unix:{redis.socket}") if kind == "redis" else (path, "")
    server = maker(nginx, log, address, workers=2)
    with load(server) as made:
        for _ in range(4):
            made.go_on(3)
            server.reload()
        made.go_on(3)
    harness.wait_until(lambda: len(server.worker_pids()) == 2, "the old workers to go")
    logged, dropped = until_settled(server, made.taken)
    assert (logged, dropped) == (made.taken, {})
    found = in_redis(redis) if kind == "redis" else in_file(path)[0]
    assert_once(found, made.made)
    assert len(found) == logged


def test_a_worker_that_ends_waits_for_redis_but_not_for_ever(nginx, redis):
    server = maker(nginx, "redis", f"unix:{redis.socket}")
    make(server)
    until_settled(server, 1)
    redis.process.send_signal(signal.SIGSTOP)
    make(server, count=7)
    old = server.worker_pids()
    server.ask_for_reload()
    harness.wait_until(lambda: not server.worker_pids() & old, "the old worker to end")
    assert until_settled(server, 8) == (1, {"unconfirmed": 7})
    redis.process.send_signal(signal.SIGCONT)


def test_events_reach_redis_over_tls_by_a_user_with_the_documented_rights(nginx, secure, certificates):
    redis = secure(*certificates.server)
    redis.command("ACL", "SETUSER", "edge", "reset", "on", ">secret", "~shop:*", "+ping", "+xadd")
    tls = f"{redis.tls} tls=on ca={certificates.ca} user=edge password=secret prefix=shop:"
    server = maker(nginx, "redis", tls)
    made, _ = make(server, count=20, requests=5)
    assert until_settled(server, 100) == (100, {})
    assert set(in_redis(redis, prefix="shop:")) == made


def test_a_redis_that_was_never_there_costs_no_page(nginx):
    server = maker(nginx, "redis", f"127.0.0.1:{harness.free_port()}")
    _, taken = make(server, count=5, requests=20)
    assert taken == 100
    assert fates(server) == (0, {})
