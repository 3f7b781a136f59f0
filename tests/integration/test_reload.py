"""Reloads, shutdowns and what they must not lose or leave behind."""
# Part: integration, sanitizers

import contextlib
import itertools
import os
import pathlib
import signal
import threading

import pytest

import harness
from clients import ask, request, swarm
from fake_redis import FakeRedis, after, profile_of
from pace import paced, pacemaker
from shop import PAGE, PROFILE_RULES, RULES, SHOW, STRANGER, edge, named, profiles

ANN = {"X-Visitor": "ann"}
RELOADS = 12 if not harness.sanitized() else 4


class Load:
    """Visitors who keep asking until the end of the block; every page must be one of those expected."""

    def __init__(self, server, expected, visitors=4, headers=None):
        self.server, self.expected, self.headers = server, expected, headers or {}
        self.over, self.pages, self.wrong = threading.Event(), 0, []
        self.threads = [threading.Thread(target=self.visit) for _ in range(visitors)]

    def visit(self):
        while not self.over.is_set():
            try:
                answer = ask(self.server, headers=self.headers)
                self.pages += 1
                if answer.status != 200 or answer.body not in self.expected:
                    self.wrong.append((answer.status, answer.body[:200]))
            except Exception as error:  # noqa: BLE001
                self.wrong.append(repr(error))

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        harness.wait_until(lambda: self.pages or self.wrong, "a first page")
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join()


@pytest.fixture
def shop(nginx, origin, rules, redis):
    def start(page=PAGE, deadline="60s", text=PROFILE_RULES, location="", address=None, workers=2, **options):
        redis.profile("ann", first_name="Ann")
        return nginx(
            profiles(
                origin(page),
                address or f"unix:{redis.socket}",
                rules(text, "shop.yaml"),
                location=f"personalize_deadline {deadline}; {location}",
            ),
            workers=workers,
            **options,
        )

    return start


def test_a_reload_under_load_loses_no_request(shop):
    server = shop()
    with Load(server, {named("Ann")}, headers=ANN) as load:
        for _ in range(RELOADS):
            pages = load.pages
            server.reload()
            harness.wait_until(lambda: load.pages > pages + 4, "pages after the reload")
    assert load.wrong == []


def test_changed_rules_come_with_a_reload_and_old_or_new_pages_are_all_there_is(shop, tmp_path):
    server = shop()
    new = PROFILE_RULES.replace("Hello {{", "Welcome {{")
    with Load(server, {named("Ann"), named("Ann").replace(b"Hello", b"Welcome")}, headers=ANN) as load:
        (tmp_path / "shop.yaml").write_text(new)
        server.reload()
        assert b"Welcome Ann" in ask(server, headers=ANN).body
    assert load.wrong == []


def wait_for_old_workers(server, old):
    harness.wait_until(lambda: not old & server.worker_pids(), "the old workers to leave")


def test_a_worker_that_leaves_first_finishes_the_pages_that_wait_for_profiles(shop):
    store = FakeRedis(after(0.5, profile_of("Ann")))
    server = shop(deadline="3s", address=store.address)
    ask(server, headers=ANN)
    old = server.worker_pids()
    asked, answers = len(store.data_commands()), []
    visitors = [threading.Thread(target=lambda: answers.append(ask(server, headers=ANN))) for _ in range(6)]
    for visitor in visitors:
        visitor.start()
    harness.wait_until(lambda: len(store.data_commands()) > asked, "a fetch under way")
    server.ask_for_reload()
    for visitor in visitors:
        visitor.join()
    assert [answer.body for answer in answers] == [named("Ann")] * 6
    wait_for_old_workers(server, old)
    store.stop()


def test_a_worker_that_leaves_keeps_its_promise_of_a_deadline(nginx, rules):
    over = threading.Event()
    store = FakeRedis(lambda command, connection: over.wait() and None)
    server = nginx(
        edge(
            f"""{SHOW} personalize on; personalize_rules {rules(PROFILE_RULES)}; personalize_redis {store.address};
                personalize_visitor $http_x_visitor; personalize_deadline 400ms; root FOLDER/html;""",
            pacemaker(500),
        )
    )
    server.file("index.html", PAGE)
    old, result = server.worker_pids(), []
    visitor = threading.Thread(target=lambda: result.extend(paced(server, [ANN])))
    visitor.start()
    harness.wait_until(lambda: store.data_commands() and server.connections() == 2, "a fetch under way")
    server.ask_for_reload()
    visitor.join()
    [(answer, in_time)] = result
    assert (answer.body, answer.header("X-Deadline-Missed")) == (STRANGER, "[1]") and in_time
    wait_for_old_workers(server, old)
    over.set()
    store.stop()


