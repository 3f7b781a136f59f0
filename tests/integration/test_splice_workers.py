"""However many workers there are, and however often their number changes, all of them splice."""
# Part: integration, sanitizers

import os
import shutil
import signal
import struct

import pytest

import harness
from clients import request, swarm
from shop import GREETED, PAGE, RULES, SHOW_PATH, STATUS, STATUS_PAGE, counters, old_file
from splicing import MAGIC, only_root, zone_memory

ZONE = 3 * 1024 * 1024


@pytest.fixture
def shop(nginx, rules):
    """shop(workers): each request may reach each of them."""

    def start(workers):
        server = nginx(
            f"""
            personalize_zone pages:3m;
            server {{
                listen 127.0.0.1:PORT reuseport;
                {STATUS} {STATUS_PAGE}
                location / {{
                    {SHOW_PATH} add_header X-Worker $pid; root FOLDER/html;
                    personalize on; personalize_rules {rules(RULES)};
                }}
            }}""",
            workers=workers,
        )
        (server.folder / "html" / "page.html").symlink_to(old_file(PAGE))
        return server

    return start


def reload_with(server, old, new, workers):
    file = server.folder / "conf" / "nginx.conf"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    server.reload()
    harness.wait_until(lambda: len(server.worker_pids()) == workers, "all new workers")


def all_splice(server):
    """Waits until each worker has spliced a page."""
    spliced = set()

    def more():
        for answer in swarm(server, [request("/page.html")] * 64):
            assert answer.body == GREETED
            if answer.header("X-Path") == "splice":
                spliced.add(int(answer.header("X-Worker")))
        return server.worker_pids() <= spliced

    harness.wait_until(more, "all workers to splice")


def test_forty_workers_all_splice_after_reloads_too(shop):
    server = shop(40)
    all_splice(server)
    for _ in range(2):
        server.reload()
        harness.wait_until(lambda: len(server.worker_pids()) == 40, "all new workers")
        all_splice(server)
    assert counters(server)["workers_without_zone"] == 0


def test_reloads_that_change_the_number_of_workers_keep_the_pages(shop):
    server = shop(2)
    all_splice(server)
    before = 2
    for workers in (40, 2, 70, 3):
        reload_with(server, f"worker_processes {before};", f"worker_processes {workers};", workers)
        all_splice(server)
        before = workers
    assert counters(server)["workers_without_zone"] == 0


def test_a_reload_that_loads_another_module_gives_it_memory_of_its_own(shop):
    server = shop(2)
    all_splice(server)
    other = server.folder / "other.so"
    shutil.copy(harness.MODULE, other)
    reload_with(server, str(harness.MODULE), str(other), 2)
    all_splice(server)
    assert counters(server)["plans_built"] == 1  # made again, and counted from the beginning


@only_root
def test_a_worker_that_finds_no_place_in_the_zone_is_counted_and_gets_the_next_that_is_free(shop):
    server = shop(2)
    server.tolerate_killed_workers()
    all_splice(server)
    (pid, _) = server.worker_pids()
    with zone_memory(pid, ZONE) as (memory, write):
        # After the header and the number of columns: a process id and its pins for each of 1024.
        places = memory.index(struct.pack("<IIII", MAGIC, 0, 0, 64)) + 16
        taken = [struct.unpack_from("<iI", memory, places + 8 * i) for i in range(1024)]
        assert server.worker_pids() == {owner for owner, _ in taken if owner}
        for i, (owner, _) in enumerate(taken):
            if not owner:
                write(places + 8 * i, struct.pack("<i", os.getpid()))
    for worker in server.worker_pids():
        os.kill(worker, signal.SIGKILL)
    harness.wait_until(lambda: len(server.worker_pids() - {owner for owner, _ in taken}) == 2, "new workers")
    all_splice(server)  # in the places of the dead
    server.reload()
    assert "no more can" in server.log()
    harness.wait_until(lambda: counters(server)["workers_without_zone"] == 0, "places of the old workers")
    all_splice(server)
