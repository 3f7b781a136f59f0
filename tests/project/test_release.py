"""Releases: the version is one fact, and .ci/release makes a tag only of what is fit for one."""
# Part: unit

import os
import pathlib
import re
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("PERSONALIZE_BUILD", ROOT / "build"))
CHANGES = "# Changes\n\n## 1.2.3 (2026-11-29)\n\n### New\n\n- Something.\n\n## 1.2.2\n\n- Older.\n"

pytestmark = pytest.mark.skipif(not shutil.which("git"), reason="git is missing")


def git(folder, *arguments):
    command = ["git", "-c", f"safe.directory={folder}", "-c", "user.name=A", "-c", "user.email=a@example.org", *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def program(path, text):
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)


@pytest.fixture
def tree(tmp_path):
    """A project of version 1.2.3 that is ready, and whose tests and builds take no time."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci/release", tmp_path / ".ci/release")
    (tmp_path / ".gitignore").write_text("/build/\n")
    (tmp_path / "CMakeLists.txt").write_text("project(ngx_http_personalize_module VERSION 1.2.3 LANGUAGES C CXX)\n")
    (tmp_path / "CHANGELOG.md").write_text(CHANGES)
    (tmp_path / "build").mkdir()
    program(tmp_path / ".ci/run", "echo tested >>build/log\n")
    program(tmp_path / "run", 'echo "run $*" >>build/log; touch build/libnginx-mod-http-personalize_1.2.3_amd64.deb\n')
    program(tmp_path / "build/personalize", "echo personalize 1.2.3\n")
    git(tmp_path, "init", "-q")
    commit(tmp_path)
    return tmp_path


def commit(tree):
    git(tree, "add", "-A")
    git(tree, "commit", "-q", "-m", "x")


def release(tree, *options):
    names = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER")
             for what, value in (("NAME", "A"), ("EMAIL", "a@example.org"))}
    return subprocess.run([tree / ".ci/release", *options], capture_output=True, text=True, timeout=60,
                          env={**os.environ, **names})


def test_a_dry_run_says_what_would_be_done_and_does_nothing(tree):
    done = release(tree, "--dry-run")
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stdout.splitlines() if re.match(r"\.ci/run|\./run package|git tag -a .*v1\.2\.3", line)]
    assert "nothing was done" in done.stdout
    assert git(tree, "tag") == "" and not (tree / "build/log").exists()


def test_a_release_is_tested_packaged_and_tagged_with_its_changes(tree):
    done = release(tree)
    assert done.returncode == 0, done.stderr
    assert (tree / "build/log").read_text() == "tested\nrun package\n"
    assert git(tree, "for-each-ref", "--format=%(refname)%0a%(contents:body)", "refs/tags").strip() == (
        "refs/tags/v1.2.3\n### New\n\n- Something."
    )


@pytest.mark.parametrize(
    "file, text, message",
    [
        ("CHANGELOG.md", "# Changes\n\n## 1.2.2\n\n- Older.\n", 'no section "## 1.2.3"'),
        ("CHANGELOG.md", "# Changes\n\n## 1.2.3\n\n## 1.2.2\n\n- Older.\n", "nothing in it"),
        ("CHANGELOG.md", "# Changes\n\n## 1.2.30\n\n- Newer.\n", 'no section "## 1.2.3"'),
        ("CHANGELOG.md", "# Changes\n\n## Unreleased\n\n- Later.\n\n## 1.2.3\n\n- Now.\n", "Unreleased"),
        ("CMakeLists.txt", "project(x VERSION 1.2 LANGUAGES C)\n", "three numbers"),
        ("CMakeLists.txt", "project(x LANGUAGES C)\n", "three numbers"),
    ],
)
def test_what_is_not_ready_is_refused(tree, file, text, message):
    (tree / file).write_text(text)
    commit(tree)
    done = release(tree, "--dry-run")
    assert done.returncode == 1 and message in done.stderr, done.stderr


def test_what_is_not_committed_is_no_release(tree):
    (tree / "new").write_text("x")
    done = release(tree, "--dry-run")
    assert done.returncode == 1 and "not committed" in done.stderr


def test_a_version_is_released_once(tree):
    git(tree, "tag", "v1.2.3")
    done = release(tree, "--dry-run")
    assert done.returncode == 1 and "v1.2.3" in done.stderr


@pytest.mark.parametrize("path, text", [(".ci/run", "exit 1\n"), ("run", "exit 1\n"), ("run", "exit 0\n")])
def test_nothing_is_tagged_if_a_test_fails_or_the_package_is_missing(tree, path, text):
    program(tree / path, text)
    commit(tree)
    assert release(tree).returncode == 1
    assert git(tree, "tag") == ""


def test_a_tool_that_says_another_version_is_not_released(tree):
    program(tree / "build/personalize", "echo personalize 1.2.2\n")
    done = release(tree)
    assert done.returncode == 1 and "personalize 1.2.2" in done.stderr and git(tree, "tag") == ""


def version():
    return re.search(r"^project\(.* VERSION (\S+) ", (ROOT / "CMakeLists.txt").read_text(), re.M)[1]


def test_the_tool_says_the_version_of_the_project():
    done = subprocess.run([BUILD / "personalize", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"personalize {version()}\n"


def test_the_version_is_written_nowhere_else():
    if not (ROOT / ".git").exists():
        pytest.skip("no checkout")
    elsewhere = [":!CHANGELOG.md", ":!tests/unit", ":!*package*.json"]
    found = subprocess.run(["git", "-c", f"safe.directory={ROOT}", "grep", "-lwF", version(), "--", *elsewhere],
                           cwd=ROOT, capture_output=True, text=True)
    assert found.stdout.split() == ["CMakeLists.txt"], found.stdout + found.stderr


def test_the_changelog_has_a_section_for_what_comes_next_or_for_this_version():
    sections = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M)
    assert sections[0] in ("Unreleased", version())
