"""Servers with the same rule files share one compiled rule set, whatever else differs; memory does not grow by changes."""
# Part: integration, sanitizers

import json
import pathlib
import re
import threading
import time

import pytest

import harness
from clients import SHOW_WORKER, ask, wait_for_every_worker
from harness import wait_until
from shop import HERO, PAGE

SERVERS, WORKERS = 20, 2


def marker(text):
    return (
        'version: 1\nslots: { hero: { select: "#hero" } }\n'
        f'rules: [ {{ id: marker, slot: hero, do: {{ inner: "{text}" }} }} ]\n'
    )


def many_rules(count):
    """Beside the marker, for pages that nobody asks for."""
    rules = "".join(
        f"  - {{ id: r{i}, slot: offer,"
        f" when: 'device.type == \"phone\" && request.host == \"h{i}\" && request.query.q == \"{i}\"',"
        f" do: {{ inner: '<p class=\"c{i}\">{i} {{{{request.host}}}} {{{{device.type}}}}</p>' }} }}\n"
        for i in range(count)
    )
    return f'version: 1\nslots: {{ offer: {{ select: ".offer", pages: ["/elsewhere/*"] }} }}\nrules:\n{rules}'


@pytest.fixture
def shop(nginx, tmp_path):
    """shop(servers, rules, each=…): so many servers with the same rule files; `each(i)` is what differs."""
    folder = tmp_path / "rules"
    folder.mkdir()

    def change(text):
        (folder / "new").write_text(text if text.startswith("version") else marker(text))
        (folder / "new").rename(folder / "marker.yaml")

    def start(servers, rules=0, each=lambda i: "", **options):
        if rules:
            (folder / "many.yaml").write_text(many_rules(rules))
        change("text 0")
        blocks = "".join(
            f"""server {{
                listen 127.0.0.1:PORT; server_name s{i}.example;
                location /status {{ personalize_status; }}
                location / {{ personalize on; personalize_rules {folder}/*.yaml; {each(i)}
                              {SHOW_WORKER} add_header X-Error "$personalize_rules_error"; root FOLDER/html; }}
            }}\n"""
            for i in range(servers)
        )
        server = nginx(blocks, **options)
        server.file("index.html", PAGE)
        return server

    start.change, start.folder = change, folder
    return start


def status(server):
    return json.loads(ask(server, "/status").body)


def page(text):
    return PAGE.replace(HERO, text.encode())


def shown_by(server, i):
    return server.get(headers={"Host": f"s{i}.example"}).body


def wait_for_sets(server, sets, of=0):
    """Until that many rule sets are in the memory of all workers, those of the files' row `of` of the status."""
    wait_until(lambda: status(server)["rules"][of]["in_memory"] == sets, f"{sets} rule sets, not {status(server)['rules']}", 30)


def to_shop(i):
    return f"GET / HTTP/1.1\r\nHost: s{i}.example\r\nConnection: close\r\n\r\n".encode()


def wait_for_text(server, text, servers):
    for i in servers:
        wait_for_every_worker(
            server, lambda answer: answer.body == page(text), f"pages with {text}", to_shop(i)
        )


DIFFERENCES = {
    "prefix": lambda i: f"personalize_redis unix:/nowhere prefix=p{i}:; personalize_visitor $arg_v;",
    "time zone": lambda i: f"personalize_time_zone Etc/GMT+{i % 12};",
    "cookies": lambda i: f"personalize_cookies c{i};",
    "languages": lambda i: f"personalize_languages en d{chr(97 + i)};",
    "nothing": lambda i: "",
}


@pytest.mark.parametrize("what", DIFFERENCES)
def test_twenty_servers_with_the_same_files_hold_and_load_one_rule_set(shop, what):
    server = shop(SERVERS, each=DIFFERENCES[what], workers=WORKERS)
    sample = (0, 7, 19)
    wait_for_text(server, "text 0", sample)
    wait_for_sets(server, WORKERS)
    told = status(server)
    assert len(told["rules"]) == 1 and list(told["rules"][0]["workers"].values()) == [WORKERS]

    shop.change("text 1")
    wait_for_text(server, "text 1", sample)
    wait_for_sets(server, WORKERS)
    wait_until(lambda: list(status(server)["rules"][0]["workers"].values()) == [WORKERS], "all workers to know")
    compiled = status(server)["rules_compiled"]
    # A worker that looks while a file has just been renamed may load it once more.
    assert WORKERS <= compiled <= 2 * WORKERS
    assert status(server)["rules_replaced"] == 1 and server.log().count("rules were replaced") == 1

    server.reload()
    wait_for_text(server, "text 1", sample)
    wait_for_sets(server, WORKERS)
    assert status(server)["rules_compiled"] == compiled, "the master compiled them"


