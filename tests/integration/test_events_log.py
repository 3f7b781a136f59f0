"""personalize_events_log: what is written where, and what is said when it cannot be."""
# Part: integration, sanitizers

import os
import signal

import pytest

import harness
from event_logs import assert_once, fates, in_file, in_redis, make, maker, until_settled
from fake_redis import FakeRedis


@pytest.mark.parametrize("workers", [1, 2])
def test_every_event_is_in_a_stream_once(nginx, redis, workers):
    server = maker(nginx, "redis", f"unix:{redis.socket}", workers=workers)
    made, taken = make(server, count=20, requests=50)
    assert taken == len(made) == 1000
    assert until_settled(server, 1000) == (1000, {})
    found = in_redis(redis)
    assert_once(found, made)
    assert set(found) == made


def test_the_events_of_a_visitor_are_in_one_stream_in_their_order(nginx, redis):
    server = maker(nginx, "redis shards=3", f"unix:{redis.socket} prefix=shop:")
    made, _ = make(server, count=30)
    until_settled(server, 30)
    keys = redis.command("KEYS", "*").splitlines()
    assert len(keys) == 1 and keys[0] in {f"shop:log:{{0{i}}}" for i in range(3)}
    assert list(in_redis(redis, prefix="shop:", streams=3)) == sorted(made, key=lambda id: int(id.partition("-")[2]))


def test_all_streams_are_used(nginx, redis):
    server = maker(nginx, "redis shards=5", f"unix:{redis.socket}")
    make(server, requests=200, visitors=200)
    until_settled(server, 200)
    assert sorted(redis.command("KEYS", "*").splitlines()) == [f"personalize:log:{{0{i}}}" for i in range(5)]


def test_beyond_max_the_oldest_events_go(nginx, redis):
    server = maker(nginx, "redis shards=1 max=1m", f"unix:{redis.socket}")
    for _ in range(6):
        make(server, count=100, requests=10, size=1000)
    until_settled(server, 6000)
    kept = in_redis(redis, streams=1)
    size = int(redis.command("MEMORY", "USAGE", "personalize:log:{00}", "SAMPLES", "0"))
    assert 500_000 < size < 1_500_000
    assert 400 < len(kept) < 1500


def test_events_of_one_turn_go_out_by_one_write(nginx, redis):
    server = maker(nginx, "redis shards=1", f"unix:{redis.socket}")
    make(server, count=1)
    until_settled(server, 1)
    reads = int(redis.command("INFO", "stats").split("total_reads_processed:")[1].split()[0])
    make(server, count=50)
    until_settled(server, 51)
    after = int(redis.command("INFO", "stats").split("total_reads_processed:")[1].split()[0])
    assert after - reads <= 4  # one of them are the events; INFO itself, a PING perhaps


def test_every_event_is_a_line_of_the_file(nginx, tmp_path):
    path = tmp_path / "events.log"
    server = maker(nginx, path, workers=2)
    made, _ = make(server, count=20, requests=50)
    assert until_settled(server, 1000) == (1000, {})
    found, broken = in_file(path)
    assert_once(found, made)
    assert (set(found), broken) == (made, 0)


def test_a_file_that_was_moved_is_opened_anew(nginx, tmp_path):
    path = tmp_path / "events.log"
    server = maker(nginx, path, workers=2)
    first, _ = make(server, requests=20)
    until_settled(server, 20)
    path.rename(tmp_path / "events.1")
    server.process.send_signal(signal.SIGUSR1)
    harness.wait_until(path.exists, "the new file")

    def reopened():
        return all(
            os.path.realpath(f"/proc/{pid}/fd/{fd}") != str(tmp_path / "events.1")
            for pid in server.worker_pids()
            for fd in os.listdir(f"/proc/{pid}/fd")
        )

    harness.wait_until(reopened, "all workers to use it")
    second, _ = make(server, requests=20)
    until_settled(server, 40)
    assert in_file(tmp_path / "events.1")[0].keys() == first
    assert in_file(path)[0].keys() == second


def test_a_full_disk_is_counted_and_said_once_a_second(nginx):
    server = maker(nginx, "/dev/full")
    make(server, count=10, requests=20)
    assert until_settled(server, 200) == (0, {"disk": 200})
    lines = [line for line in server.log().splitlines() if "No space left" in line]
    assert 1 <= len(lines) <= server.seconds() + 1 and "events are lost" in lines[0]


