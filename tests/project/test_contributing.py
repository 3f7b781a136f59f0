"""What docs/contributing.md, and the README's table of folders, send people to is there."""
# Part: unit

import itertools
import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TABLE = (ROOT / "README.md").read_text("utf-8").split("## The source")[1].split("## Read on")[0]
TEXT = TABLE + (ROOT / "docs/contributing.md").read_text("utf-8")
FILE = re.compile(r"\.?[a-z_]+(/[\w.]+)*/?(\.[a-z]+)?")


def expanded(name):
    """a.{h,cc} → a.h and a.cc"""
    parts = re.split(r"\{([^}]*)\}", name)
    return ["".join(choice) for choice in itertools.product(*(p.split(",") if i % 2 else [p] for i, p in enumerate(parts)))]


def named_files():
    """Whatever stands in backticks and can only be a path: it has a slash, or the ending of a file."""
    words = {word for span in re.findall(r"`([^`\n]+)`", TEXT) for word in span.split()[:1]}
    names = [name for word in sorted(words) for name in expanded(word)]
    return [name for name in names if FILE.fullmatch(name) and ("/" in name or re.search(r"\.(md|cc|h|py|txt)$", name))]


def inside(name):
    """Below the root, or in a folder that the table has named before: `unit/` is tests/unit/."""
    folders = ("", "tests", "html", "rules", "plugins", "engine", "engine/redis", "module", "cli")
    return [ROOT / folder / name for folder in folders]


@pytest.mark.parametrize("name", [name for name in named_files() if not name.startswith("build")])
def test_a_file_that_is_named_exists(name):
    assert any(path.exists() for path in inside(name)), name


def test_files_are_found_in_the_text():
    assert {"plugins/weather/report.cc", "module/status/numbers.h", ".ci/", "html/"} <= set(named_files())
    assert len(named_files()) > 60


def test_there_is_a_recipe_for_each_usual_change():
    recipes = re.findall(r"^- \*\*(.+?)\*\*", TEXT.split("## Recipes")[1], re.M)
    assert len(recipes) == len(set(recipes)) == 17
