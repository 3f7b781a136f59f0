"""Whatever happens to spliced pages and to the zone in which they are kept, visitors get the right page."""
# Part: integration, sanitizers

import base64
import functools
import gzip
import os
import random
import re
import shutil
import signal
import struct
import threading
import time

import pytest

import harness
from clients import Slow, ask
from shop import (
    GREETED,
    HERO,
    PAGE,
    RULES,
    SHOW_PATH,
    counters,
    edge,
    greeted,
    of_files,
    old_files_of,
    with_cards,
)
from splicing import MAGIC, only_root, zone_memory

LARGE = with_cards(60000)  # more than sockets hold
OTHERS = tuple(LARGE.replace(b"One", b"%03d" % i) for i in range(9))
ZONE = 24 * 1024 * 1024


@pytest.fixture
def files(nginx, rules):
    return functools.partial(of_files, nginx, rules)


def ask_for_others(server):
    """More large pages than there is room for."""
    for i, path in enumerate(old_files_of(OTHERS)):
        (server.folder / "html" / f"p{i}.html").symlink_to(path)
        for _ in range(3):
            answer = ask(server, f"/p{i}.html")
            assert answer.body == greeted(OTHERS[i])
    return answer


def splices(server, path="/page.html"):
    return ask(server, path).header("X-Path") == "splice"


@only_root
@pytest.mark.parametrize("before, count", [(16, 8), (200, 190), (1500, 1400)])
def test_a_zone_that_was_scribbled_over_does_no_harm(files, before, count):
    server = files(http="personalize_zone pages:3m;")
    workers = server.worker_pids()
    harness.wait_until(lambda: splices(server), "the plan")
    with zone_memory(*workers, 3 * 1024 * 1024) as (memory, write):
        write(memory.find(PAGE[:64]) - before, b"\xff" * count)
    for _ in range(4):
        assert ask(server, "/page.html").body == GREETED
    assert server.worker_pids() == workers


@only_root
def test_a_worker_that_dies_while_it_changes_the_zone_stops_nobody(files):
    server = files(
        location="add_header X-Worker $pid; send_timeout 60s;", page=LARGE, workers=2, http="personalize_zone pages:24m;"
    )
    server.tolerate_killed_workers()
    harness.wait_until(lambda: splices(server), "the plan")
    slow = Slow(server, "/page.html")
    reader = int(re.search(rb"X-Worker: (\d+)", slow.peek())[1])
    (other,) = server.worker_pids() - {reader}
    with zone_memory(reader, ZONE) as (memory, write):
        # It has NGINX's lock, which begins the memory, and has left its mark after the magic number.
        places = [memory.find(struct.pack("<IIIIi", MAGIC, 0, 0, 64, pid)) for pid in (reader, other)]
        write(max(places) + 4, struct.pack("<I", 1))
        write(0, struct.pack("<Q", other))
    os.kill(other, signal.SIGKILL)
    harness.wait_until(lambda: len(server.worker_pids() - {other}) == 2, "a new worker")
    for _ in range(8):
        answer = ask(server, "/page.html")
        assert (answer.body, answer.header("X-Path")) == (greeted(LARGE), "stream")  # clients still read the old pages
    assert slow.read() == greeted(LARGE)
    splicing = set()

    def all_splice():
        answer = ask(server, "/page.html")
        assert answer.body == greeted(LARGE)
        if answer.header("X-Path") == "splice":
            splicing.add(int(answer.header("X-Worker")))
        return splicing == server.worker_pids()

    harness.wait_until(all_splice, "a new beginning, in both workers")


def test_visitors_who_leave_let_go_of_their_page(files):
    server = files(location="send_timeout 60s;", page=LARGE, http="personalize_zone pages:24m;")
    harness.wait_until(lambda: splices(server), "the plan")
    slow = [Slow(server, "/page.html") for _ in range(4)]
    assert all(b"X-Path: splice" in client.peek() for client in slow) and server.connections() == len(slow)
    for client in slow:
        client.socket.close()
    harness.wait_until(lambda: server.connections() == 0, "the visitors to be gone")
    assert ask_for_others(server).header("X-Path") == "splice"
    built = counters(server)["plans_built"]
    assert splices(server) and counters(server)["plans_built"] == built + 1


def test_a_page_for_which_there_is_no_room_is_not_read_again_for_every_visitor(files):
    server = files(location="send_timeout 60s;", page=LARGE, http="personalize_zone pages:24m;")
    slow = []
    for i, path in enumerate(old_files_of(OTHERS)):
        (server.folder / "html" / f"p{i}.html").symlink_to(path)
        if not any(splices(server, f"/p{i}.html") for _ in range(3)):
            break
        slow.append(Slow(server, f"/p{i}.html"))
        assert b"X-Path: splice" in slow[-1].peek()
    begin = time.monotonic()
    for _ in range(20):
        answer = ask(server, f"/p{i}.html")
        assert (answer.body, answer.header("X-Path")) == (greeted(OTHERS[i]), "stream")
    assert 1 <= counters(server)["plans_refused"] <= 2 + time.monotonic() - begin
    for client in slow:
        client.socket.close()
    harness.wait_until(lambda: splices(server, f"/p{i}.html"), "room")


