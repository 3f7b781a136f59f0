"""64 visitors at once while Redis falls ill and recovers: each page is on time, nobody gets what is another's, the
log stays calm, and when Redis is well again everybody is known again."""
# Part: integration, sanitizers

import random
import threading

import pytest

import harness
from fake_redis import MoodyRedis, after, bulk, echo, reset
from pace import paced, pacemaker
from shop import PAGE, PROFILE_RULES, STATUS_PAGE, STRANGER, counters, edge, named

DEADLINE, PACE = 40, 100
ROUNDS = 8  # which begin with Redis in good health and end with the breakers open
VISITORS = [f"visitor{i}" for i in range(64)]


def hangs(command, connection):
    threading.Event().wait(1)
    reset(connection)


def trickles(command, connection):
    for byte in echo(command):
        connection.sendall(bytes([byte]))


def stops_half_way(command, connection):
    connection.sendall(echo(command)[:-6])
    threading.Event().wait(0.5)
    reset(connection)


def breaks_in_the_pipeline():
    chance = random.Random(3)

    def answer(command, connection):
        if chance.random() > 0.05:
            return echo(command)
        connection.sendall(echo(command)[:7])
        return reset(connection)

    return answer


def is_now_and_then_late():
    chance = random.Random(4)
    return lambda command, connection: after(0.06 if chance.random() < 0.1 else 0, echo)(command, connection)


TEN_MEGABYTES = b"*1\r\n" + bulk(b"x" * 10_000_000)

MOODS = {
    "refuses": (lambda command, connection: reset(connection), True),
    "is a black hole": (hangs, True),
    "is slow": (after(0.1, echo), False),
    "is now and then late": (is_now_and_then_late(), False),
    "answers a byte at a time": (trickles, False),
    "stops half-way": (stops_half_way, False),
    "sends garbage": (lambda command, connection: bytes(range(256)), False),
    "answers with errors": (lambda command, connection: b"-ERR no\r\n", False),
    "is loading": (lambda command, connection: b"-LOADING Redis is loading\r\n", True),
    "has values of 10 MB": (lambda command, connection: TEN_MEGABYTES, False),
    "resets in a pipeline": (breaks_in_the_pipeline(), False),
}


@pytest.fixture
def redis():
    server = MoodyRedis()
    yield server
    server.mood = None
    server.stop()


def ask_as_all(server):
    """All at once; everybody is in time. How many were greeted by name; nobody by another's."""
    answers = []
    for answer, in_time in paced(server, [{"X-Visitor": visitor} for visitor in VISITORS], together=True):
        assert in_time, "a page waited longer than its deadline"
        answers.append(answer)
    for visitor, answer in zip(VISITORS, answers):
        assert answer.status == 200
        assert answer.body in (named(visitor.capitalize()), STRANGER), "somebody got what is not theirs"
    return sum(answer.body != STRANGER for answer in answers)


@pytest.mark.parametrize("mood", MOODS)
def test_visitors_of_a_redis_that(nginx, rules, redis, mood):
    # From files: an origin would be in this process too, and slow while the sick Redis is busy.
    server = nginx(
        edge(
            f"""
            personalize on;
            personalize_rules {rules(PROFILE_RULES)};
            personalize_redis {redis.address};
            personalize_visitor $http_x_visitor;
            personalize_deadline {DEADLINE}ms;
            root FOLDER/html;
            """,
            server=pacemaker(PACE) + STATUS_PAGE,
        )
    )
    server.file("index.html", PAGE)
    everybody = lambda: ask_as_all(server) == len(VISITORS)  # noqa: E731
    harness.wait_until(everybody, "everybody to be known")

    redis.mood, redis.mood_at_setup = MOODS[mood]
    if redis.mood_at_setup:
        for connection in list(redis.open):
            reset(connection)
    for _ in range(ROUNDS):
        ask_as_all(server)

    redis.mood = None
    harness.wait_until(everybody, "everybody to be known again")
    now = counters(server)
    assert now["redis_disconnects"] == 0 or now["redis_recoveries"] > 0, now
    assert now["exceptions"] == 0
    complaints = [line for line in server.log().splitlines() if "[error]" in line or "[warn]" in line]
    assert len(complaints) <= max(12, 2 * server.seconds()), complaints
