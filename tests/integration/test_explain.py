"""A page that a visitor saw is explained from the line that it left in the access log."""
# Part: integration

import json
import re
import subprocess

import harness
from clients import ask
from shop import PAGE, edge

RULES = """
version: 1
slots:
  hero: { select: "#hero" }
rules:
  - id: phones
    slot: hero
    when: device.type == "phone" && request.query.color == "red" && request.language == "de"
    do: { inner: "<b>For your phone</b>" }
  - id: others
    slot: hero
    do: { inner: "<b>For all</b>" }
"""
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) \"quoted\" \xe9 \\x22"


def sample_format():
    text = (harness.ROOT / "conf/nginx.conf").read_text("utf-8")
    return re.search(r"log_format personalize .*?;\n", text, re.S)[0]


def test_the_line_of_a_page_explains_its_decisions(nginx, origin, rules, tmp_path):
    path = rules(RULES)
    log = tmp_path / "personalize.log"
    server = nginx(
        edge(f"personalize on; personalize_rules {path}; access_log {log} personalize;"
             f" proxy_pass http://127.0.0.1:{origin(PAGE).port};", http=sample_format())
    )
    ask(server, "/c/coats?color=red", headers={"User-Agent": PHONE, "Accept-Language": "de-AT"})
    ask(server, "/?color=blue", headers={"User-Agent": PHONE, "Accept-Language": "de"})
    harness.wait_until(lambda: log.exists() and len(log.read_bytes().splitlines()) == 2, "two lines")

    def explained(*arguments):
        done = subprocess.run(
            [harness.BUILD / "personalize", "explain", "--rules", path, "--access-log", log, "--json", *arguments],
            capture_output=True, text=True, timeout=harness.PATIENCE,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    first, last = explained("--line", "1"), explained()
    assert [c["rule"] for c in first["slots"][0]["candidates"] if c["won"]] == ["phones"]
    assert first["logged"]["decisions"] == "hero=phones"
    assert first["logged"]["version"] == first["version"]
    phones, others = last["slots"][0]["candidates"]
    assert others["won"] and not phones["won"]
    assert phones["detail"].startswith("request.query.color == \"red\" is false")
    assert phones["place"] == f"{path}:6"


CLOCKS = """
version: 1
timezone: Europe/Dublin
languages: [en]
holidays: { eve: [12-24] }
slots: { a: { select: "#a" }, b: { select: "#b" } }
rules:
  - { id: schedule, slot: a, schedule: { holidays: eve, timezone: visitor }, do: { inner: "{{time.now | date: long}}" } }
  - { id: time, slot: b, when: 'time.holiday == "eve"', do: { inner: "{{time.date}}" } }
"""


def test_a_visitor_has_one_clock_and_the_language_of_the_shop(rules, tmp_path):
    page = tmp_path / "page.html"
    page.write_text("<!DOCTYPE html><title>x</title><p id=a>A</p><p id=b>B</p>", "utf-8")

    def shown(*arguments):
        done = subprocess.run(
            [harness.BUILD / "personalize", "explain", "--rules", rules(CLOCKS), "--url", "http://shop.example/",
             "--page", page, "--header", "Accept-Language: th-TH", *arguments],
            capture_output=True, text=True, timeout=harness.PATIENCE,
        )
        assert done.returncode == 0, done.stderr
        return re.findall(r"<p id=.>([^<]*)", done.stdout)

    assert shown("--time-zone", "Asia/Tokyo", "--at", "2026-12-23T15:30Z") == ["December 24, 2026", "2026-12-24"]
    assert shown("--time-zone", "UTC", "--at", "2026-12-23T23:30Z") == ["A", "B"]
    assert shown("--at", "2026-12-24T12:00Z") == ["December 24, 2026", "2026-12-24"], "the file's clock"


def test_every_flag_is_in_the_document():
    done = subprocess.run([harness.BUILD / "personalize", "explain", "--help"], capture_output=True, text=True,
                          timeout=harness.PATIENCE)
    flags = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", done.stdout)) - {"--help"}
    assert {"--redis", "--visitor", "--rules"} <= flags
    document = (harness.ROOT / "docs/explain.md").read_text("utf-8")
    assert [flag for flag in sorted(flags) if f"`{flag}" not in document and f"{flag} " not in document] == []
