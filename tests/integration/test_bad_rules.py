"""Rule files with mistakes: `nginx -t` names every one of them by file, line and column, and where they are checked
strictly it fails; a running server keeps what it has."""
# Part: integration

import re

import pytest

import harness
from clients import ask
from shop import GREETED, PAGE, RULES, edge

HEAD = """version: 1
attributes:
  profile: { tier: string, visits: int }
slots:
  hero: { select: "#hero" }
rules:
"""
RULE = "  - { id: %s, slot: hero, do: { inner: x } }\n"


def complaints(tmp_path, *files):
    """nginx -t must fail; its complaints as (file name, line, column, message)."""
    paths = []
    for i, text in enumerate(files):
        path = tmp_path / f"r{i}.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        paths.append(str(path))
    server = harness.Nginx(
        tmp_path / "checked", edge(f"personalize on; personalize_rules_check strict; personalize_rules {' '.join(paths)};")
    )
    status, said = server.check()
    assert status != 0, "accepted: " + said
    assert not re.search("Sanitizer|runtime error", said), said
    found = re.findall(
        r"\[emerg\] [^\n]*?" + re.escape(str(tmp_path)) + r"/(r\d\.yaml):(\d+):(\d+): ([^\n]+)", said
    )
    assert found, said
    return [(name, int(line), int(column), message) for name, line, column, message in found]


def test_the_reference_file_is_good(tmp_path):
    (tmp_path / "good.yaml").write_text(HEAD + RULE % "a")
    status, said = harness.Nginx(tmp_path / "n", edge(f"personalize_rules {tmp_path}/good.yaml;")).check()
    assert status == 0, said


@pytest.mark.parametrize(
    "text, line, columns, words",
    [
        pytest.param(HEAD + RULE % "a" + "extra: 1\n", 8, [1], ["extra"], id="unknown key of a file"),
        pytest.param(
            HEAD + "  - id: a\n    slot: hero\n    prority: 3\n    do: { inner: x }\n",
            9,
            [5],
            ["prority", "priority"],
            id="unknown key of a rule, with a suggestion",
        ),
        pytest.param(
            HEAD.replace('select: "#hero"', 'selekt: "#hero"') + RULE % "a",
            5,
            range(1, 30),
            ["selekt", "select"],
            id="unknown key of a slot",
        ),
        pytest.param(
            HEAD + "  - id: a\n    slot: hero\n    do: { iner: x }\n",
            9,
            range(5, 30),
            ["iner", "inner"],
            id="unknown operation",
        ),
        pytest.param(
            HEAD + "  - id: a\n    slot: hero\n    priority: high\n    do: { inner: x }\n",
            9,
            [15],
            ["priority"],
            id="wrong type: number",
        ),
        pytest.param(
            HEAD + "  - id: a\n    slot: hero\n    enabled: perhaps\n    do: { inner: x }\n",
            9,
            [14],
            ["enabled"],
            id="wrong type: boolean",
        ),
        pytest.param(
            HEAD + "  - id: [a, b]\n    slot: hero\n    do: { inner: x }\n",
            7,
            [9],
            ["id"],
            id="wrong type: list",
        ),
        pytest.param(HEAD.replace("rules:", "rules: none"), 6, [8], ["rules"], id="wrong type: rules"),
        pytest.param("- just\n- a list\n", 1, [1], [], id="wrong type: the file"),
        pytest.param(
            HEAD.replace("string", "strong") + RULE % "a",
            3,
            range(12, 40),
            ["strong"],
            id="unknown type of an attribute",
        ),
        pytest.param(
            HEAD.replace("#hero", "#hero >") + RULE % "a", 5, range(9, 40), ["selector"], id="bad selector"
        ),
        pytest.param(
            HEAD.replace("#hero", "div[") + RULE % "a", 5, range(9, 40), [], id="unfinished selector"
        ),
        pytest.param(
            HEAD + "  - id: a\n    slot: hero\n    when: profile.tier ==\n    do: { inner: x }\n",
            9,
            range(11, 30),
            [],
            id="bad expression",
        ),
        pytest.param(
            HEAD + "  - id: a\n    slot: hero\n    when: profile.teir == 'gold'\n    do: { inner: x }\n",
            9,
            range(11, 20),
            ["teir", "tier"],
            id="unknown attribute, with a suggestion",
        ),
        pytest.param(
            HEAD + "  - id: a\n    slot: hero\n    when: profile.visits == 'gold'\n    do: { inner: x }\n",
            9,
            range(11, 30),
            [],
            id="expression of the wrong types",
        ),
        pytest.param(
            HEAD + "  - id: a\n    slot: hero\n    when: profile.visits + 1\n    do: { inner: x }\n",
            9,
            range(11, 30),
            ["bool"],
            id="condition that is no condition",
        ),
        pytest.param(HEAD + RULE % "a" + RULE % "a", 8, range(5, 12), ["a"], id="duplicate id"),
        pytest.param(
            HEAD + RULE.replace("hero", "footer") % "a", 7, range(5, 30), ["footer"], id="missing slot"
        ),
        pytest.param(
            HEAD + "  - id: a\n    do: { inner: x }\n", 7, range(1, 10), ["slot"], id="rule without slot"
        ),
        pytest.param(
            HEAD + "  - id: a\n    slot: hero\n", 7, range(1, 10), ["do"], id="rule that does nothing"
        ),
        pytest.param(
            HEAD + "  - id: a\n    slot: hero\n    do: { inner: '<b>{{profile.tier' }\n",
            9,
            range(5, 40),
            [],
            id="unfinished template",
        ),
        pytest.param(
            HEAD + "  - id: a\n    slot: hero\n    do: { inner: '<b>never closed' }\n",
            9,
            range(5, 40),
            [],
            id="content that breaks out of its slot",
        ),
        pytest.param(
            HEAD + "  - id: a\n    slot: hero\n    do: { inner: '{{profile.nane}}' }\n",
            9,
            range(5, 40),
            ["nane"],
            id="template with an unknown attribute",
        ),
        pytest.param(HEAD + "  - id: 'unfinished\n", 7, range(1, 30), [], id="not YAML"),
        pytest.param(HEAD.replace("  hero:", "\thero:") + RULE % "a", 5, range(1, 10), [], id="a tab"),
        pytest.param(
            HEAD.encode() + b'  - { id: a, slot: hero, do: { inner: "\xff\xfe" } }\n',
            7,
            range(1, 60),
            ["UTF-8"],
            id="not UTF-8",
        ),
        pytest.param(
            "version: 2\nslots: {}\nrules: []\n", 1, range(1, 11), ["version"], id="a version from the future"
        ),
    ],
)
def test_a_mistake_is_reported_at_its_line_and_column(tmp_path, text, line, columns, words):
    found = complaints(tmp_path, text)
    assert any(
        at == line and column in columns and all(word.lower() in message.lower() for word in words)
        for _, at, column, message in found
    ), found