def test_compressed_parts_stay_while_slow_clients_read_them(files):
    noise = base64.b64encode(random.Random(6).randbytes(3_600_000))  # more than sockets hold, compressed too
    page, accepted = PAGE.replace(b"<ul>", b"<!--" + noise + b"--><ul>"), {"Accept-Encoding": "gzip"}
    server = files(location="gzip on; send_timeout 60s;", page=page, http="personalize_zone pages:32m;")
    harness.wait_until(lambda: ask(server, "/page.html", accepted).header("X-Path") == "splice_gzip", "the parts")
    slow = [Slow(server, "/page.html", accepted) for _ in range(3)]
    assert all(b"X-Path: splice_gzip" in client.peek() for client in slow) and server.connections() == len(slow)
    ask_for_others(server)
    assert counters(server)["plans_evicted"] > 0 and server.connections() == len(slow)
    assert {gzip.decompress(client.read()) for client in slow} == {greeted(page)}


@only_root
def test_a_content_type_that_was_scribbled_over_is_only_a_wrong_guess(files):
    server = files(location="charset utf-8;", http="personalize_zone pages:3m;")
    harness.wait_until(lambda: splices(server), "the plan")
    with zone_memory(*server.worker_pids(), 3 * 1024 * 1024) as (memory, write):
        write(memory.find(b"text/html; charset=utf-8"), b"text/html; charset=utf-7")
    server.reload()
    answers = [ask(server, "/page.html") for _ in range(4)]
    assert {(answer.body, answer.header("Content-Type")) for answer in answers} == {
        (GREETED, "text/html; charset=utf-8")
    }
    assert answers[-1].header("X-Path") == "splice"


def test_reloads_and_another_zone_in_the_middle_of_it_all_change_nobody_s_page(files):
    server = files(location="send_timeout 60s;", page=LARGE, workers=2, http="personalize_zone pages:24m;")
    small = server.file("small.html", PAGE)
    harness.wait_until(lambda: splices(server), "the plan")
    stop, wrong = threading.Event(), []

    def load():
        while not stop.is_set():
            answer = ask(server, "/small.html")
            if answer.body != GREETED:
                wrong.append(answer)

    threads = [threading.Thread(target=load, daemon=True) for _ in range(3)]
    for thread in threads:
        thread.start()
    slow = [Slow(server, "/page.html") for _ in range(4)]
    assert all(b"X-Path: splice" in client.peek() for client in slow)
    file = server.folder / "conf" / "nginx.conf"
    configuration = file.read_text()
    for size in ("24m", "16m", "24m"):
        file.write_text(configuration.replace("pages:24m", f"pages:{size}"))
        began = server.log().count("start worker process ")
        server.ask_for_reload()
        harness.wait_until(lambda: server.log().count("start worker process ") >= began + 2, "new workers")
    pages = [client.read() for client in slow]
    stop.set()
    for thread in threads:
        thread.join()
    assert pages == [greeted(LARGE)] * 4 and not wrong
    assert small.exists()
    harness.wait_until(lambda: splices(server), "a plan in the zone of the last configuration")


def test_cached_files_that_vanish_take_no_page_with_them(nginx, origin, rules):
    upstream = origin(LARGE)
    server = nginx(
        edge(
            f"""{SHOW_PATH} personalize on; personalize_rules {rules(RULES)}; send_timeout 60s;
            proxy_pass http://127.0.0.1:{upstream.port}; proxy_cache pages; proxy_cache_valid 200 1h;""",
            http="proxy_cache_path FOLDER/temp/cache keys_zone=pages:1m;",
        )
    )
    harness.wait_until(lambda: splices(server, "/"), "the plan")
    slow = [Slow(server, "/") for _ in range(2)]
    assert all(b"X-Path: splice" in client.peek() for client in slow)
    cache = server.folder / "temp" / "cache"
    shutil.rmtree(cache)
    cache.mkdir()
    for _ in range(3):
        assert ask(server, "/").body == greeted(LARGE)
    assert [client.read() for client in slow] == [greeted(LARGE)] * 2
    assert len(upstream.requests) == 2


def test_rules_that_change_make_other_pages_at_once_compressed_ones_too(nginx, rules):
    content, page = "All that we sell is made to last. " * 20, with_cards(100)
    offer = b"No offer &amp; no d\xc3\xa9j\xc3\xa0 vu."
    accepted = {"Accept-Encoding": "gzip"}

    def text(select, content):
        rule = f'{{ id: a, slot: place, do: {{ inner: "{content}" }} }}'
        return f'version: 1\nslots: {{ place: {{ select: "{select}" }} }}\nrules: [ {rule} ]\n'

    server = of_files(nginx, rules, "gzip on;", text("#hero", content), page=page)
    (file,) = server.folder.parent.glob("*.yaml")
    for select, instead, content in [
        ("#hero", HERO, content),
        ("#hero", HERO, content.replace("made", "meant")),
        ("p.offer", offer, content),
    ]:
        news = file.with_suffix(".new")
        news.write_text(text(select, content))
        news.replace(file)
        expected = page.replace(instead, content.encode())
        harness.wait_until(lambda: ask(server, "/page.html").body == expected, "the new rules")
        harness.wait_until(
            lambda: ask(server, "/page.html", accepted).header("X-Path") == "splice_gzip", "compressed parts"
        )
        assert gzip.decompress(ask(server, "/page.html", accepted).body) == expected
