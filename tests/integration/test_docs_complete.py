"""What the code knows and what the documents show are the same: selectors, reasons, keys of rule files. Examples in the
documents' tables are tried."""
# Part: integration

import json
import re
import subprocess

import pytest

import harness
from shop import PAGE, SHOW_PATH, edge


def document(name):
    return (harness.ROOT / "docs" / name).read_text("utf-8")


def source(name):
    return (harness.ROOT / name).read_text("utf-8")


def table(name, header):
    """Rows below that header; `\\|` within a cell is |."""
    text = document(name)
    assert header in text, header
    rows = text.split(header)[1].lstrip().split("\n\n")[0].splitlines()[1:]
    return [[cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in rows]


def code(cell):
    found = re.fullmatch(r"`([^`]*)`.*", cell)
    return found[1] if found else ""


def probe(name, inputs):
    lines = "".join(json.dumps(row) + "\n" for row in inputs)
    done = subprocess.run([harness.BUILD / "personalize", "probe", name], input=lines, capture_output=True, text=True,
                          timeout=harness.PATIENCE, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def names_of(pattern, text):
    found = re.findall(pattern, text)
    assert found, pattern
    return set(found)


SELECTORS = [(code(selector), code(page)) for selector, _, page in
             table("selectors.md", "| selector | matches | for example |")]
EDITS = [list(map(code, row[:4])) for row in
         table("ops.md", "| reason | the slot's selector | what a rule does | a page in which it cannot | |")]
PAGES = [(code(reason), example) for reason, example, _ in
         table("ops.md", "| reason | for example | |")]
RULES = [(code(reason), code(example)) for reason, example, _ in table("explain.md", "| reason | for example | |")]


@pytest.mark.parametrize("selector, page", SELECTORS)
def test_every_example_of_a_selector_matches_what_it_says(selector, page):
    edit = {"selector": selector, "op": "set_attribute", "name": "data-matched", "value": "1"}
    [result] = probe("rewrite", [{"html": page, "edits": [edit]}])
    assert "error" not in result, result
    tags = re.findall(r"<[a-z]\w*[^>]*>", result["html"])
    assert tags and any(" hit" in tag for tag in tags)
    assert [tag for tag in tags if (" hit" in tag) != ("data-matched" in tag)] == []


def test_every_kind_of_selector_has_an_example():
    pseudo_classes = source("html/selectors/pseudo_classes.cc")
    shown = " ".join(selector for selector, _ in SELECTORS)
    known = names_of(r'\n    \{"([a-z-]+)",', pseudo_classes)
    assert len(known) > 20
    assert known == names_of(r":([a-z-]+)", shown)
    operators = names_of(r"///< \[a(.?=)v\]", source("html/selectors/ast.h"))
    assert operators == names_of(r"\[[\w-]+?(\W?=)", shown)
    assert {" > ", " + ", " ~ "} <= set(re.findall(r" [>+~] ", shown))


def test_every_state_of_a_browser_is_refused_and_has_no_example():
    states = re.search(r"browser_states = \{(.*?)\};", source("html/selectors/pseudo_classes.cc"), re.S)[1]
    for state in re.findall(r'"([a-z-]+)"', states):
        [result] = probe("rewrite", [{"html": "<p>", "edits": [{"selector": f"p:{state}", "op": "remove"}]}])
        assert "error" in result, state
        assert f":{state}" not in " ".join(selector for selector, _ in SELECTORS)


def expanded(page):
    """`…` is ten thousand times the letter or tag before it."""
    return re.sub(r"(<[^<>]*>|[^<>])…", lambda found: found[1] * 10_000, page)


@pytest.mark.parametrize("reason, selector, operation, page", EDITS)
def test_every_example_of_an_edit_that_cannot_be_made_has_its_reason(reason, selector, operation, page):
    edit = {"selector": selector, "op": operation, "name": "class", "content": "" if operation == "remove" else "<b>n</b>"}
    [result] = probe("rewrite", [{"html": expanded(page), "edits": [edit]}])
    assert result.get("edits", result)[0]["reason"] == reason


def test_every_reason_why_an_edit_cannot_be_made_has_an_example():
    names = re.search(r"skip_names = \{(.*?)\};", source("html/edits/edit.cc"), re.S)[1]
    assert names_of(r'"(\w+)"', names) - {"none"} == {row[0] for row in EDITS}


SLOTS = """
version: 1
slots: { hero: { select: "#hero", pages: / } }
rules: [{ id: all, slot: hero, when: '!("nobody" in request.query)', do: { inner: new } }]
"""


@pytest.mark.parametrize("reason, example", [row for row in PAGES if row[1]])
def test_every_example_of_a_page_that_is_left_alone_has_its_reason(reason, example, nginx, origin, rules):
    text = code(example)
    header = text if re.match(r"[\w-]+: ", text) else "X-None: 1"
    status = text if re.match(r"\d{3} ", text) else "200 OK"
    method, path = (text.split() if re.match(r"[A-Z]+ /", text) else ("GET", "/"))
    body = b"" if header == "Content-Length: 0" else PAGE
    kind = header.split(": ")[1] if header.startswith("Content-Type") else "text/html"

    def answer(path, headers, send):
        more = [] if header.startswith("Content-Type") or header.startswith("Content-Length") else [header]
        send(harness.html_response(body, *more, status=status, content_type=kind))

    directives = text if text.startswith("personalize ") else "personalize on;"
    if not example.endswith("alone"):
        directives += f" personalize_rules {rules(SLOTS)};"
    server = nginx(edge(f"{directives} {SHOW_PATH.replace(';', ' always;')}"
                        f" proxy_pass http://127.0.0.1:{origin(answer).port};"))
    assert server.get(path, method=method).header("X-Skipped") == reason


def test_every_reason_why_a_page_is_left_alone_has_an_example():
    reasons = names_of(r'case Skipped::\w+: return "(\w+)";', source("module/page/exchange.cc"))
    assert reasons == {reason for reason, _ in PAGES}
    assert {reason for reason, example in PAGES if not example} == {"failed"}  # a bug


@pytest.mark.parametrize("reason, example", RULES)
def test_every_example_of_a_rule_that_loses_has_its_reason(reason, example, rules):
    path = rules("version: 1\nslots: { a: { select: a } }\nrules:\n"
                 f"  - id: loser\n    slot: a\n    do: {{ inner: x }}\n    {example}\n"
                 "  - { id: winner, slot: a, do: { inner: y } }\n")
    done = subprocess.run([harness.BUILD / "personalize", "explain", "--rules", path, "--url", "https://shop.example/",
                           "--at", "2026-06-06T12:00Z", "--user-agent", "Mozilla/5.0 Firefox/128.0", "--json"],
                          capture_output=True, text=True, timeout=harness.PATIENCE, check=True)
    loser, winner = sorted(json.loads(done.stdout)["slots"][0]["candidates"], key=lambda one: one["rule"])
    assert winner["won"] and loser["reason"] == reason


def test_every_reason_why_a_rule_loses_has_an_example():
    assert names_of(r'case Lost::\w+: return "(\w+)";', source("rules/rule_set.cc")) == {reason for reason, _ in RULES}


def test_every_reason_why_no_event_is_made_is_in_the_documents():
    known = names_of(r'case Unmade::\w+: return "(\w+)";', source("rules/events/event_rules.cc"))
    assert known == {code(row[0]) for row in table("explain.md", "| why no event | for example | |")}


def test_every_status_of_a_profile_is_in_the_readme():
    readme = (harness.ROOT / "README.md").read_text("utf-8")
    row = re.search(r"^\| `\$personalize_profile_status` \|.*$", readme, re.M)[0]
    known = names_of(r'case FetchStatus::\w+: return "(\w+)";', source("engine/evaluation.cc")) - {"pending"}
    assert known == names_of(r"`([a-z_]+)`", row)


def test_every_key_of_rule_files_is_in_the_documents():
    keys = names_of(r'\{"([a-z_]+)",\s+[^"]*(?:text|boolean|object|condition|named|number|integer|groups)',
                    source("rules/load/file_format.cc") + source("rules/load/event_format.cc"))
    keys |= names_of(r'(?:expression|event)\("([a-z_]+)"', source("rules/load/event_format.cc"))
    assert {"include", "description", "allow_unsafe", "fallback", "holidays", "method", "count", "item_id", "refund"} <= keys
    shown = "\n".join(re.findall(r"^```yaml\n.*?^```|`[^`\n]*`", document("rules.md") + document("events.md"), re.M | re.S))
    assert [key for key in sorted(keys) if not re.search(rf"\b{key}\b", shown)] == []


@pytest.mark.parametrize("trap, mended", [(code(trap), code(mended)) for trap, _, mended in
                                          table("rules.md", "| written | YAML reads | write |")])
def test_every_trap_of_yaml_is_one_and_can_be_avoided_so(trap, mended, rules):
    def readings(line):
        lines = ["version: 1", "attributes: { profile: { total: double } }", "slots:", "  a:",
                 "    " + (line if line.startswith("select") else "select: a"), "rules:", "  - id: r", "    slot: a",
                 "    " + (line if line.startswith("when") else "when: true"),
                 "    do:", "      " + (line if line.startswith("inner") else "inner: x")]
        done = subprocess.run([harness.BUILD / "personalize", "explain", "--rules", rules("\n".join(lines) + "\n"),
                               "--url", "/", "--json"], capture_output=True, text=True, timeout=harness.PATIENCE)
        return done.returncode, done.stdout

    right = readings(mended)
    assert right[0] == 0
    assert readings(trap) != right
