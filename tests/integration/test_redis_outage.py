"""What the status and the log say of a Redis that goes away and comes back."""
# Part: integration, sanitizers

import os
import re
import signal
import socket
import threading

import pytest

import harness
from clients import ask
from fake_redis import FakeRedis, MoodyRedis, array
from shop import PAGE, PROFILE_RULES, STATUS_PAGE, counters, edge, profiles

ANN = {"X-Visitor": "ann"}
DEADLINE = "personalize_deadline 60s;"
METRICS = "location = /metrics { personalize off; personalize_status prometheus; access_log off; }"


@pytest.fixture
def shop(nginx, origin, rules):
    def start(address, options="", deadline=DEADLINE, **more):
        server = STATUS_PAGE + METRICS
        return nginx(profiles(origin(PAGE), address, rules(PROFILE_RULES), options, deadline, server=server), **more)

    return start


@pytest.fixture
def store(tmp_path):
    """A Redis on a port, with Ann in it."""
    server = harness.Redis(tmp_path / "store", harness.free_port()).start()
    server.address = f"127.0.0.1:{server.port}"
    server.profile("ann", first_name="Ann")
    yield server
    server.stop()


def kill(redis):
    redis.process.kill()
    redis.process.wait()
    os.unlink(redis.socket)


def revive(redis):
    redis.start()
    redis.profile("ann", first_name="Ann")


def gauges(server):
    """Connections that are healthy, and those that are broken; both ways of asking must agree."""
    told, text = counters(server), server.get("/metrics").text
    ready, broken = (
        int(re.search(rf"^personalize_redis_{name} (\d+)$", text, re.M)[1]) for name in ("connections", "breakers_open")
    )
    assert max(ready, broken, told["redis_ready"], told["redis_broken"]) < 1000, "a gauge ran below zero"
    return told["redis_ready"], told["redis_broken"]


def until(server, ready, broken):
    harness.wait_until(lambda: gauges(server) == (ready, broken), f"{ready} healthy and {broken} broken connections")


def said(server, what="redis"):
    return [line.partition("personalize: ")[2] for line in server.log().splitlines() if "personalize: " + what in line]


def failures(server):
    return counters(server)["redis_disconnects"]


def until_more_fail(server, more=12):
    """Attempts go on; by then a log that grows with them has grown."""
    enough = failures(server) + more
    harness.wait_until(lambda: failures(server) >= enough, "further attempts")


def test_the_gauges_follow_redis_down_and_up_while_nobody_asks(shop, store):
    server = shop(store.address, workers=2)
    until(server, 4, 0)
    for _ in range(2):
        kill(store)
        until(server, 0, 4)
        revive(store)
        until(server, 4, 0)
    store.command("CLIENT", "KILL", "TYPE", "normal")
    harness.wait_until(lambda: failures(server) >= 4, "the loss")
    until(server, 4, 0)


def test_reloads_and_killed_workers_leave_the_gauges_right(shop, store):
    server = shop(store.address, workers=2)
    server.tolerate_killed_workers()

    def kill_workers():
        old = server.worker_pids()
        for pid in old:
            os.kill(pid, signal.SIGKILL)
        harness.wait_until(lambda: len(server.worker_pids() - old) == 2, "new workers")

    for change in (server.reload, kill_workers, server.reload):
        kill(store)
        until(server, 0, 4)
        change()
        until(server, 0, 4)
        revive(store)
        until(server, 4, 0)
        change()
        until(server, 4, 0)


def test_workers_that_are_no_more_are_not_counted(shop, store):
    server = shop(store.address, workers=4)
    server.tolerate_killed_workers()
    until(server, 8, 0)
    harness.wait_until(lambda: counters(server)["workers"] == 4, "all notes")
    configuration = server.folder / "conf" / "nginx.conf"
    configuration.write_text(configuration.read_text().replace("worker_processes 4;", "worker_processes 1;"))
    old = server.worker_pids()
    server.ask_for_reload()
    for pid in old:  # without a chance to count anything down
        os.kill(pid, signal.SIGKILL)
    harness.wait_until(lambda: len(server.worker_pids()) == 1 and not server.worker_pids() & old, "one worker")
    until(server, 2, 0)
    assert counters(server)["workers"] == 1


