"""`./run test` does all its parts, says how long each took, and fails if one does."""
# Part: unit

import os
import pathlib
import re
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PARTS = ["packages", "compiling", "unit tests", "integration", "sanitizers", "browser", "end to end", "package", "fuzzing"]


@pytest.fixture
def run(tmp_path):
    """The script in a folder of its own, where everything that it calls does nothing but note that it was called."""
    shutil.copy(ROOT / "run", tmp_path / "run")
    programs = tmp_path / "programs"
    programs.mkdir()

    def stub(name, does=""):
        (programs / name).write_text(f'#!/bin/sh\necho "{name} $*" >>"{tmp_path}/called"\n{does}\n')
        (programs / name).chmod(0o755)

    for name in ("cmake", "npm", "node", "ctest"):
        stub(name)
    stub("dpkg-query", "echo installed")

    def call(*arguments, failing="nothing", **environment):
        stub("ctest", f'case "$*" in *"{failing}"*) exit 8 ;; *unit*) sleep 1.1 ;; esac')
        done = subprocess.run([tmp_path / "run", *arguments], capture_output=True, text=True, timeout=60,
                              env={**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", **environment})
        table = re.findall(r"^([a-z ]+?) +(\d+:\d\d) +(\d+:\d\d) *(\S*)$", done.stdout, re.M)
        return done, {name: note for name, _, _, note in table}

    call.calls = lambda: (tmp_path / "called").read_text()
    return call


def test_all_parts_are_done_and_listed(run):
    done, parts = run("test")
    assert done.returncode == 0, done.stdout + done.stderr
    assert [name for name in parts if name != "all of it"] == PARTS
    assert set(parts.values()) == {""}
    for directory in ("build", "build-asan", "build-fuzz"):
        assert f"ctest --test-dir {directory} " in run.calls()


def test_quick_leaves_sanitizers_and_fuzzing_out(run):
    done, parts = run("test", "--quick")
    assert done.returncode == 0
    assert {"sanitizers", "fuzzing"} == set(PARTS) - set(parts)
    assert "build-asan" not in run.calls() and "build-fuzz" not in run.calls()


@pytest.mark.parametrize("failing, name", [("build-asan", "sanitizers"), ("unit", "unit tests"), ("build-fuzz", "fuzzing")])
def test_a_part_that_fails_is_named_and_the_others_are_done(run, failing, name):
    done, parts = run("test", failing=failing)
    assert done.returncode == 1
    assert [part for part in parts if parts[part]] == [name] and parts[name] == "FAILED"
    assert len(parts) == len(PARTS) + 1


def test_what_takes_longer_than_it_may_fails_where_that_is_asked_for(run):
    done, parts = run("test", TEST_MINUTES="0")
    assert done.returncode == 1 and "may take 0 minutes" in done.stderr
    assert len(parts) == len(PARTS) + 1
    assert run("test", TEST_MINUTES="1")[0].returncode == 0


def test_the_parts_of_all_test_files_are_known():
    """Every label that tests have belongs to a part of `./run test`."""
    script, lists = (ROOT / "run").read_text(), (ROOT / "tests/CMakeLists.txt").read_text()
    known = set(re.findall(r"run_tests build (\w+)", script))
    for path in (ROOT / "tests").glob("*/test_*.py"):
        found = re.findall(r"^# Part: (.*)$", path.read_text("utf-8"), re.M)
        if path.parent.name != "conformance":
            assert len(found) == 1 and found[0].removesuffix(", sanitizers").replace(" ", "_") in known, path
    assert set(re.findall(r"LABELS (\w+)", lists)) <= known


def test_what_it_does_not_know_it_refuses(run):
    done, _ = run("test", "--fast")
    assert done.returncode == 1 and "unknown option --fast" in done.stderr
