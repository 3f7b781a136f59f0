"""Plugins of third parties with real servers, and what docs/plugins.md says about writing them."""
# Part: integration, sanitizers

import json
import re
import shutil
import subprocess

import pytest

import harness
from clients import ask
from shop import HERO, PAGE, SHOW, edge

EXAMPLES = harness.ROOT / "plugins/examples"
DOCUMENT = (harness.ROOT / "docs/plugins.md").read_text("utf-8")

RULES = """
version: 1
slots: { hero: { select: "#hero" } }
rules:
  - { id: gold, slot: hero, when: 'loyalty.tier == "gold"', do: { inner: "{{loyalty.points}} {{visit.kind}}" } }
  - { id: other, slot: hero, priority: -1, do: { inner: "nobody" } }
"""

# Fails on request, in every way that Lua has.
VISIT = """
return {
  name = "visit", attributes = { kind = "string" },
  resolve = function(request, replies, c)
    if request.query == "throw" then error("no visit") end
    if request.query == "loop" then while true do end end
    if request.query == "fill" then local t = {} for i = 1, 1e9 do t[i] = ("x"):rep(1000) .. i end end
    return { kind = "from " .. (c.device.type or "nowhere") }
  end,
  on_exposure = function(request, exposures)
    return { { "HINCRBY", "seen", exposures[1].rule, "1" } }
  end,
}
"""

FLAGS = ["-std=c++20", "-O2", "-shared", "-fPIC", "-fvisibility=hidden", "-fno-gnu-unique", "-Wall", "-Wextra", "-Werror"]


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", DOCUMENT, re.M | re.S)


def tool(*arguments, stdin=""):
    return subprocess.run(
        [harness.BUILD / "personalize", *map(str, arguments)], input=stdin, capture_output=True, text=True, timeout=60
    )


def shop(origin, redis, rules, *plugins):
    return edge(
        f"""
        {SHOW}
        personalize on;
        personalize_rules {rules};
        personalize_redis unix:{redis.socket};
        personalize_visitor $http_x_visitor;
        personalize_deadline 60s;
        {"".join(f"personalize_plugin {plugin};" for plugin in plugins)}
        proxy_pass http://127.0.0.1:{origin.port};
        """,
        "location = /status { personalize_status; }",
    )


def test_plugins_of_both_kinds_work_and_failing_costs_only_their_attributes(nginx, origin, redis, rules, tmp_path):
    redis.command("HSET", "personalize:{alice}:loyalty", "points", "1200")
    visit = rules(VISIT, "visit.lua")
    server = nginx(shop(origin(PAGE), redis, rules(RULES), f"{harness.BUILD}/loyalty.so gold=1000", visit))
    alice = {"X-Visitor": "alice"}

    assert ask(server, "/", headers=alice).body == PAGE.replace(HERO, b"1200 from nowhere")
    assert ask(server, "/").body == PAGE.replace(HERO, b"nobody")
    for failing in ("throw", "loop", "fill"):
        assert ask(server, f"/?{failing}", headers=alice).body == PAGE.replace(HERO, b"1200 "), failing
    assert ask(server, "/", headers=alice).body == PAGE.replace(HERO, b"1200 from nowhere")

    assert json.loads(ask(server, "/status").body)["plugin_failures"] == 3
    assert re.search(r"personalize: plugin failed: visit: line 5: no visit", server.log())

    # What was shown is recorded after the page was sent, for visitors who are known.
    harness.wait_until(lambda: redis.command("HGET", "personalize:{alice}:seen", "gold") == "5", "what was recorded")
    assert redis.command("KEYS", "*seen*") == "personalize:{alice}:seen"

    # The tool comes to the same results.
    request = {"url": "/", "visitor": "alice", "redis": {"HGET loyalty points": "1200"}}
    done = tool("explain", "--rules", tmp_path / "rules2.yaml", "--plugin", f"{harness.BUILD}/loyalty.so gold=1000",
                "--plugin", visit, "--consent", "off", "--request", "-", "--json", stdin=json.dumps(request))
    assert done.returncode == 0, done.stderr
    assert "gold" in done.stdout


RECOMMENDED = """
version: 1
slots: { hero: { select: "#hero" } }
rules:
  - id: recommended
    slot: hero
    when: loyalty.points > 100
    content: recommend
    do: { inner: "{{#content.products}}<a href='{{url}}'>{{title}}</a>{{/content.products}}" }
"""


