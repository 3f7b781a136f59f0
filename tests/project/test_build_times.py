"""`./run build --times` says what a source file takes on average, and fails where a budget is given and exceeded."""
# Part: unit

import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Makes what CMake would: one file that joins three, and one by itself.
CMAKE = """#!{python}
import json, pathlib, sys
folder = pathlib.Path(sys.argv[sys.argv.index("--build" if "--build" in sys.argv else "-B") + 1])
if "--build" in sys.argv:
    (folder / "times").write_text("2.50 html/Unity/unity_0_cxx.cxx.o\\n1.50 geo/address.cc.o\\n")
else:
    joined = folder / "Unity/unity_0_cxx.cxx"
    joined.parent.mkdir()
    joined.write_text("".join('#include "{root}/html/%s.cc"\\n' % name for name in "abc"))
    commands = [{{"command": "c++ -o html/Unity/unity_0_cxx.cxx.o -c x", "file": str(joined)}},
                {{"command": "c++ -o geo/address.cc.o -c x", "file": "{root}/geo/address.cc"}}]
    (folder / "compile_commands.json").write_text(json.dumps(commands))
"""


@pytest.fixture
def times(tmp_path):
    (tmp_path / "cmake").write_text(CMAKE.format(python=sys.executable, root=ROOT))
    (tmp_path / "cmake").chmod(0o755)

    def run(*arguments):
        return subprocess.run([ROOT / "bench/build/run", *arguments], capture_output=True, text=True, timeout=60,
                              env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"})

    return run


def test_joined_files_are_counted_one_by_one_and_named(times):
    done = times()
    assert done.returncode == 0, done.stderr
    assert "2.5 s  html/a.cc … html/c.cc (3 files)" in done.stdout
    assert "1.5 s  geo/address.cc" in done.stdout
    assert "for 4 source files in 2 steps" in done.stdout


@pytest.mark.parametrize("budget, status", [("1000", 0), ("0", 1)])
def test_more_than_is_allowed_fails(times, budget, status):
    assert times("--max", budget).returncode == status


def test_the_compiler_runs_and_what_it_takes_is_noted(tmp_path):
    log = tmp_path / "times"
    program = [sys.executable, "-c", "import sys; sys.exit(3)", "-o", "a.o"]
    assert subprocess.run([ROOT / "bench/build/run", "--launch", log, *program]).returncode == 3
    seconds, name = log.read_text().split()
    assert name == "a.o" and float(seconds) >= 0
