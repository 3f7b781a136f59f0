"""Profiles from Redis: found, typed, asked for beside the upstream, and never anybody else's."""
# Part: integration, sanitizers

import random
import socket
import threading

import pytest

import harness
from clients import ask, http2, request, swarm
from fake_redis import FakeRedis, SlowWire, after, array, profile_of
from shop import HERO, PAGE, PROFILE_RULES, STRANGER, named, profiles

TYPED_RULES = """
version: 1
attributes:
  profile:
    name: string
    spent: double
    visits: int
    vip: bool
    interests: list<string>
slots:
  hero: { select: "#hero" }
rules:
  - id: typed
    slot: hero
    priority: 1
    when: profile.spent > 99.5 && profile.visits == 7 && profile.vip && "tea" in profile.interests
    do: { inner: "<b>{{profile.name}}</b>" }
  - id: many
    slot: hero
    when: profile.visits > 3
    do: { inner: "<i>often</i>" }
"""


class Monitor:
    """Everything that a Redis is asked, as it says itself."""

    def __init__(self, redis):
        self.connection = socket.socket(socket.AF_UNIX)
        self.connection.connect(redis.socket)
        self.connection.sendall(b"MONITOR\r\n")
        self.text = b""
        self.redis = redis
        while b"+OK" not in self.text:
            self.text += self.connection.recv(100)

    def lines(self):
        """All commands so far, without those of setting up."""
        mark = f"mark-{random.random()}"
        self.redis.command("ECHO", mark)
        while mark.encode() not in self.text:
            self.text += self.connection.recv(65536)
        self.text, text = b"", self.text.decode()
        ignored = ('"ECHO"', '"SELECT"', '"CLIENT"', '"PING"', '"AUTH"', '"HELLO"', '"COMMAND"')
        return [
            line
            for line in text.splitlines()
            if line.startswith("+") and "] " in line and not any(i in line for i in ignored)
        ]


def waiting(nginx, origin, rules, address, page=PAGE, options="", location="", deadline="60s"):
    """A shop that waits long for profiles."""
    return nginx(
        profiles(
            origin(page),
            address,
            rules(PROFILE_RULES),
            options,
            f"personalize_deadline {deadline}; {location}",
        )
    )


def test_a_visitor_with_a_profile_is_greeted_by_name(nginx, origin, rules, redis):
    redis.profile("ann", first_name="Ann")
    server = waiting(nginx, origin, rules, f"unix:{redis.socket}")
    for get in (ask, http2):
        answer = get(server, headers={"X-Visitor": "ann"})
        assert (answer.body, answer.header("X-Profile")) == (named("Ann"), "[found]")
        answer = get(server, headers={"X-Visitor": "bob"})
        assert (answer.body, answer.header("X-Profile")) == (STRANGER, "[not_found]")
        assert get(server).body == STRANGER


def test_a_changed_profile_shows_at_the_next_request(nginx, origin, rules, redis):
    server = waiting(nginx, origin, rules, f"unix:{redis.socket}")
    for name in ("Ann", "Anne", "Anna"):
        redis.profile("ann", first_name=name)
        assert ask(server, headers={"X-Visitor": "ann"}).body == named(name)
    redis.command("DEL", "personalize:{ann}:profile")
    assert ask(server, headers={"X-Visitor": "ann"}).body == STRANGER


def test_values_from_the_profile_are_escaped(nginx, origin, rules, redis):
    redis.profile("ann", first_name="<script>alert('x')</script>&")
    answer = ask(waiting(nginx, origin, rules, f"unix:{redis.socket}"), headers={"X-Visitor": "ann"})
    assert (
        b"<script>alert" not in answer.body
        and b"&lt;script&gt;alert(" in answer.body
        and b"&amp;</b>" in answer.body
    )