def test_all_mistakes_of_all_files_are_reported_at_once(tmp_path):
    bad = HEAD + (
        "  - id: a\n    slot: hero\n    colour: red\n    do: { inner: x }\n"
        "  - id: b\n    slot: nowhere\n    do: { inner: x }\n"
        "  - id: c\n    slot: hero\n    when: 1 +\n    do: { inner: x }\n"
        "  - id: a\n    slot: hero\n    do: { inner: x }\n"
    )
    places = {(name, line) for name, line, _, _ in complaints(tmp_path, bad, "version: 1\nnonsense: true\n")}
    assert {("r0.yaml", 9), ("r0.yaml", 12), ("r0.yaml", 16), ("r0.yaml", 18), ("r1.yaml", 2)} <= places


def test_an_id_used_in_two_files_is_a_duplicate(tmp_path):
    second = "version: 1\nrules:\n" + RULE % "a"
    assert any(
        name == "r1.yaml" and line == 3
        for name, line, _, _ in complaints(tmp_path, HEAD + RULE % "a", second)
    )


@pytest.mark.parametrize(
    "kind", ["too large", "too deep", "aliases that multiply", "a folder", "a million keys"]
)
def test_a_file_that_would_eat_the_server_is_refused_quickly(tmp_path, kind):
    text = {
        "too large": HEAD + "#" * (9 * 1024 * 1024),
        "too deep": "version: 1\nslots: " + "[" * 100000,
        "aliases that multiply": "version: 1\na: &a [x, x, x, x, x, x, x, x, x]\n"
        + "".join(
            f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(12)
        ),
        "a million keys": "version: 1\nslots:\n" + "".join(f"  s{i}: 1\n" for i in range(100000)),
    }.get(kind)
    path = tmp_path / "bad.yaml"
    path.write_text(text) if text else path.mkdir()
    status, said = harness.Nginx(tmp_path / "checked", edge(f"personalize_rules_check strict; personalize_rules {path};")).check()
    assert status != 0 and "bad.yaml" in said and "Sanitizer" not in said, said[:2000]


def test_a_reload_with_a_bad_file_keeps_the_good_rules(nginx, origin, rules):
    path = rules(RULES)
    server = nginx(
        edge(f"personalize on; personalize_rules {path}; proxy_pass http://127.0.0.1:{origin(PAGE).port};")
    )
    path.write_text(RULES.replace("select", "selekt"))
    server.tolerate(str(path))
    server.reload()
    assert f"{path}:4:" in server.log()
    assert ask(server).body == GREETED
    path.write_text(RULES.replace("Hello you", "Hello again"))
    server.reload()
    harness.wait_until(lambda: b"Hello again" in ask(server).body, "the repaired rules")