def test_servers_whose_plugins_add_attributes_have_a_rule_set_of_their_own(shop, tmp_path):
    plugin = tmp_path / "hours.lua"
    plugin.write_text(
        'return { name = "hours", attributes = { open = "bool" }, resolve = function() return { open = true } end }'
    )
    server = shop(4, each=lambda i: f"personalize_plugin {plugin};" if i % 2 else "", workers=1)
    wait_for_sets(server, 2)
    assert len(status(server)["rules"]) == 1

    # Rules that only some servers know the attributes for: these take them, the others go on with theirs.
    shop.change(marker("open").replace("slot: hero,", "slot: hero, when: hours.open,"))
    wait_until(lambda: all(shown_by(server, i) == page("open") for i in (1, 3)), "new rules")
    assert shown_by(server, 0) == shown_by(server, 2) == page("text 0")
    errors = [server.get(headers={"Host": f"s{i}.example"}).header("X-Error") for i in range(4)]
    assert all("hours" in error for error in errors[0::2]) and not any(errors[1::2])
    assert "hours" in status(server)["rules"][0]["error"]
    assert server.log().count("rules were replaced") == 1 and server.log().count("cannot be used") == 1
    shop.change("text 2")
    wait_for_text(server, "text 2", range(4))
    wait_for_sets(server, 2)
    assert status(server)["rules"][0]["error"] == ""


def test_mistakes_are_told_once_for_all_servers(shop):
    server = shop(SERVERS, each=DIFFERENCES["time zone"], workers=WORKERS)
    shop.change("version: 1\nruls: []\n")
    wait_until(lambda: "cannot be used" in server.log(), "a complaint", 30)
    wait_until(
        lambda: all(server.get(headers={"Host": f"s{i}.example"}).header("X-Error") for i in range(SERVERS)), "all to know"
    )
    assert server.log().count("cannot be used") == 1 and server.log().count("ruls") == 1
    assert status(server)["rules_refused"] == 1
    before = server.log()
    server.reload()
    wait_for_text(server, "text 0", (0, 7, 19))
    log = server.log()[len(before) :]
    assert log.count("those in use stay") == 1
    shop.change("text 1")
    wait_for_text(server, "text 1", (0, 7, 19))
    assert status(server)["rules"][0]["error"] == ""


def test_a_page_of_any_server_keeps_the_rules_that_it_began_with_and_then_they_go(shop, origin):
    go_on = threading.Event()

    def slowly(path, headers, send):
        head, _, _ = harness.html_response(PAGE).partition(b"\r\n\r\n")
        send(head + b"\r\n\r\n" + PAGE[:60])
        go_on.wait(60)
        send(PAGE[60:])

    upstream = origin(slowly)
    server = shop(
        SERVERS,
        each=lambda i: DIFFERENCES["prefix"](i)
        + f"location /slow {{ proxy_buffering off; proxy_pass http://127.0.0.1:{upstream.port}; }}",
        workers=1,
    )
    answers = []
    visitor = threading.Thread(target=lambda: answers.append(server.get("/slow", {"Host": "s13.example"}, timeout=60)))
    visitor.start()
    wait_until(lambda: upstream.requests, "the slow page to begin")
    shop.change("text 1")
    wait_for_text(server, "text 1", (0, 13))
    wait_for_sets(server, 2)
    go_on.set()
    visitor.join()
    assert answers[0].body == page("text 0")
    wait_for_sets(server, 1)


def private_kb(pid):
    """Memory that no other process shares."""
    return int(re.search(r"^Private_Dirty:\s+(\d+)", pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)[1])


def change_and_settle(shop, server, text):
    shop.change(text)
    wait_until(lambda: shown_by(server, 0) == page(text), f"pages with {text}", 60)
    wait_for_sets(server, 1)


def settled(pid):
    """The least of some looks: what is given back is given back in another thread."""
    least = private_kb(pid)
    for _ in range(20):
        time.sleep(0.05)
        least = min(least, private_kb(pid))
    return least


natively = pytest.mark.skipif(harness.sanitized(), reason="a sanitizer keeps what is freed")


@natively
def test_twenty_servers_take_the_memory_of_one(shop, nginx):
    taken = {}
    for servers in (1, SERVERS):
        server = shop(servers, 2000, each=DIFFERENCES["prefix"], workers=1)
        (pid,) = server.worker_pids()
        start = harness.resident_kb(pid)
        change_and_settle(shop, server, "text 1")
        taken[servers] = start, settled(pid)
        server.stop()
    for one, twenty in zip(taken[1], taken[SERVERS]):
        assert twenty < 1.5 * one, taken


@natively
def test_private_memory_stays_what_it_was_after_the_first_change(shop):
    server = shop(1, 4000, workers=1)
    (pid,) = server.worker_pids()
    before = private_kb(pid)
    change_and_settle(shop, server, "change 1")
    first = settled(pid)
    for i in range(2, 11):
        change_and_settle(shop, server, f"change {i}")
    last = settled(pid)
    assert last <= 1.2 * first, (before, first, last)
