"""Servers whose events are made by tests/modules/event_maker.cc, and what is in their logs."""

import collections
import contextlib
import itertools
import json
import re
import subprocess
import threading

import harness
from clients import request, swarm
from shop import STATUS_PAGE, counters

MAKER = f"load_module {harness.BUILD}/event_maker.so;"
METRICS = "location = /metrics { personalize_status prometheus; access_log off; }"


def maker(nginx, log, redis="", **options):
    """NGINX with `personalize_events_log LOG`, and /make, which makes events."""
    redis = f"personalize_redis {redis};" if redis else ""
    return nginx(
        f"""
server {{
    listen 127.0.0.1:PORT;
    {redis}
    personalize_events_log {log};
    {STATUS_PAGE}
    {METRICS}
    location = /make {{ make_events; access_log off; }}
}}
""",
        main=options.pop("main", ""),
        after_module=MAKER,
        **options,
    )


def tool(*arguments, text=None):
    """The command line tool, with `text` as its standard input."""
    return subprocess.run(
        [harness.BUILD / "personalize", *map(str, arguments)],
        input=text, capture_output=True, text=True, timeout=harness.PATIENCE,
    )


numbers = itertools.count()


def ids_of(prefix, count):
    return {f"{prefix}-{i}" for i in range(count)}


def make(server, count=1, visitors=16, requests=1, size=0, patience=harness.PATIENCE):
    """So many events by each of so many requests, all at once: the ids of all, and how many were taken."""
    asked, made = [], set()
    for _ in range(requests):
        number = next(numbers)
        asked.append(request(f"/make?visitor=v{number % visitors}&id=e{number}&count={count}&size={size}"))
        made |= ids_of(f"e{number}", count)
    answers = swarm(server, asked, parallel=min(requests, 64))
    return made, sum(int(answer.body) for answer in answers)


class Load:
    """Events that are being made: `made` are their ids, `taken` how many were taken by the log."""

    def __init__(self, server):
        self.server, self.made, self.taken, self.rounds, self.over = server, set(), 0, 0, threading.Event()
        self.unanswered = 0

    def run(self):
        while not self.over.is_set():
            asked, made = [], set()
            for _ in range(16):
                number = next(numbers)
                asked.append(request(f"/make?visitor=v{number % 64}&id=e{number}&count=5"))
                made |= ids_of(f"e{number}", 5)
            self.made |= made
            for answer in swarm(self.server, asked, parallel=16):
                text = getattr(answer, "body", b"").strip()
                self.taken += int(text or 0)
                self.unanswered += not text
            self.rounds += 1

    def go_on(self, rounds=5):
        """Waits until there was some more of it."""
        enough = self.rounds + rounds
        harness.wait_until(lambda: self.rounds >= enough or not self.thread.is_alive(), "more events")
        assert self.thread.is_alive(), "the load has ended"


@contextlib.contextmanager
def load(server):
    running = Load(server)
    running.thread = threading.Thread(target=running.run)
    running.thread.start()
    try:
        yield running
    finally:
        running.over.set()
        running.thread.join()


def fates(server):
    """How many events are in the log, and how many are not, by reason."""
    told = counters(server)
    dropped = {reason: count for reason, count in told["events_dropped"].items() if count}
    text = server.get("/metrics").text
    for reason, count in told["events_dropped"].items():
        assert re.search(rf'^personalize_events_dropped_total{{reason="{reason}"}} \d+$', text, re.M), reason
    return told["events_logged"], dropped


def until_settled(server, made):
    """Waits until so many events have been accounted for; returns their fates."""

    def settled():
        logged, dropped = fates(server)
        return (logged, dropped) if logged + sum(dropped.values()) >= made else None

    logged, dropped = harness.wait_until(settled, f"{made} events to be accounted for")
    assert logged + sum(dropped.values()) == made
    return logged, dropped


def entries(command, prefix="personalize:", streams=8):
    """The ids of the events in the streams; `command(key, *words)` asks the server that has the key."""
    found = collections.Counter()
    for number in range(streams):
        key = f"{prefix}log:{{{number:02}}}"
        for line in command(key, "XRANGE", key, "-", "+").splitlines():
            if line.startswith("{"):
                found[json.loads(line)["id"]] += 1
    return found


def in_redis(redis, **options):
    return entries(lambda key, *words: redis.command(*words), **options)


def in_file(path):
    """The ids in a log file, and how many lines are broken."""
    found, broken = collections.Counter(), 0
    for line in path.read_text().split("\n"):
        try:
            if line:
                found[json.loads(line)["id"]] += 1
        except ValueError:
            broken += 1
    return found, broken


def assert_once(found, made):
    """No event is there twice, and none that nobody made."""
    assert [id for id, times in found.items() if times != 1] == []
    assert set(found) <= made
