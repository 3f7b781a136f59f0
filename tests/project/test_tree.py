"""The tree is what README.md and docs/contributing.md say: no folder includes what it may not, and each is named there."""
# Part: unit

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]

# What each folder may include besides itself and what those may.
MAY_INCLUDE = {
    "html": [],
    "geo": [],
    "learn/events": [],
    "rules": ["html", "learn/events"],
    "plugins": ["rules", "geo"],
    "engine": ["plugins"],
    "module": ["engine", "learn/events"],
    "cli": ["engine", "learn/events"],
}
OURS = {*MAY_INCLUDE, "learn", "tests", "bench"}


def sources(folder):
    files = sorted(path for path in (ROOT / folder).rglob("*") if path.suffix in (".h", ".cc", ".inc"))
    assert files, folder
    return files


def reach(folder):
    """The folder and all that it may include."""
    return {folder}.union(*(reach(other) for other in MAY_INCLUDE[folder]))


def includes(path):
    return re.findall(r'^\s*#\s*include\s*(["<][^">]+[">])', path.read_text("utf-8"), re.M)


def room_of(path):
    """The folder of MAY_INCLUDE that it is in, else the first part."""
    return next((room for room in MAY_INCLUDE if path.startswith(f"{room}/")), path.split("/")[0])


def test_no_folder_includes_what_it_may_not():
    wrong = []
    for folder in MAY_INCLUDE:
        allowed = reach(folder)
        for path in sources(folder):
            name = path.relative_to(ROOT)
            if name.is_relative_to("plugins/examples"):
                continue
            for include in includes(path):
                included = room_of(include[1:-1])
                if included in OURS and included not in allowed:
                    wrong.append(f"{name}: {folder}/ may not include {include}")
                if included.startswith("ngx_") and folder != "module":
                    wrong.append(f"{name}: only module/ may include {include}")
    assert not wrong, "\n".join(wrong)


def test_examples_include_the_installed_headers_only():
    wrong = [
        f"{path.name}: {include}"
        for path in sources("plugins/examples")
        for include in includes(path)
        if include[1:-1].split("/")[0] in OURS
    ]
    assert not wrong, "\n".join(wrong)


def test_unit_tests_mirror_the_tree():
    tests = ROOT / "tests/unit"
    folders = {path.parent.relative_to(tests) for path in sources("tests/unit")}
    assert [str(folder) for folder in sorted(folders) if not (ROOT / folder).is_dir()] == []


def test_the_top_of_a_folder_is_not_where_everything_lies():
    crowded = {
        folder: len(files)
        for folder in ("html", "module")
        if len(files := [path for path in (ROOT / folder).iterdir() if path.is_file()]) > 12
    }
    assert not crowded


def test_every_folder_is_described_for_contributors():
    table = (ROOT / "README.md").read_text("utf-8").split("## The source")[1]
    table += (ROOT / "docs/contributing.md").read_text("utf-8").split("## Conventions")[0]
    described, inside = set(), ""
    for first, second in re.findall(r"^\| (?:`([\w/]+)/`)? ?\|(?: `(\w+)/` \|)?", table, re.M):
        inside = first or inside
        described.add(f"{inside}/{second}" if second else inside)
    plugins = {f"plugins/{path.name}" for path in (ROOT / "plugins").iterdir() if path.is_dir()}
    folders = {str(path.parent.relative_to(ROOT)) for folder in MAY_INCLUDE for path in sources(folder)}
    assert sorted(folders - described - plugins) == [], "in neither document"
    assert sorted(name for name in described if not (ROOT / name).is_dir()) == [], "not there any more"
