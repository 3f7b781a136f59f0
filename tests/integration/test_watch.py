"""Rule files may change while NGINX runs: good rules are taken in by every worker, bad ones change nothing."""
# Part: integration, sanitizers

import json
import os
import signal
import subprocess
import threading
import time

import pytest

import harness
from clients import SHOW_WORKER, ask, wait_for_every_worker
from harness import wait_until
from shop import HERO, PAGE, edge

WORKERS = 3


def rule(text, slot="hero", more=""):
    return f"""version: 1
{more}
slots: {{ {slot}: {{ select: "#{slot}" }} }}
rules: [ {{ id: {slot}-rule, slot: {slot}, do: {{ inner: "{text}" }} }} ]
"""


def page(text):
    return PAGE.replace(HERO, text.encode())


class Load:
    """Visitors who keep asking until the end of the block, and what each got, when they asked."""

    def __init__(self, server, visitors=6):
        self.server, self.over, self.seen = server, threading.Event(), []
        self.threads = [threading.Thread(target=self.visit) for _ in range(visitors)]

    def visit(self):
        while not self.over.is_set():
            asked = time.monotonic()
            try:
                answer = ask(self.server)
                self.seen.append((asked, answer.body if answer.status == 200 and answer.complete else answer.raw))
            except Exception as error:  # noqa: BLE001
                self.seen.append((asked, repr(error)))

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        wait_until(lambda: self.seen, "a first page")
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join()

    def bodies(self, since=0.0):
        return {body for asked, body in self.seen if asked >= since}


@pytest.fixture
def files(tmp_path):
    """Writes rule files as editors do: aside, then renamed into place."""
    folder = tmp_path / "rules"
    folder.mkdir()

    def write(name, text):
        (folder / "new").write_text(text)
        (folder / "new").rename(folder / name)

    write.folder = folder
    write("a.yaml", rule("one"))
    return write


def many_rules(text, count=2000):
    """As `rule`, among others with conditions and content of their own."""
    more = "".join(
        f"  - {{ id: r{i}, slot: hero, priority: -1,"
        f" when: 'device.type == \"phone\" && request.host == \"{chr(65 + i % 26)}{i}\"',"
        f" do: {{ inner: '<p>{i} {{{{request.host}}}}</p>' }} }}\n"
        for i in range(count)
    )
    return f"""version: 1
slots: {{ hero: {{ select: "#hero" }} }}
rules:
  - {{ id: first, slot: hero, do: {{ inner: "{text}" }} }}
{more}"""


@pytest.fixture
def shop(nginx, origin, files):
    def start(http="", workers=WORKERS, **options):
        return nginx(
            edge(
                f"""
                personalize on; personalize_rules {files.folder}/*.yaml;
                {SHOW_WORKER} add_header X-Version $personalize_rules_version;
                add_header X-Error "$personalize_rules_error";
                proxy_pass http://127.0.0.1:{origin(PAGE).port};""",
                "location = /status { personalize_status; }",
                http,
            ),
            workers=workers,
            **options,
        )

    return start


def wait_for_page(server, text):
    wait_for_every_worker(server, lambda answer: answer.body == page(text), f"pages with {text}")


def versions(server):
    """How many workers use which rules, as the status has it: changes that they made are in it within a second."""
    return json.loads(ask(server, "/status").body)["rules"][0]["workers"]


def wait_for_change(server, old):
    """Until all workers use other rules than that version; which one."""
    new = old

    def changed():
        nonlocal new
        new = ask(server).header("X-Version")
        return new != old and versions(server) == {new: WORKERS}

    wait_until(changed, "all workers to use other rules")
    return new


@pytest.mark.parametrize("rules", [rule, many_rules])
def test_a_change_under_load_is_on_every_page_and_no_request_is_lost(shop, files, rules):
    files("a.yaml", rules("one"))
    server = shop()
    texts = ["one", "two", "three", "four"]
    with Load(server) as load:
        for before, text in zip(texts, texts[1:]):
            old = ask(server).header("X-Version")
            changed = time.monotonic()
            files("a.yaml", rules(text))
            wait_for_change(server, old)
            since = time.monotonic()
            wait_until(lambda: len([1 for asked, _ in load.seen if asked > since]) > 50, "more pages")
            assert load.bodies(changed) <= {page(before), page(text)}
            assert load.bodies(since) == {page(text)}
    assert "[error]" not in server.log() and "[warn]" not in server.log()
    assert server.log().count("rules were replaced") == 3  # said once, not by every worker


def test_every_version_has_a_name_which_the_tool_tells_too(shop, files):
    server = shop()
    first = ask(server).header("X-Version")
    files("a.yaml", rule("two"))
    second = wait_for_change(server, first)
    assert ask(server).body == page("two")
    done = subprocess.run(
        [harness.BUILD / "personalize", "check", files.folder / "a.yaml"], capture_output=True, text=True
    )
    assert second in done.stdout
    files("a.yaml", rule("one"))
    assert wait_for_change(server, second) == first