@pytest.fixture
def small_disk(tmp_path):
    """A file system with 64 kB of room."""
    import subprocess

    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], capture_output=True, text=True
    )
    if mounted.returncode != 0:
        pytest.skip("tmpfs cannot be mounted here")
    os.chmod(folder, 0o777)
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_after_a_full_disk_no_line_continues_a_torn_one(nginx, small_disk):
    path = small_disk / "events.log"
    server = maker(nginx, path)
    made, _ = make(server, count=1000, size=100)
    logged, dropped = until_settled(server, 1000)
    assert 0 < logged < 1000 and dropped == {"disk": 1000 - logged}
    found, broken = in_file(path)
    assert_once(found, made)
    assert (len(found), broken) == (logged, 1)
    with open(path, "r+") as file:  # room again, and the torn line is the last one
        file.seek(0, os.SEEK_END)
        end = file.tell()
    kept = path.read_bytes()[end - 4096 :]
    path.write_bytes(kept)

    def more():
        ids, _ = make(server)
        made.update(ids)
        return fates(server)[0] > logged

    harness.wait_until(more, "events to be written again")
    found, broken = in_file(path)
    assert_once(found, made)
    assert broken <= 2 and len(found) > 0 and list(found)[-1] in ids_made_last(made)


def ids_made_last(made):
    newest = max(made, key=lambda id: int(id[1:].partition("-")[0]))
    return {newest}


def test_an_event_that_is_too_large_is_counted(nginx, redis, tmp_path):
    for log, address in (("redis", f"unix:{redis.socket}"), (tmp_path / "events.log", "")):
        server = maker(nginx, log, address)
        _, taken = make(server, count=2, size=70_000)
        assert taken == 0
        assert until_settled(server, 2) == (0, {"too_large": 2})


@pytest.mark.parametrize(
    "words, message",
    [
        ("redis shards=0", "1 to 100 shards"),
        ("redis shards=101", "1 to 100 shards"),
        ("redis shards=4x", "1 to 100 shards"),
        ("redis max=1k", "at least 1m"),
        ("redis max=", "at least 1m"),
        ("redis max=-5m", "at least 1m"),
        ("redis size=5m", "shards= or max="),
        ("on", "write redis, or name a file"),
        ('""', "write redis, or name a file"),
        ("logs/$host.log", "cannot have variables"),
        ("logs/events.log max=5m", "a file has no parameters"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path, words, message):
    status, said = harness.Nginx(
        tmp_path / "checked", f"server {{ listen 127.0.0.1:PORT; personalize_events_log {words}; }}"
    ).check()
    assert status != 0 and message in said, said


def test_streams_without_a_redis_are_warned_of(tmp_path):
    status, said = harness.Nginx(
        tmp_path / "checked", "server { listen 127.0.0.1:PORT; personalize_events_log redis; }"
    ).check()
    assert status == 0 and "personalize_events_log has no effect" in said and "add personalize_redis" in said, said


def test_a_server_inherits_the_log_or_has_its_own_or_none(nginx, redis, tmp_path):
    make_here = "location = /make { make_events; access_log off; }"
    server = nginx(
        f"""
personalize_redis unix:{redis.socket};
personalize_events_log redis;
server {{ listen 127.0.0.1:PORT; server_name a; {make_here} }}
server {{ listen 127.0.0.1:PORT; server_name b; personalize_events_log {tmp_path}/b.log; {make_here} }}
server {{ listen 127.0.0.1:PORT; server_name c; personalize_events_log off; {make_here} }}
""",
        after_module=f"load_module {harness.BUILD}/event_maker.so;",
    )
    taken = {name: server.get(f"/make?visitor=x&id={name}", {"Host": name}).text.strip() for name in "abc"}
    assert taken == {"a": "1", "b": "1", "c": "0"}
    harness.wait_until(lambda: set(in_redis(redis)) == {"a-0"}, "the event of a")
    harness.wait_until(lambda: set(in_file(tmp_path / "b.log")[0]) == {"b-0"}, "the event of b")


def test_an_error_of_redis_is_counted_and_said(nginx):
    redis = FakeRedis(lambda command, connection: b"-NOPERM this user has no permissions to run the 'xadd' command\r\n")
    try:
        server = maker(nginx, "redis", redis.address)
        make(server, count=5)
        assert until_settled(server, 5) == (0, {"refused": 5})
        assert "an event is lost: redis" in server.log() and "NOPERM" in server.log()
    finally:
        redis.stop()