@pytest.mark.parametrize(
    "fields, expected",
    [
        (
            dict(name="Zoë", spent="100", visits="7", vip="true", interests='["coffee", "tea"]'),
            b"<b>Zo\xc3\xab</b>",
        ),
        (dict(name="Zoe", spent="100.25", visits="7", vip="1", interests="coffee,tea"), b"<b>Zoe</b>"),
        (dict(name="Zoe", spent="99.5", visits="7", vip="true", interests='["tea"]'), b"<i>often</i>"),
        (dict(name="Zoe", spent="many", visits="7", vip="true", interests='["tea"]'), b"<i>often</i>"),
        (dict(name="Zoe", spent="100", visits="seven", vip="true", interests='["tea"]'), HERO),
        (dict(visits="99999999999999999999999999"), HERO),
        (dict(visits="4", spent="nan", interests="]["), b"<i>often</i>"),
        (dict(unrelated="x"), HERO),
    ],
)
def test_fields_have_the_types_that_the_rule_files_declare(nginx, origin, rules, redis, fields, expected):
    redis.profile("zoe", **fields)
    server = nginx(
        profiles(
            origin(PAGE), f"unix:{redis.socket}", rules(TYPED_RULES), location="personalize_deadline 60s;"
        )
    )
    assert ask(server, headers={"X-Visitor": "zoe"}).body == PAGE.replace(HERO, expected)


def test_a_profile_may_have_many_fields(nginx, origin, rules, redis):
    redis.profile("zoe", **{f"f{i}": i for i in range(60)})
    text = (
        "version: 1\nattributes:\n  profile:\n"
        + "".join(f"    f{i}: int\n" for i in range(60))
        + 'slots: { hero: { select: "#hero" } }\nrules:\n'
        + "  - { id: all, slot: hero, do: { inner: all }, when: "
        + " && ".join(f"profile.f{i} == {i}" for i in range(60))
        + " }\n"
    )
    server = nginx(
        profiles(origin(PAGE), f"unix:{redis.socket}", rules(text), location="personalize_deadline 60s;")
    )
    assert ask(server, headers={"X-Visitor": "zoe"}).body == PAGE.replace(HERO, b"all")


def test_bytes_that_are_not_utf_8_never_reach_the_page(nginx, origin, rules):
    store = FakeRedis(lambda command, _: array(b"A\xff\xfe<b>"))
    answer = ask(waiting(nginx, origin, rules, store.address), headers={"X-Visitor": "ann"})
    assert b"\xff" not in answer.body and b"A\xfe" not in answer.body
    answer.body.decode("utf-8")
    store.stop()


GOOD_IDS = ["a", "ann", "user-123_x.Y", "6f1c2a0e-9d1b-4c58-8f0a-1c2d3e4f5a6b", "x" * 128]
BAD_IDS = [
    "",
    "a b",
    "a\tb",
    "ann}:profile",
    "{ann}",
    "a:b",
    "a*",
    "a?",
    "a/b",
    "a\\b",
    'a"b',
    "a'b",
    "a\x01b",
    "a\x7fb",
    "ann\xe9",
    "ann\u00e9".encode().decode("latin-1"),
    "a;b",
    "a=b",
    "a,b",
    "$a",
    "%61",
    "a%00b",
    "x" * 129,
    "x" * 4096,
    "..\\..",
    "a\x0bb",
    "ann ",
]


def test_only_well_formed_visitor_ids_become_part_of_a_key(nginx, origin, rules, redis):
    server = waiting(nginx, origin, rules, f"unix:{redis.socket}")
    monitor = Monitor(redis)
    for visitor in BAD_IDS:
        answer = ask(server, headers={"X-Visitor": visitor})
        assert answer.body == STRANGER, repr(visitor)
    # NGINX itself takes blanks off the end of a header's value.
    assert all("personalize:{ann}:profile" in line for line in monitor.lines())
    for visitor in GOOD_IDS:
        assert ask(server, headers={"X-Visitor": visitor}).body == STRANGER
        lines = monitor.lines()
        assert len(lines) == 1 and f'"personalize:{{{visitor}}}:profile"' in lines[0], lines


def test_visitor_ids_from_cookies_are_checked_the_same_way(nginx, origin, rules, redis):
    redis.profile("ann", first_name="Ann")
    server = nginx(
        profiles(
            origin(PAGE), f"unix:{redis.socket}", rules(PROFILE_RULES), location="personalize_deadline 60s;"
        ).replace("$http_x_visitor", "$cookie_visitor")
    )
    monitor = Monitor(redis)
    for cookie in (
        "visitor=ann%20",
        "visitor={ann}",
        'visitor="ann"',
        "visitor=" + "a" * 4000,
        "visitor",
        "visitor=",
        "=ann",
    ):
        assert ask(server, headers={"Cookie": cookie}).body == STRANGER, cookie
    assert monitor.lines() == []
    assert ask(server, headers={"Cookie": "a=b; visitor=ann; c=d"}).body == named("Ann")
    assert len(monitor.lines()) == 1