def test_bad_rules_change_nothing_and_are_reported_once(shop, files):
    server = shop()
    files("a.yaml", rule("two", slot="herro", more="rools: []"))
    wait_until(lambda: "cannot be used" in server.log(), "a complaint")
    wait_for_every_worker(server, lambda answer: answer.header("X-Error"), "all workers to know")
    answer = ask(server)
    assert answer.body == page("one")
    assert f"{files.folder}/a.yaml:2:1: " in answer.header("X-Error") and "rools" in answer.header("X-Error")
    assert server.log().count("cannot be used") == 1 and server.log().count("rools") == 1
    status = json.loads(ask(server, "/status").body)
    assert status["rules_refused"] == 1 and status["rules_replaced"] == 0
    files("a.yaml", rule("two"))
    wait_for_page(server, "two")
    wait_for_every_worker(server, lambda answer: answer.header("X-Error") is None, "all workers to take them")


def test_files_that_come_to_match_or_are_included_count(shop, files):
    server = shop()
    files("b.yaml", rule("more", slot="offer").replace("#offer", ".offer"))
    added = page("one").replace(b"No offer &amp; no d\xc3\xa9j\xc3\xa0 vu.", b"more")
    wait_for_every_worker(server, lambda answer: answer.body == added, "the added file's rule")
    (files.folder / "b.yaml").unlink()
    wait_for_page(server, "one")

    files("hero.inc", rule("included"))
    files("a.yaml", "version: 1\ninclude: hero.inc\n")
    wait_for_page(server, "included")
    files("hero.inc", rule("included later"))
    wait_for_page(server, "included later")


def test_when_all_files_are_gone_the_rules_stay(shop, files):
    server = shop()
    (files.folder / "a.yaml").unlink()
    wait_until(lambda: "no file is there any more" in server.log(), "a complaint")
    wait_for_page(server, "one")
    files("b.yaml", rule("two"))
    wait_for_page(server, "two")


LOOKS = 0.15  # seconds between a worker's looks: a file that is the same for so long is taken for whole


def write_slowly(path, text):
    """Gives the longest time for which the file was the same."""
    longest, before = 0, time.monotonic()
    with open(path, "w") as file:
        for i in range(0, len(text), 50):
            begin = time.monotonic()
            file.write(text[i : i + 50])
            file.flush()
            longest, before = max(longest, time.monotonic() - before), begin
            time.sleep(0.02)
    return max(longest, time.monotonic() - before)


def test_a_file_that_is_still_being_written_is_not_taken_in(shop, files):
    server = shop(workers=1)
    for _ in range(20):  # until the machine lets us write without a pause
        files("a.yaml", rule("one"))
        wait_for_page(server, "one")
        seen = len(server.log())
        with Load(server, visitors=2) as load:
            paused = write_slowly(files.folder / "a.yaml", rule("two" * 1000)) >= LOOKS
            wait_for_page(server, "two" * 1000)
        if not paused:
            assert load.bodies() == {page("one"), page("two" * 1000)}
            assert "[error]" not in server.log()[seen:]
            return
    pytest.skip("this machine is too busy to write a file without a pause")


def test_pages_that_wait_are_finished_with_the_rules_that_they_began_with(nginx, origin, files):
    go_on = threading.Event()

    def slowly(path, headers, send):
        head, _, _ = harness.html_response(PAGE).partition(b"\r\n\r\n")
        send(head + b"\r\n\r\n" + PAGE[:60])
        if path == "/slow":
            go_on.wait(harness.PATIENCE)
        send(PAGE[60:])

    upstream = origin(slowly)
    server = nginx(
        edge(f"""personalize on; personalize_rules {files.folder}/a.yaml; proxy_buffering off; {SHOW_WORKER}
                 proxy_pass http://127.0.0.1:{upstream.port};""")
    )
    answers = []
    visitor = threading.Thread(target=lambda: answers.append(ask(server, "/slow")))
    visitor.start()
    wait_until(lambda: upstream.requests, "the slow page to begin")
    for text in ("two", "three"):
        files("a.yaml", rule(text))
        wait_for_page(server, text)
    go_on.set()
    visitor.join()
    assert answers[0].body == page("one")


def test_reloads_and_a_new_binary_in_the_middle_lose_nothing(shop, files):
    server = shop(orphan=True)
    texts = [f"text {i}" for i in range(4)]
    with Load(server) as load:
        for text in texts:
            files("a.yaml", rule(text))
            server.reload()
            wait_for_page(server, text)
        files("a.yaml", rule("new binary"))
        server.process.send_signal(signal.SIGUSR2)
        pid_file = server.folder / "logs" / "nginx.pid"
        wait_until(lambda: (server.folder / "logs" / "nginx.pid.oldbin").exists() and pid_file.exists(), "a new master")
        new_master = int(pid_file.read_text())
        try:
            wait_for_page(server, "new binary")
            files("a.yaml", rule("newer"))
            wait_for_page(server, "newer")
        finally:
            os.kill(new_master, signal.SIGQUIT)
            wait_until(lambda: not (server.folder / "logs" / "nginx.pid.oldbin").exists(), "the new master to go")
        files("a.yaml", rule("old binary"))
        wait_for_page(server, "old binary")
    expected = {page(text) for text in ["one", *texts, "new binary", "newer", "old binary"]}
    assert load.bodies() <= expected


def test_who_does_not_want_files_to_be_watched_has_them_read_on_reload(shop, files):
    server = shop(http="personalize_watch off;")
    files("a.yaml", rule("two"))
    time.sleep(1)
    wait_for_page(server, "one")
    server.reload()
    wait_for_page(server, "two")