def test_a_graceful_quit_finishes_pages_and_leaves_no_socket_open(shop):
    go_on, half, arrived = threading.Event(), len(PAGE) // 2, []

    def slowly(path, headers, send):
        arrived.append(path)
        head, _, _ = harness.html_response(PAGE).partition(b"\r\n\r\n")
        send(head + b"\r\n\r\n" + PAGE[:half])
        go_on.wait(harness.PATIENCE)
        send(PAGE[half:])

    server, answers = shop(slowly, location="proxy_buffering off;"), []
    visitors = [threading.Thread(target=lambda: answers.append(ask(server, headers=ANN))) for _ in range(4)]
    for visitor in visitors:
        visitor.start()
    harness.wait_until(lambda: len(arrived) == 4, "all four pages to be under way")
    server.process.send_signal(signal.SIGQUIT)
    harness.wait_until(lambda: "gracefully shutting down" in server.log(), "the workers to begin to leave")
    assert not server.stopped()
    go_on.set()
    for visitor in visitors:
        visitor.join()
    assert [answer.body for answer in answers] == [named("Ann")] * 4
    harness.wait_until(server.stopped, "nginx to be gone")
    assert server.process.returncode == 0


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_fast_stop_while_fetches_are_under_way_is_clean(shop, how):
    store = FakeRedis(after(5, profile_of("Ann")))
    server = shop(deadline="5s", address=store.address)
    visitors = [threading.Thread(target=ask_in_vain, args=(server,)) for _ in range(4)]
    for visitor in visitors:
        visitor.start()
    harness.wait_until(store.data_commands, "a fetch under way")
    server.process.send_signal(how)
    harness.wait_until(server.stopped, "nginx to be gone")
    for visitor in visitors:
        visitor.join()
    store.stop()


def ask_in_vain(server):
    """A fast stop cuts visitors off."""
    with contextlib.suppress(OSError, IndexError):
        ask(server, headers=ANN)


def test_a_killed_worker_is_replaced_and_serves(shop):
    server = shop()
    ask(server, headers=ANN)
    old = server.worker_pids()
    for pid in old:
        os.kill(pid, signal.SIGKILL)
    server.tolerate_killed_workers()
    harness.wait_until(lambda: len(server.worker_pids() - old) == 2, "new workers")
    assert ask(server, headers=ANN).body == named("Ann")


def test_connections_to_redis_do_not_pile_up_over_reloads(shop, redis):
    server = shop()
    for _ in range(RELOADS):
        swarm(server, [request("/", ANN) for _ in range(8)])
        old = server.worker_pids()
        server.ask_for_reload()
        wait_for_old_workers(server, old)
    harness.wait_until(
        lambda: len(redis.command("CLIENT", "LIST").splitlines()) <= 1 + 2 * 4, "old connections to be closed"
    )


def test_memory_does_not_grow_over_200_reloads(nginx, rules, geo_database):
    many = RULES + "".join(
        f"  - {{ id: r{i}, slot: hero, priority: -1, when: 'request.path == \"/{i}\"', "
        f"do: {{ inner: '<p>{i} {{{{request.path}}}}</p>' }} }}\n"
        for i in range(300)
    )
    server = nginx(
        edge(
            "return 204;", f"personalize on; personalize_rules {rules(many)}; personalize_geo {geo_database};"
        )
    )
    master = server.process.pid

    def reload(times):
        for _ in range(times):
            server.reload()
        return harness.resident_kb(master)

    if harness.sanitized():
        reload(10)
        return
    before = reload(60)
    after_all = reload(140)
    assert after_all - before < 3000, f"the master grew by {after_all - before} kB in 140 reloads"
    descriptors = len(list(pathlib.Path(f"/proc/{master}/fd").iterdir()))
    assert descriptors < 40


def test_without_a_master_a_reload_is_refused_and_everything_goes_on(shop):
    server = shop(main="master_process off;")
    assert ask(server, headers=ANN).body == named("Ann")
    server.tolerate("a reload is not possible")
    server.ask_for_reload()
    harness.wait_until(lambda: 'with "master_process off" a reload is not possible; restart' in server.log(), "a refusal")
    assert ask(server, headers=ANN).body == named("Ann")


def test_a_reload_may_resize_rename_and_exchange_zones(nginx, origin, rules, redis):
    redis.profile("ann", first_name="Ann")
    port = origin(PAGE).port
    cached = "proxy_cache pages; proxy_cache_valid 1h;"

    def configuration(plans, profiles_, weather):
        return edge(
            f"""{SHOW} {cached} personalize on; personalize_rules {rules(PROFILE_RULES)}; personalize_deadline 60s;
            personalize_redis unix:{redis.socket}; personalize_visitor $http_x_visitor;
            personalize_weather /weather zone={weather}; personalize_profile_cache zone={profiles_} valid=1h;
            proxy_pass http://127.0.0.1:{port};""",
            http=f"proxy_cache_path FOLDER/temp/cache keys_zone=pages:1m; personalize_zone {plans};",
        )

    server = nginx(configuration("a:1m", "b:1m", "c:1m"), workers=2)
    zones = [("a:2m", "b:2m", "c:2m"), ("a:1m", "b:1m", "c:1m"), ("x:1m", "y:1m", "z:1m")]
    for plans, profiles_, weather in [*zones, *itertools.permutations(("x:1m", "y:1m", "z:1m"))]:
        server.configure(configuration(plans, profiles_, weather))
        server.reload()
        for _ in range(8):
            assert ask(server, headers=ANN).body == named("Ann")