def test_a_visitor_id_can_be_put_together_of_several_variables(nginx, origin, rules, redis):
    redis.profile("shop-1.ann", first_name="Ann")
    conf = profiles(origin(PAGE), f"unix:{redis.socket}", rules(PROFILE_RULES), location="personalize_deadline 60s;")
    server = nginx(conf.replace("$http_x_visitor", "shop-$arg_shop.$cookie_visitor"))
    monitor = Monitor(redis)
    assert ask(server, "/?shop=1", headers={"Cookie": "visitor=ann"}).body == named("Ann")
    assert ask(server, "/?shop=2", headers={"Cookie": "visitor=ann"}).body == STRANGER
    assert ask(server, "/?shop={1}", headers={"Cookie": "visitor=ann"}).body == STRANGER
    assert len(monitor.lines()) == 2


def test_prefix_and_database_choose_the_key(nginx, origin, rules, redis):
    redis.profile("ann", first_name="Zero")
    redis.command("-n", "3", "HSET", "shop:{ann}:profile", "first_name", "Three")
    server = waiting(nginx, origin, rules, f"unix:{redis.socket}", options="db=3 prefix=shop:")
    assert ask(server, headers={"X-Visitor": "ann"}).body == named("Three")


@pytest.mark.parametrize("way", ["password", "user", "wrong password", "no password", "forbidden user"])
def test_authentication_by_password_and_by_acl_user(nginx, origin, rules, tmp_path, way):
    store = harness.Redis(tmp_path / "locked").start()
    try:
        store.profile("ann", first_name="Ann")
        store.command("ACL", "SETUSER", "shop", "on", ">pass", "~personalize:*", "+@read", "+@connection")
        store.command("ACL", "SETUSER", "poor", "on", ">pass")
        store.command("CONFIG", "SET", "requirepass", "secret")
        options = {
            "password": "password=secret",
            "user": "user=shop password=pass",
            "wrong password": "password=guess",
            "no password": "",
            "forbidden user": "user=poor password=pass",
        }[way]
        server = waiting(nginx, origin, rules, f"unix:{store.socket}", options=options)
        expected = named("Ann") if way in ("password", "user") else STRANGER
        for _ in range(3):
            answer = ask(server, headers={"X-Visitor": "ann"})
            assert answer.body == expected
        if expected == STRANGER:
            assert answer.header("X-Profile") in ("[error]", "[unavailable]")
        assert "secret" not in server.log() and "guess" not in server.log()
    finally:
        store.stop()


def test_redis_over_tcp(nginx, origin, rules, tmp_path):
    store = harness.Redis(tmp_path / "tcp", port=harness.free_port()).start()
    store.profile("ann", first_name="Ann")
    server = waiting(nginx, origin, rules, f"127.0.0.1:{store.port}")
    assert ask(server, headers={"X-Visitor": "ann"}).body == named("Ann")
    store.stop()


def test_64_visitors_at_once_each_see_their_own_name(nginx, origin, rules, redis):
    visitors = [f"v{i}" for i in range(64)]
    for visitor in visitors:
        redis.profile(visitor, first_name=f"Name-{visitor}-")
    server = waiting(nginx, origin, rules, f"unix:{redis.socket}")
    order = random.Random(7).choices(visitors, k=640)
    answers = swarm(server, [request("/", {"X-Visitor": visitor}) for visitor in order], parallel=64)
    for visitor, answer in zip(order, answers):
        assert answer.body == named(f"Name-{visitor}-"), visitor


