"""The JSON Schema that editors check rule files with: good files pass, and what is wrong with the shape of a file is
refused at the line where `personalize check` says it."""
# Part: integration

import json
import re
import subprocess

import jsonschema
import pytest
import yaml

import harness
from test_docs import blocks

BAD = harness.ROOT / "tests/unit/rules/load/bad"
GOOD = sorted(
    path
    for folder in ("conf", "bench")
    for path in (harness.ROOT / folder).rglob("*.yaml")
    if re.search(r"^version:", path.read_text("utf-8"), re.M)
)

# What no schema can know: whether names exist, what expressions, selectors and templates say, YAML itself.
UNKNOWABLE = (
    "is there twice|is already|unknown (slot|segment|attribute)|refers to itself|is not a list|, not a list$"
    "|expected|cannot use|needs bool|must be bool|selector is expected|attribute name is expected|pseudo-class"
    "|outermost element|is before|unknown time zone|unknown list|RFC|BYDAY|days are|could run script|must be fixed"
    "|only http|is not closed|ends inside|can be put|put quotes|no preset|cannot stand beside|are both there|is missing"
    "|must be text, not (bool|int|double|list)|must be a (whole )?number, not (bool|int|string|double)|must be three letters"
    "|must be a list, of ids|cannot be found by what comes after|not negative|of at most 128|is known only"
)
NOT_EVEN_YAML = {"aliases", "control", "deep", "merge_bomb", "merge_not_a_map", "merge_twice", "not_utf8", "not_yaml",
                 "self_alias", "two_documents"}


class Core(yaml.SafeLoader):
    """YAML 1.2's core schema, which editors (and the loader) go by: no dates, no yes and no; and merge keys."""


Core.yaml_implicit_resolvers = {}
Core.add_implicit_resolver("tag:yaml.org,2002:null", re.compile("^(~|null|Null|NULL|)$"), list("~nN") + [""])
Core.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|True|TRUE|false|False|FALSE)$"), list("tTfF"))
Core.add_implicit_resolver("tag:yaml.org,2002:int", re.compile("^[-+]?[0-9]+$"), list("-+0123456789"))
Core.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$"),
    list("-+.0123456789"),
)
Core.add_implicit_resolver("tag:yaml.org,2002:merge", re.compile("^<<$"), ["<"])


@pytest.fixture(scope="module")
def validator():
    printed = subprocess.run(
        [harness.BUILD / "personalize", "schema"], capture_output=True, text=True, check=True
    ).stdout
    schema = json.loads(printed)
    jsonschema.Draft7Validator.check_schema(schema)
    assert json.loads((harness.BUILD / "rules.schema.json").read_text()) == schema
    return jsonschema.Draft7Validator(schema)


def innermost(errors):
    """Every error, also those within the alternatives of which none fits."""
    for error in errors:
        yield error
        yield from innermost(error.context)


def node_at(node, path):
    for step in path:
        if isinstance(node, yaml.MappingNode):
            node = next(value for key, value in node.value if key.value == step)
        else:
            node = node.value[step]
    return node


def refused_lines(validator, text):
    """Lines of the values, and of the names of maps' entries, that an error is about."""
    root = yaml.compose(text, Loader=Core)
    if root is None:
        return {1} if list(validator.iter_errors(None)) else set()
    lines = set()
    for error in innermost(validator.iter_errors(yaml.load(text, Loader=Core))):
        node = node_at(root, error.absolute_path)
        lines.add(node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            lines |= {name.start_mark.line + 1 for name, _ in node.value if f"'{name.value}'" in error.message}
    return lines


@pytest.mark.parametrize("path", GOOD, ids=lambda path: str(path.relative_to(harness.ROOT)))
def test_a_good_file_passes(validator, path):
    errors = [error.message for error in validator.iter_errors(yaml.load(path.read_text("utf-8"), Loader=Core))]
    assert not errors


@pytest.mark.parametrize("block", blocks("yaml"))
def test_a_file_in_the_documents_passes(validator, block):
    text = block if "version:" in block else "version: 1\n" + block
    assert not [error.message for error in validator.iter_errors(yaml.load(text, Loader=Core))]


@pytest.mark.parametrize(
    "path", sorted(path for path in BAD.glob("*.yaml") if path.stem not in NOT_EVEN_YAML), ids=lambda path: path.stem
)
def test_what_is_wrong_with_the_shape_of_a_file_is_refused_where_it_is(validator, path):
    lines = refused_lines(validator, path.read_text("utf-8"))
    expected = re.findall(r"^[^:]+:(\d+):\d+: (.*)", path.with_suffix(".expected").read_text("utf-8"), re.M)
    missed = [
        f"{path.name}:{line}: {message}"
        for line, message in expected
        if int(line) not in lines and not re.search(UNKNOWABLE, message)
    ]
    assert not missed, f"refused: {sorted(lines)}"


@pytest.mark.parametrize("path", sorted((harness.ROOT / "conf").rglob("*.yaml")), ids=lambda path: path.name)
def test_sample_files_name_the_schema_for_editors(path):
    first = path.read_text("utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=/usr/share/personalize/rules.schema.json"
