"""`./run coverage` says of each folder how much of it tests run."""
# Part: unit

import json
import os
import pathlib
import re
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
FILES = [("html/a.cc", 10, 9), ("html/a.h", 10, 10), ("html/tree/b.cc", 200, 50), ("cli/main.cc", 0, 0)]


def coverage(folder, *arguments, status=0):
    report = {"files": [{"filename": name, "line_total": all, "line_covered": run} for name, all, run in FILES]}
    (folder / "programs").mkdir()
    (folder / "report").write_text(json.dumps(report))
    for name, does in (("ctest", f'echo "$@" >{folder}/called; exit {status}'), ("gcovr", f"cat {folder}/report")):
        (folder / "programs" / name).write_text(f"#!/bin/sh\n{does}\n")
        (folder / "programs" / name).chmod(0o755)
    (folder / "build-coverage").mkdir()
    (folder / "build-coverage" / "old.gcda").write_text("of another run")
    shutil.copy(ROOT / ".ci/coverage", folder)
    return subprocess.run([folder / "coverage", *arguments], cwd=folder, capture_output=True, text=True, timeout=60,
                          env={**os.environ, "PATH": f"{folder / 'programs'}:{os.environ['PATH']}"})


def test_a_folders_files_are_added_up(tmp_path):
    done = coverage(tmp_path)
    assert done.returncode == 0, done.stderr
    assert [line.split() for line in done.stdout.splitlines()[2:]] == [
        ["cli/", "0", "0", "0.0%"],
        ["html/", "20", "19", "95.0%"],
        ["html/tree/", "200", "50", "25.0%"],
        ["all", "of", "it", "220", "69", "31.4%"],
    ]


def test_counts_of_an_earlier_run_are_forgotten(tmp_path):
    coverage(tmp_path)
    assert not list((tmp_path / "build-coverage").glob("*.gcda"))


def test_real_servers_are_asked_for(tmp_path):
    coverage(tmp_path, "--integration")
    assert re.search(r"-L \^\(unit\|integration\)\$ ", (tmp_path / "called").read_text())


def test_a_test_that_fails_fails_it_after_the_table(tmp_path):
    done = coverage(tmp_path, status=8)
    assert done.returncode == 1 and "all of it" in done.stdout
