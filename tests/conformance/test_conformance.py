"""Public conformance suites, as JSON lines, through `personalize probe`.

The data is no part of the project: it is looked for in $PERSONALIZE_CONFORMANCE, by default ../shared/conformance beside the
checkout. Each row is {"input": a probe's input, "expect": what its output must agree with}.
"""
import ipaddress
import json
import math
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("PERSONALIZE_BUILD", ROOT / "build"))
DATA = pathlib.Path(os.environ.get("PERSONALIZE_CONFORMANCE", ROOT.parent / "shared" / "conformance"))
CHUNKS = (0, 1, 2, 3, 7)  # 0: whole

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="conformance data is missing")


def rows_of(file, **more):
    path = DATA / file
    if not path.exists():
        pytest.skip(f"conformance data is missing: {file}")
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    for row in rows:
        row["input"].update(more)
    return rows


def probe(name, rows):
    lines = "".join(json.dumps(row["input"], ensure_ascii=False) + "\n" for row in rows)
    done = subprocess.run([BUILD / "personalize", "probe", name], input=lines.encode(), stdout=subprocess.PIPE, cwd=DATA,
                          timeout=600, check=True)
    replies = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert len(replies) == len(rows)
    return replies


def agrees(want, got):
    """`got` agrees in everything that `want` names; numbers by value."""
    if isinstance(want, dict):
        return isinstance(got, dict) and all(agrees(value, got.get(key)) for key, value in want.items())
    if isinstance(want, list):
        return isinstance(got, list) and len(want) == len(got) and all(map(agrees, want, got))
    if isinstance(want, bool) or isinstance(got, bool):
        return want is got
    if isinstance(want, (int, float)) and isinstance(got, (int, float)):
        return math.isclose(want, got, rel_tol=1e-12) or (math.isnan(want) and math.isnan(got))
    return want == got


def wrong(rows, replies, right=lambda want, got: "error" not in got and agrees(want, got)):
    return [(row["input"], row["expect"], reply) for row, reply in zip(rows, replies) if not right(row["expect"], reply)]


def test_no_row_disagrees_by_luck():
    """The comparison itself can fail."""
    assert not agrees({"a": [1, {"b": None}]}, {"a": [1, {"b": 0}]})
    assert not agrees(True, 1)
    assert agrees({"a": 1.0}, {"a": 1, "b": 2})


@pytest.mark.parametrize("chunk", CHUNKS)
def test_tokens_are_those_of_the_standard(chunk):
    rows = rows_of("html/tokens.jsonl", chunk=chunk)
    assert wrong(rows, probe("tokens", rows)) == []


@pytest.mark.parametrize("chunk", CHUNKS)
def test_elements_end_where_a_browser_ends_them_or_are_not_safe(chunk):
    rows = rows_of("html/extents.jsonl", chunk=chunk)
    replies = probe("extents", rows)

    def right(want, got):
        expected = {element["start"]: element for element in want["elements"]}
        return all(not e["safe"] or e["start"] not in expected or agrees(expected[e["start"]], e) for e in got["elements"]) \
            and (not want["clean"] or len(want["elements"]) == len(got["elements"]))

    assert wrong(rows, replies, right) == []
    clean = [(row["expect"]["elements"], reply["elements"]) for row, reply in zip(rows, replies) if row["expect"]["clean"]]
    safe = sum(element["safe"] for _, elements in clean for element in elements)
    assert safe >= 0.97 * sum(len(elements) for elements, _ in clean)


# What no stream can know, or what the project does not decide: see html/selectors/selectors.h.
MAY_BE_REFUSED = ("pseudo-element", "::", ":link", ":visited", ":hover", ":active", ":focus", ":target", ":enabled", ":disabled",
                  ":checked", ":indeterminate", "|", ":first-line", ":first-letter", ":before", ":after", ":selection")


@pytest.mark.parametrize("chunk", CHUNKS)
def test_selectors_match_what_they_should_or_are_refused_with_a_reason(chunk):
    rows = rows_of("html/rewrite.jsonl", chunk=chunk)
    replies = probe("rewrite", rows)
    refused = [row["input"]["edits"][0]["selector"] for row, reply in zip(rows, replies) if "error" in reply]
    assert [s for s in refused if not any(part in s for part in MAY_BE_REFUSED)] == []
    assert wrong(rows, replies, lambda want, got: bool(got.get("error")) or got.get("html") == want["html"]) == []


def test_mustache_templates_render_as_the_specification_says():
    rows = rows_of("templates/mustache.jsonl")
    assert wrong(rows, probe("template", rows)) == []


def test_addresses_have_the_records_of_the_database():
    rows = rows_of("geo/lookups.jsonl")
    for row in rows:
        row["input"]["db"] = str(DATA / "geo" / row["input"]["db"])

    def right(want, got):  # the rows name a network by any of its addresses
        network = ipaddress.ip_network(want.get("network", got["network"]), strict=False)
        return agrees(want["record"], got["record"]) and str(network) == str(ipaddress.ip_network(got["network"]))

    assert wrong(rows, probe("geo", rows), right) == []


def test_broken_databases_give_errors():
    databases = sorted((DATA / "geo" / "bad-data").rglob("*.mmdb"))
    assert databases
    rows = [{"input": {"db": str(path), "ip": ip}} for path in databases for ip in ("1.1.1.1", "2001:db8::1", "0.0.0.0")]
    assert all("error" in reply or "record" in reply for reply in probe("geo", rows))


@pytest.mark.parametrize("suite", ["ua", "os", "device"])
def test_devices_are_told_apart_as_far_as_the_installed_list_knows_them(suite):
    """uap-core's tests are of its newest list; Debian's is older."""
    rows = rows_of(f"device/{suite}.jsonl")
    replies = probe("device", rows)
    missed = len(wrong(rows, replies))
    print(f"{suite}: {len(rows) - missed} of {len(rows)} with {replies[0]['regexes']}")
    assert missed <= 0.15 * len(rows)