@pytest.mark.parametrize("connections", [1, 4])
def test_late_replies_never_reach_another_visitor(nginx, origin, rules, redis, connections):
    visitors = [f"v{i}" for i in range(64)]
    for visitor in visitors:
        redis.profile(visitor, first_name=f"Name-{visitor}-")
    wire = SlowWire(redis.socket, lambda source: source.choice([0, 0, 0.003, 0.03, 0.1]))
    server = waiting(
        nginx, origin, rules, wire.address, options=f"connections={connections}", deadline="30ms"
    )
    chance, late = random.Random(8), []

    def visit():
        order = chance.choices(visitors, k=320)
        answers = swarm(server, [request("/", {"X-Visitor": visitor}) for visitor in order], parallel=32)
        for visitor, answer in zip(order, answers):
            assert answer.body in (named(f"Name-{visitor}-"), STRANGER), visitor
        late.extend(answer.body == STRANGER for answer in answers)
        return len(late) >= 640 and set(late) == {True, False}

    harness.wait_until(visit, "profiles that are late and profiles that are in time")
    wire.stop()


def test_the_profile_is_fetched_beside_the_upstream(nginx, origin, rules):
    asked_for_page, asked_for_profile = threading.Event(), threading.Event()

    def page(path, headers, send):
        asked_for_page.set()
        if asked_for_profile.wait(harness.PATIENCE):
            send(harness.html_response(PAGE))

    def profile(command, connection):
        asked_for_profile.set()
        return profile_of("Ann")(command, connection) if asked_for_page.wait(harness.PATIENCE) else None

    store = FakeRedis(profile)
    server = waiting(nginx, origin, rules, store.address, page)
    assert ask(server, headers={"X-Visitor": "ann"}).body == named("Ann")
    store.stop()


def test_a_profile_that_is_slower_than_the_upstream_is_waited_for(nginx, origin, rules):
    sent = threading.Event()

    def page(path, headers, send):
        send(harness.html_response(PAGE))
        sent.set()

    def profile(command, connection):
        sent.wait(harness.PATIENCE)
        return after(0.05, profile_of("Ann"))(command, connection)

    store = FakeRedis(profile)
    server = waiting(nginx, origin, rules, store.address, page)
    assert ask(server, headers={"X-Visitor": "ann"}).body == named("Ann")
    store.stop()


def test_requests_of_one_moment_share_few_connections(nginx, origin, rules, redis):
    server = waiting(nginx, origin, rules, f"unix:{redis.socket}", options="connections=3")
    swarm(server, [request("/", {"X-Visitor": f"v{i}"}) for i in range(200)], parallel=64)
    clients = [line for line in redis.command("CLIENT", "LIST").splitlines() if "cmd=client" not in line]
    assert 1 <= len(clients) <= 3


def test_pages_without_rules_that_need_a_profile_do_not_ask(nginx, origin, rules, redis):
    server = nginx(
        profiles(
            origin(PAGE),
            f"unix:{redis.socket}",
            rules(PROFILE_RULES.replace('select: "#hero"', 'select: "#hero", pages: ["/here"]')),
            location="personalize_deadline 60s;",
        )
    )
    monitor = Monitor(redis)
    assert ask(server, "/else", {"X-Visitor": "ann"}).body == PAGE
    assert monitor.lines() == []
    assert ask(server, "/here", {"X-Visitor": "ann"}).body == STRANGER
    assert len(monitor.lines()) == 1


def test_a_visitor_who_is_switched_off_is_not_looked_up(nginx, origin, rules, redis):
    server = nginx(
        profiles(origin(PAGE), f"unix:{redis.socket}", rules(PROFILE_RULES)).replace(
            "personalize on;", "personalize $arg_mode;"
        )
    )
    monitor = Monitor(redis)
    assert ask(server, "/?mode=off", {"X-Visitor": "ann"}).body == PAGE
    assert monitor.lines() == []


def test_a_dry_run_looks_profiles_up_and_reports(nginx, origin, rules, redis):
    redis.profile("ann", first_name="Ann")
    server = nginx(
        profiles(
            origin(PAGE), f"unix:{redis.socket}", rules(PROFILE_RULES), location="personalize_deadline 60s;"
        ).replace("personalize on;", "personalize dry_run;")
    )
    answer = ask(server, headers={"X-Visitor": "ann"})
    assert (answer.body, answer.header("X-Decisions"), answer.header("X-Profile")) == (
        PAGE,
        "[hero=named]",
        "[found]",
    )
