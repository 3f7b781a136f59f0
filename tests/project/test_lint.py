"""`./run lint` finds what it is for, in a checkout and in an unpacked archive."""
# Part: unit

import pathlib
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = ("git", "clang-format", "shellcheck", "flake8")

pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, PROGRAMS)), reason="./run lint installs what this needs: " + ", ".join(PROGRAMS)
)

FAULTS = {
    "layout": ("html/odd.cc", "int  odd;\n", "html/odd.cc:1"),
    "layout of a header": ("html/odd.h", "int odd ;\n", "html/odd.h:1"),
    "a script": ("conf/odd", "#!/usr/bin/env bash\nrm $1/*\n", "SC2086"),
    "a package's script": ("conf/debian/odd", "#!/bin/sh\nrm $1/*\n", "SC2086"),
    "Python": ("bench/odd.py", "import os\n", "F401"),
    "a program in Python": ("bench/odd", "#!/usr/bin/env python3\nimport os\n", "F401"),
}


@pytest.fixture(params=["checkout", "archive"])
def tree(tmp_path, request):
    (tmp_path / ".ci").mkdir()
    for name in (".ci/lint", ".clang-format", ".flake8"):
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "made.py").write_text("import os\n")
    (tmp_path / ".gitignore").write_text("/build/\n")
    if request.param == "checkout":
        subprocess.run(["git", "init", "-q", tmp_path], check=True)
    return tmp_path


def lint(tree, *options):
    """Without CMakeLists.txt there is nothing for clang-tidy to read."""
    return subprocess.run([tree / ".ci" / "lint", *options], capture_output=True, text=True, timeout=120)


def test_a_clean_tree_passes(tree):
    done = lint(tree)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found_and_named(tree, fault):
    name, text, said = FAULTS[fault]
    path = tree / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    done = lint(tree)
    assert done.returncode == 1 and said in done.stdout + done.stderr, done.stdout + done.stderr


@pytest.mark.parametrize("options", [("--share",), ("--share", "0/3"), ("--share", "x"), ("--most",)])
def test_what_it_does_not_know_it_refuses(tree, options):
    done = lint(tree, *options)
    assert done.returncode == 1 and "lint: " in done.stderr, done.stderr
