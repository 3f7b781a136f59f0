"""uap-core's regexes may be replaced or damaged while NGINX runs: pages follow good ones and keep what they have."""
# Part: integration, sanitizers

import os
import re
import subprocess

import pytest

import harness
from harness import wait_until
from shop import HERO, PAGE, edge

DEBIAN = "/usr/share/uap-core/regexes.yaml"
RULES = """
version: 1
slots: { hero: { select: "#hero" } }
rules:
  - { id: it, slot: hero, when: 'device.browser != ""', do: { inner: "{{device.browser}} {{device.browser_major}}" } }
"""
NEW_BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Lynxium/7.1 Safari/537.36"
FIREFOX = "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0"

pytestmark = pytest.mark.skipif(not os.path.exists(DEBIAN), reason="uap-core is not installed")


def debians():
    with open(DEBIAN, encoding="utf-8") as file:
        return file.read()


def with_first(regex):
    """Debian's regexes after one more."""
    return debians().replace("user_agent_parsers:\n", f"user_agent_parsers:\n  - regex: '{regex}'\n", 1)


@pytest.fixture
def regexes(tmp_path):
    path = tmp_path / "regexes.yaml"
    path.write_text(debians())
    return path


def replace(path, text):
    new = path.with_suffix(".new")
    new.write_text(text)
    new.rename(path)


@pytest.fixture
def server(nginx, origin, rules, regexes):
    return nginx(edge(f"""personalize on; personalize_rules {rules(RULES)}; personalize_device_regexes {regexes};
                          location = /status {{ personalize_status; }}
                          proxy_pass http://127.0.0.1:{origin(PAGE).port};"""))


def shown(server, user_agent):
    body = server.get(headers={"User-Agent": user_agent}).body
    assert HERO not in body
    return re.search(rb'wide" id="hero">([^<]*)<', body)[1].decode()


def number(server, name):
    told = server.get("/status", headers={"Accept": "text/plain"}).body.decode()
    return float(re.search(rf"^personalize_{name} (\S+)$", told, re.M)[1])


def test_a_browser_of_newer_regexes_is_known_without_a_reload(server, regexes):
    assert shown(server, NEW_BROWSER) != "Lynxium 7"
    replace(regexes, with_first(r"(Lynxium)/(\d+)\.(\d+)"))
    wait_until(lambda: shown(server, NEW_BROWSER) == "Lynxium 7", "the new regexes")
    assert shown(server, FIREFOX) == "Firefox 125"
    assert f'device regexes "{regexes}" were replaced' in server.log()
    wait_until(lambda: number(server, "device_regexes_replaced_total") >= 1, "the count")
    assert number(server, "device_regexes_modified_timestamp_seconds") > 1_700_000_000


@pytest.mark.parametrize("damage, why", [
    ("user_agent_parsers:\n", 'has no list "user_agent_parsers"'),
    ("", 'has no list "user_agent_parsers"'),
    ("<html>404</html>", "regexes.yaml"),
    ("a: [", "is not uap-core's regexes.yaml"),
    (lambda: with_first("(?!x)y"), "line 2: regex: "),
    (lambda: with_first("((a{300}){300}){300}"), "line 2: regex: "),
    (lambda: with_first("(Firefox|Chrome|Safari)").replace("$1", "x") + "#" * 9_000_000, "is larger than 8 MB"),
    ("user_agent_parsers: []\nos_parsers: []\ndevice_parsers: []\n", "does not know the browser of"),
    (lambda: debians().replace("device_parsers:\n", "device_parsers:\n  - regex: '.'\n    device_replacement: 'Spider'\n"),
     " for a robot"),
])
def test_regexes_that_are_no_good_change_nothing(server, regexes, damage, why):
    server.tolerate("the old ones stay in use")
    assert shown(server, FIREFOX) == "Firefox 125"
    replace(regexes, damage if isinstance(damage, str) else damage())
    wait_until(lambda: "the old ones stay in use" in server.log(), "the refusal")
    assert why in server.log()
    assert shown(server, FIREFOX) == "Firefox 125"
    wait_until(lambda: number(server, "device_regexes_refused_total") >= 1, "the count")
    replace(regexes, with_first(r"(Lynxium)/(\d+)"))
    wait_until(lambda: shown(server, NEW_BROWSER) == "Lynxium 7", "good ones")


def test_a_regex_that_would_take_others_forever_takes_this_one_no_time(server, regexes):
    replace(regexes, with_first("((x+x+)+)y"))
    wait_until(lambda: "were replaced" in server.log(), "the new regexes")
    assert shown(server, "x" * 1000 + " Firefox/125.0") == "Firefox 125"


def test_removed_regexes_change_nothing_and_rules_still_change(server, regexes, rules):
    assert shown(server, FIREFOX) == "Firefox 125"
    regexes.unlink()
    rules(RULES.replace("{{device.browser}}", "You have {{device.browser}}"), "rules1.yaml")
    wait_until(lambda: shown(server, FIREFOX) == "You have Firefox 125", "the new rules")
    replace(regexes, with_first(r"(Lynxium)/(\d+)"))
    wait_until(lambda: shown(server, NEW_BROWSER) == "You have Lynxium 7", "the new regexes")


@pytest.mark.parametrize("text, accepted", [(None, True), ("404", False), ("user_agent_parsers: []", False)])
def test_the_script_replaces_the_file_only_by_a_good_one(tmp_path, text, accepted):
    source, target = tmp_path / "source.yaml", tmp_path / "regexes.yaml"
    source.write_text(debians() if text is None else text)
    target.write_text("old")
    done = subprocess.run([harness.ROOT / "conf/update-device-regexes", target, source.as_uri()], capture_output=True,
                          text=True, env=dict(os.environ, PERSONALIZE=str(harness.BUILD / "personalize")),
                          timeout=harness.PATIENCE)
    assert (done.returncode == 0) == accepted, done.stderr
    assert target.read_text() == (debians() if accepted else "old")
    assert accepted or "stays as it is" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["regexes.yaml", "source.yaml"]