def test_a_worker_that_shuts_down_slowly_does_not_count_for_its_successor(nginx, origin, rules, store):
    def hold(path, headers, send):
        send(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
        held.wait(harness.PATIENCE)

    held = threading.Event()
    slow = origin(hold)
    more = f"location = /slow {{ personalize off; proxy_buffering off; proxy_pass http://127.0.0.1:{slow.port}; }}"
    server = nginx(
        profiles(origin(PAGE), store.address, rules(PROFILE_RULES), "", DEADLINE, server=STATUS_PAGE + METRICS + more)
    )
    until(server, 2, 0)
    visitor = threading.Thread(target=lambda: server.get("/slow"))
    visitor.start()
    try:
        harness.wait_until(lambda: slow.requests, "the slow visitor")
        old = server.worker_pids()
        server.ask_for_reload()
        harness.wait_until(lambda: len(server.worker_pids()) == 2, "the old worker beside the new one")
        harness.wait_until(lambda: gauges(server) == (2, 0), "the new worker's connections")
        kill(store)
        until(server, 0, 2)
        revive(store)
        until(server, 2, 0)
        assert server.worker_pids() & old, "the old worker has gone too soon for this test"
    finally:
        held.set()
        visitor.join()


def test_a_breaker_that_lateness_opened_closes_under_light_load(shop):
    redis = MoodyRedis()
    server = shop(redis.address, "connections=3", "personalize_deadline 100ms;")
    try:
        until(server, 3, 0)
        redis.mood = lambda command, connection: None
        harness.wait_until(lambda: ask(server, headers=ANN) and gauges(server)[1] == 3, "all breakers to open")
        redis.mood = None
        harness.wait_until(lambda: ask(server, headers=ANN) and gauges(server) == (3, 0), "all of them to close")
    finally:
        redis.stop()


def test_an_outage_is_told_once_and_so_is_its_end_however_many_workers_there_are(shop, store):
    server = shop(store.address, workers=3)
    until(server, 6, 0)
    for times in (1, 2):
        kill(store)
        until(server, 0, 6)
        until_more_fail(server, 18)
        assert len(said(server)) == 2 * times - 1, said(server)
        revive(store)
        until(server, 6, 0)
        assert len(said(server)) == 2 * times, said(server)
    assert said(server)[::2] == [f"redis {store.address}: Connection refused"] * 2
    assert said(server)[1::2] == [f"redis {store.address}: answers again"] * 2
    assert all("[error]" in line for line in server.log().splitlines() if "personalize: redis" in line)


def test_redis_that_is_away_from_the_start_is_told_once_over_reloads(shop, store):
    kill(store)
    server = shop(store.address, workers=2)
    for _ in range(3):
        until(server, 0, 4)
        until_more_fail(server)
        server.reload()
    assert said(server) == [f"redis {store.address}: Connection refused"]
    revive(store)
    until(server, 4, 0)
    assert said(server)[1:] == [f"redis {store.address}: answers again"]


def test_a_worker_that_told_of_an_outage_and_was_killed_has_an_heir(shop, store):
    server = shop(store.address, workers=2)
    server.tolerate_killed_workers()
    until(server, 4, 0)
    kill(store)
    until(server, 0, 4)
    old = server.worker_pids()
    for pid in old:
        os.kill(pid, signal.SIGKILL)
    harness.wait_until(lambda: len(server.worker_pids() - old) == 2, "new workers")
    until_more_fail(server)
    assert len(said(server)) == 1, said(server)
    revive(store)
    until(server, 4, 0)
    assert said(server)[1:] == [f"redis {store.address}: answers again"]


def test_pages_that_go_without_bring_the_outage_up_again(shop, store):
    kill(store)
    server = shop(store.address)
    until_more_fail(server, 4)
    assert len(said(server)) == 1

    def reminded():
        ask(server, headers=ANN)
        return len(said(server)) >= 3

    harness.wait_until(reminded, "reminders")


def test_connections_that_redis_closes_because_nobody_uses_them_are_no_outage(shop, store):
    server = shop(store.address)
    until(server, 2, 0)
    for _ in range(3):
        before = failures(server)
        store.command("CLIENT", "KILL", "TYPE", "normal")
        harness.wait_until(lambda: failures(server) >= before + 2, "the loss")
        until(server, 2, 0)
    assert said(server) == []


@pytest.mark.parametrize(
    "why, reply",
    [("LOADING", b"-LOADING Redis is loading the dataset in memory\r\n"), ("WRONGPASS", b"-WRONGPASS invalid\r\n")],
)
def test_a_greeting_that_fails_is_told_once_with_its_reason(shop, why, reply):
    redis = MoodyRedis()
    redis.mood, redis.mood_at_setup = (lambda command, connection: reply), True
    try:
        server = shop(redis.address, "password=secret", workers=2)
        until_more_fail(server)
        assert len(said(server)) == 1 and why in said(server)[0], said(server)
        redis.mood = None
        until(server, 4, 0)
        assert len(said(server)) == 2, said(server)
    finally:
        redis.stop()


@pytest.mark.parametrize(
    "kind, reply",
    [("sentinel:shop", b"*-1\r\n"), ("cluster", b"*0\r\n"), ("cluster", b"-ERR cluster support disabled\r\n")],
)
def test_servers_that_know_no_others_are_told_of_once(shop, kind, reply):
    redis = FakeRedis(lambda command, connection: reply)
    try:
        server = shop(f"{kind} {redis.address}", workers=2)
        harness.wait_until(lambda: len(redis.data_commands()) >= 6, "further questions")
        assert len(said(server)) == 1 and said(server)[0].count(redis.address) == 1, said(server)
    finally:
        redis.stop()


@pytest.mark.parametrize("kind", ["sentinel:shop", "cluster"])
@pytest.mark.parametrize("way", ["says nothing", "hangs up"])
def test_a_server_that_never_tells_of_others_is_told_of_once(shop, kind, way):
    def reply(command, connection):
        if way == "hangs up":
            connection.shutdown(socket.SHUT_RDWR)

    redis = FakeRedis(reply)
    try:
        server = shop(f"{kind} {redis.address}", workers=2)
        harness.wait_until(lambda: len(redis.data_commands()) >= 6, "further questions")
        assert len(said(server)) == 1, said(server)
    finally:
        redis.stop()


def test_a_server_that_hangs_up_after_every_greeting_is_no_news_while_nobody_asks(shop):
    redis = MoodyRedis()

    def greet_and_leave(command, connection):
        connection.sendall(b"+PONG\r\n")
        connection.shutdown(socket.SHUT_RDWR)

    redis.mood, redis.mood_at_setup = greet_and_leave, True
    try:
        server = shop(redis.address, workers=2)
        until_more_fail(server, 16)
        assert len(said(server)) <= 1, said(server)
    finally:
        redis.stop()


@pytest.mark.parametrize("kind", ["", "cluster ", "sentinel:shop "])
def test_every_message_has_each_address_once(shop, kind):
    addresses = [f"127.0.0.1:{harness.free_port()}" for _ in range(3 if kind else 1)]
    server = shop(kind + " ".join(addresses))
    until_more_fail(server, 6)
    lines = said(server)
    assert lines, "nothing was said"
    for line in lines:
        assert all(line.count(address) <= 1 for address in addresses), line
        assert any(address in line for address in addresses), line


def test_a_name_in_the_directive_is_said_with_its_address(shop):
    port = harness.free_port()
    server = shop(f"localhost:{port}")
    until_more_fail(server, 4)
    assert re.fullmatch(rf"redis localhost:{port}, \S+:{port}: Connection refused", said(server)[0]), said(server)


def test_two_directives_for_one_server_do_not_speak_for_each_other(nginx, origin, rules, store):
    location = f"""personalize on; personalize_rules {rules(PROFILE_RULES)}; personalize_visitor $http_x_visitor;
        {DEADLINE} proxy_pass http://127.0.0.1:{origin(PAGE).port};"""
    server = nginx(
        edge(
            f"personalize_redis {store.address}; {location}",
            f"{STATUS_PAGE} {METRICS} location = /wrong {{ personalize_redis {store.address} password=no; {location} }}",
        )
    )
    until(server, 2, 2)
    until_more_fail(server, 8)
    assert len(said(server)) == 1 and "AUTH" in said(server)[0], said(server)


RECORD = """
return {
  name = "notes", attributes = { kind = "string" },
  resolve = function(request, replies, c) return { kind = "x" } end,
  on_exposure = function() return { { "HINCRBY", "seen", "pages", "1" } } end,
}
"""


def test_reads_that_come_too_late_do_not_take_writes_along(nginx, origin, rules):
    writes = []

    def answer(command, connection):
        if command[0] == b"HMGET":
            held.wait(harness.PATIENCE)
            return array("Ann")
        writes.append(command)
        return b":1\r\n"

    held = threading.Event()
    redis = FakeRedis(answer)
    plugin = rules(RECORD, "notes.lua")
    server = nginx(
        profiles(
            origin(PAGE),
            redis.address,
            rules(PROFILE_RULES),
            "connections=1",
            f"personalize_deadline 50ms; personalize_plugin {plugin};",
            server=STATUS_PAGE,
        )
    )
    try:
        for _ in range(12):
            ask(server, headers=ANN)
        harness.wait_until(lambda: len(writes) == 12, "every write")
        assert counters(server)["redis_timeouts"] >= 5, "reads were not late"
    finally:
        held.set()
        redis.stop()