def test_a_slot_is_filled_with_what_a_plugin_fetches_once_its_rule_has_won(nginx, origin, redis, rules):
    for visitor, points in (("alice", "1200"), ("bob", "12"), ("carol", "1200")):
        redis.command("HSET", f"personalize:{{{visitor}}}:loyalty", "points", points)
    for visitor in ("alice", "bob"):
        redis.command("RPUSH", f"personalize:{{{visitor}}}:recommended", "/p/boots Dry <boots>")
    redis.command("SET", "personalize:{carol}:recommended", "of the wrong type")

    def fetched():
        return int(re.search(r"cmdstat_lrange:calls=(\d+)|$", redis.command("INFO", "commandstats"))[1] or 0)

    library, recommend = f"{harness.BUILD}/loyalty.so", rules((EXAMPLES / "recommend.lua").read_text(), "recommend.lua")
    server = nginx(shop(origin(PAGE), redis, rules(RECOMMENDED), library, recommend))

    shown = PAGE.replace(HERO, b"<a href='/p/boots'>Dry &lt;boots&gt;</a>")
    assert ask(server, "/", headers={"X-Visitor": "alice"}).body == shown
    assert fetched() == 1
    assert ask(server, "/", headers={"X-Visitor": "bob"}).body == PAGE  # did not win: nothing more is fetched
    assert ask(server, "/").body == PAGE
    assert fetched() == 1
    assert ask(server, "/", headers={"X-Visitor": "carol"}).body == PAGE

    # A plugin that fails costs its slot.
    recommend.write_text(recommend.read_text().replace("local products", "error('no idea') local products"))
    server.reload()
    assert ask(server, "/", headers={"X-Visitor": "alice"}).body == PAGE
    assert json.loads(ask(server, "/status").body)["plugin_failures"] == 1
    assert re.search(r"personalize: plugin failed: recommend: line \d+: no idea", server.log())


def test_another_plugin_at_the_same_path_works_after_a_reload(nginx, origin, redis, rules, tmp_path):
    path = rules("return { name = 'p', attributes = { x = 'int' }, resolve = function() return { x = 1 } end }", "p.lua")
    library = tmp_path / "p.so"
    shutil.copy(harness.BUILD / "plugin_faulty.so", library)
    text = RULES.replace("loyalty.tier == \"gold\"", "p.x >= 1").replace("{{loyalty.points}} {{visit.kind}}", "{{p.x}}")
    server = nginx(shop(origin(PAGE), redis, rules(text), path, library))
    assert ask(server, "/").body == PAGE.replace(HERO, b"1")
    path.write_text(path.read_text().replace("x = 1 ", "x = 2 "))
    shutil.copy(harness.BUILD / "loyalty.so", library)  # overwritten in place, while the old one is in use
    assert ask(server, "/").body == PAGE.replace(HERO, b"1")
    server.reload()
    assert ask(server, "/").body == PAGE.replace(HERO, b"2")


@pytest.mark.parametrize(
    "plugin, message",
    [
        ("/nonexistent.so", 'plugin cannot be opened: No such file or directory in '),
        (f"{EXAMPLES}/rules.yaml", "plugin is neither a shared object nor, by its name, a .lua file in "),
        (f"{harness.BUILD}/plugin_version.so", "plugin was built for version 1 of the plugin interface, here is version 2"),
        (f"{harness.BUILD}/plugin_headers.so", "plugin was built with other headers"),
        (f"{harness.BUILD}/plugin_sizes.so", "plugin was built with other headers"),
        (f"{harness.BUILD}/plugin_entry.so", "is not a plugin: it has no PERSONALIZE_PLUGIN"),
        (f"{harness.BUILD}/plugin_geo.so", "there is already a plugin named geo: it is built in"),
        (f"{harness.BUILD}/plugin_faulty.so where=configure what=int", "plugin faulty: failed for an unknown reason"),
        (f"{harness.BUILD}/loyalty.so silver=x", 'option silver must be a whole number, not "x"'),
        (f"{harness.BUILD}/loyalty.so silver", 'invalid parameter "silver": options are name=value'),
    ],
)
def test_a_plugin_that_cannot_be_used_fails_the_configuration_with_one_message(tmp_path, plugin, message):
    status, said = harness.Nginx(tmp_path / "nginx", edge(f"personalize_plugin {plugin};")).check()
    assert status != 0
    lines = [line for line in said.splitlines() if "[emerg]" in line]
    assert len(lines) == 1 and message in lines[0], said


def test_plugins_in_the_document_can_be_built_with_the_installed_headers_alone(tmp_path):
    (source,) = blocks("cpp")
    (tmp_path / "campaign.cc").write_text(source)
    (tmp_path / "include").symlink_to(harness.BUILD / "include")
    for path in (tmp_path / "campaign.cc", EXAMPLES / "loyalty.cc"):
        library = tmp_path / f"{path.stem}.so"
        done = subprocess.run(["g++", *FLAGS, "-I", tmp_path / "include", "-o", library, path], capture_output=True,
                              text=True)
        assert done.returncode == 0, done.stderr
    rules = tmp_path / "rules.yaml"
    rules.write_text("version: 1\nslots: { a: { select: a } }\nrules:\n"
                     "  - { id: r, slot: a, when: 'campaign.running && campaign.seen == 3', do: remove }\n")
    request = json.dumps({"url": "/", "visitor": "v", "redis": {"HGET campaigns summer": "3"}})
    (tmp_path / "campaign.lua").write_text(*blocks("lua"))
    for plugin in ("campaign.so", "campaign.lua"):
        done = tool("explain", "--rules", rules, "--plugin", f"{tmp_path / plugin} code=summer", "--consent", "off",
                    "--request", "-", "--json", stdin=request.replace('"/"', '"/", "at": "2026-11-22T10:00:00Z"', 1))
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["edits"], done.stdout
