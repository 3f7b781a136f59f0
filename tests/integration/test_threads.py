"""Threads: workers of a master that never had one know that they are alone, which makes every lock and count cheaper."""
# Part: integration

import pathlib
import shutil
import subprocess
import tempfile

import pytest

import harness
from clients import ask
from harness import wait_until
from shop import HERO, PAGE, RULES, edge, greeted
from silent_files import READ, STATFS, SilentFiles

WATCHER = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*function)(void *), void *argument) {
  int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *) = dlsym(RTLD_NEXT, "pthread_create");
  FILE *file = fopen(getenv("PATH_OF_THREADS"), "a");
  if (file) {
    fprintf(file, "%d\\n", getpid());
    fclose(file);
  }
  return real(thread, attributes, function, argument);
}
"""


@pytest.fixture
def threads(tmp_path, monkeypatch):
    """threads(): the processes that started threads so far."""
    if harness.sanitized():
        pytest.skip("sanitizers start threads themselves")
    source, library, log = tmp_path / "watcher.c", tmp_path / "watcher.so", tmp_path / "threads"
    source.write_text(WATCHER)
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    monkeypatch.setenv("LD_PRELOAD", str(library))
    monkeypatch.setenv("PATH_OF_THREADS", str(log))
    return lambda: set(map(int, log.read_text().split())) if log.exists() else set()


@pytest.fixture
def memory():
    """A folder on a file system that is local wherever tests run."""
    folder = tempfile.mkdtemp(prefix="personalize-test-", dir="/dev/shm")
    yield pathlib.Path(folder)
    shutil.rmtree(folder)


def test_the_master_reads_local_rule_files_without_a_thread(nginx, origin, threads, memory):
    (memory / "rules.yaml").write_text("version: 1\ninclude: more.inc\n")
    (memory / "more.inc").write_text(RULES)
    server = nginx(
        edge(f"personalize on; personalize_rules {memory}/*.yaml; proxy_pass http://127.0.0.1:{origin(PAGE).port};"),
        main="env PATH_OF_THREADS;",
    )
    server.reload()
    assert ask(server).body == greeted(PAGE)
    assert threads() == set()
    (memory / "new").write_text(RULES.replace("Hello you", "Good day"))
    (memory / "new").rename(memory / "more.inc")
    wait_until(lambda: ask(server).body == PAGE.replace(HERO, b"<b>Good day</b>"), "changed rules", 30)
    assert threads() == server.worker_pids(), "changes are loaded in a thread"


@pytest.fixture
def silent(tmp_path):
    folder = tmp_path / "silent"
    folder.mkdir()
    try:
        files = SilentFiles(folder)
    except OSError as error:
        pytest.skip(f"no file system can be mounted here: {error}")
    yield files
    files.close()


def test_a_file_that_nobody_answers_for_does_not_keep_the_master(nginx, origin, silent, tmp_path):
    (tmp_path / "rules.yaml").write_text(RULES)
    location = "personalize on; personalize_rules {}; proxy_pass http://127.0.0.1:%d;" % origin(PAGE).port
    server = nginx(edge(location.format(f"{tmp_path}/rules.yaml")))
    server.configure(edge(location.format(f"{silent.folder}/rules.yaml")))
    before = server.worker_pids()
    server.ask_for_reload()
    wait_until(lambda: READ in silent.asked, "the master to read", 30)
    assert ask(server).body == greeted(PAGE)
    wait_until(lambda: (now := server.worker_pids()) and not now & before, "new workers", 60)
    assert ask(server).body == PAGE
    assert STATFS not in silent.asked, "whether it is local is known without asking it"
    assert "reading takes longer than 10 s" in server.log()
    server.tolerate("rules.yaml")
