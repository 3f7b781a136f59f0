"""personalize_status: the workers' counters, for people and for Prometheus."""
# Part: integration, sanitizers

import json
import os
import re
import shutil
import signal
import subprocess

import pytest

import harness
from clients import SHOW_WORKER, Answer, ask, exchange, wait_for_every_worker
from shop import GREETED, HERO, PAGE, PROFILE_RULES, RULES, edge

STATUS = "location = /status { personalize_status; } location = /metrics { personalize_status prometheus; }"


@pytest.fixture
def server(nginx, origin, rules, redis):
    return nginx(
        edge(
            f"""
        personalize on;
        personalize_rules {rules(PROFILE_RULES)};
        personalize_redis unix:{redis.socket};
        personalize_visitor $http_x_visitor;
        personalize_deadline 60s;
        proxy_pass http://127.0.0.1:{origin(PAGE).port};
    """,
            STATUS,
        ),
        workers=2,
    )


def status(server):
    return json.loads(ask(server, "/status").body)


def test_responses_are_counted_by_outcome(server):
    for _ in range(3):
        ask(server)
    ask(server, headers={"X-Visitor": "ann"})
    ask(server, method="PUT")
    counted = status(server)
    assert counted["responses"] == 5
    assert counted["personalized"] == 4
    assert counted["skipped"]["method"] == 1
    assert counted["profile"]["not_needed"] == 3
    assert counted["profile"]["not_found"] == 1
    assert counted["redis_queries"] == 1
    harness.wait_until(lambda: status(server)["redis_ready"] == 4, "two workers to have two connections each")
    assert sum(v for k, v in counted["decide_us"].items() if k != "sum") == 4
    assert counted["rules"][0]["rules"] == 2 and re.fullmatch("[0-9a-f]+", counted["rules"][0]["version"])


def test_tool_status_and_log_name_one_version(tmp_path, nginx, origin, rules):
    tool = subprocess.run([harness.BUILD / "personalize", "--version"], capture_output=True, text=True, check=True).stdout
    version = re.fullmatch(r"personalize (\d+\.\d+\.\d+)\n", tool)[1]
    location = f"personalize on; personalize_rules {rules(RULES)}; proxy_pass http://127.0.0.1:{origin(PAGE).port};"
    server = nginx(edge(location, STATUS))
    assert status(server)["version"] == version
    assert f'personalize_build_info{{version="{version}"}} 1\n' in ask(server, "/metrics").body.decode()
    assert f"personalize: version {version}" in server.log()


def test_a_visitor_who_did_not_agree_is_counted_as_such(nginx, origin, rules, redis):
    server = nginx(
        edge(
            f"""personalize on; personalize_rules {rules(PROFILE_RULES)}; personalize_redis unix:{redis.socket};
            personalize_visitor $http_x_visitor; proxy_pass http://127.0.0.1:{origin(PAGE).port};""",
            STATUS,
        ),
        consent="",
    )
    ask(server)
    ask(server, headers={"X-Visitor": "ann"})
    counted = status(server)["profile"]
    assert (counted["not_needed"], counted["no_consent"]) == (1, 1)


def test_counting_goes_on_over_a_reload(server):
    ask(server)
    server.process.send_signal(signal.SIGHUP)
    harness.wait_until(lambda: "gracefully shutting down" in server.log(), "old workers to go")
    ask(server)
    assert status(server)["responses"] == 2


def samples(server):
    """Prometheus' text as {name and labels: value}, checked line by line."""
    answer = ask(server, "/metrics")
    assert answer.header("Content-Type").startswith("text/plain; version=0.0.4")
    lines = answer.body.decode().splitlines()
    label = r'[a-z]+="(?:[^"\\\\]|\\\\["\\\\n])*"'
    assert [
        line for line in lines if not re.fullmatch(rf"#.*|[a-z_]+(\{{{label}(,{label})*\}})? [0-9.e+-]+", line)
    ] == []
    named = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert len(named) == len(set(named)) == len([line for line in lines if line.startswith("# HELP")])
    found = [line.rpartition(" ")[::2] for line in lines if not line.startswith("#")]
    assert len(dict(found)) == len(found)
    return {name: float(value) for name, value in found}


def test_prometheus_can_read_it(server):
    harness.wait_until(lambda: status(server)["workers"] == 2, "both workers' notes")
    ask(server)
    found = samples(server)
    assert found['personalize_responses_total{outcome="personalized"}'] == 1
    assert found['personalize_responses_total{outcome="method"}'] == 0
    assert found['personalize_decide_seconds_bucket{le="+Inf"}'] == found["personalize_decide_seconds_count"] == 1
    buckets = [v for k, v in found.items() if k.startswith("personalize_decide_seconds_bucket")]
    assert buckets == sorted(buckets)
    assert found['personalize_rule_decisions_total{rule="stranger"}'] == 1
    assert found['personalize_rule_decisions_total{rule="named"}'] == 0
    assert found['personalize_shared_memory_bytes{zone="personalize-status"}'] > 0
    assert found["personalize_workers"] == 2 and found["personalize_redis_breakers_open"] == 0
    version = status(server)["rules"][0]["version"]
    assert found[f'personalize_rules_workers{{version="{version}"}}'] == 2
    assert found['personalize_rules_refused{set="0"}'] == 0


def test_every_zone_s_size_is_told(nginx, origin, rules):
    location = f"""personalize on; personalize_rules {rules(RULES)}; personalize_weather /weather zone=weather:1m;
                   personalize_profile_cache zone=profiles:512k; proxy_pass http://127.0.0.1:{origin(PAGE).port};"""
    server = nginx(edge(location, STATUS, http="personalize_zone pages:256k;"))
    sizes = status(server)["shared_memory_bytes"]
    assert set(sizes) == {"personalize-status", "weather", "profiles", "pages"} == set(status(server)["shared_memory_free_bytes"])
    assert (sizes["weather"], sizes["profiles"], sizes["pages"]) == (1 << 20, 512 << 10, 256 << 10)


def test_what_the_documents_name_is_there(server):
    ask(server)
    section = (harness.ROOT / "docs/ops.md").read_text("utf-8").split("## Status")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    named = set(re.findall(r"`([a-z_]+)(?:\{[a-z]+\})?`", " ".join(rows)))
    told = set(re.findall(r"^# TYPE personalize_(\S+)", ask(server, "/metrics").body.decode(), re.M))
    of_files = {"geo_database_built_timestamp_seconds", "device_regexes_modified_timestamp_seconds"}  # none are used here
    assert len(named) > 20 and named - of_files <= told and told - named == set()


def test_decisions_are_counted_by_rule_across_changes_of_the_files(nginx, origin, rules):
    first = rules(RULES, "many.yaml")
    server = nginx(
        edge(
            f"{SHOW_WORKER} personalize on; personalize_rules {first};"
            f"proxy_pass http://127.0.0.1:{origin(PAGE).port};",
            STATUS,
        ),
        workers=2,
    )
    ask(server)
    # More rules than have counters of their own, and the one that wins among those that share one.
    rule = "  - {{ id: {}, slot: hero, priority: {}, do: {{ inner: x }} }}\n"
    more = "".join(rule.format(f"rule-{i}", -i) for i in range(1, 1200))
    first.write_text(RULES + more + rule.format("last", 5))
    wait_for_every_worker(server, lambda answer: answer.body == PAGE.replace(HERO, b"x"), "the new rules")
    before = status(server)["decisions"]
    assert before["greeting"] >= 1 and "last" not in before and before["other"] >= 8
    first.write_text(RULES)
    wait_for_every_worker(server, lambda answer: answer.body == GREETED, "the old rules")
    after = status(server)["decisions"]
    assert after["greeting"] >= before["greeting"] + 8
    assert len(after) == 1001 and samples(server)['personalize_rule_decisions_total{rule="other"}'] >= 8


def test_every_worker_s_rules_and_databases_are_told(nginx, origin, rules, geo_database):
    path = rules(RULES.replace("    slot: hero\n", "    slot: hero\n    when: geo.city != 'x'\n"), "a.yaml")
    server = nginx(
        edge(
            f"""personalize on; personalize_rules {path}; personalize_geo {geo_database};
                proxy_pass http://127.0.0.1:{origin(PAGE).port};""",
            STATUS,
        ),
        workers=3,
    )
    harness.wait_until(lambda: status(server)["workers"] == 3, "all workers' notes")
    told = status(server)
    assert list(told["rules"][0]["workers"].values()) == [3] and told["rules"][0]["in_memory"] == 3
    built = list(told["geo_database_built_timestamp_seconds"].items())
    assert len(built) == 1 and 1.5e9 < built[0][1] < 4e9
    for i in range(3):  # sets that were in use do not stay in memory
        path.write_text(RULES.replace("you", f"you {i}"))
        version = told["rules"][0]["version"]
        harness.wait_until(
            lambda: version not in (told := status(server))["rules"][0]["workers"]
            and list(told["rules"][0]["workers"].values()) == [3],
            "all workers to have the new rules"
        )
        told = status(server)
    harness.wait_until(lambda: status(server)["rules"][0]["in_memory"] == 3, "old sets to go")
    path.write_text("nonsense")
    harness.wait_until(lambda: samples(server)['personalize_rules_refused{set="0"}'] == 3, "all to refuse")
    assert f"{path}:1:1: " in status(server)["rules"][0]["error"]


SCRIPT = """
rule { id = "loops", slot = "hero", priority = 9, template = "x", when = function(c)
  if c.request.query and c.request.query.loop then while true do end end
end }
"""


def test_how_scripts_fare_is_told_and_why_they_fail_is_logged(nginx, origin, rules):
    server = nginx(
        edge(
            f"""personalize on; personalize_rules {rules(RULES)} {rules(SCRIPT, "loops.lua")};
                proxy_pass http://127.0.0.1:{origin(PAGE).port};""",
            STATUS,
        )
    )
    assert ask(server).body == GREETED
    told = status(server)
    calls = told["lua_calls_total"]
    assert calls >= 1 and told["lua_overruns_total"] == 0 and told["lua_memory_bytes"] > 10_000
    for _ in range(2):
        assert ask(server, "/?loop=1").body == GREETED
    found = samples(server)
    assert found["personalize_lua_overruns_total"] == found["personalize_lua_failures_total"] == 2
    assert found["personalize_lua_calls_total"] == calls + 2 and found["personalize_lua_rebuilds_total"] == 1
    assert found["personalize_lua_paused_total"] == 0
    said = r"\[error\] .*rules in Lua failed [12] times?, for instance \S+loops.lua: line \d+: .*too many instructions"
    harness.wait_until(lambda: re.search(said, server.log()), "the reason in the log")


def test_a_worker_that_was_killed_leaves_no_connections_behind_in_the_numbers(server):
    ask(server)
    harness.wait_until(lambda: status(server)["redis_ready"] == 4, "all connections")
    for pid in server.worker_pids():
        os.kill(pid, signal.SIGKILL)
    server.tolerate_killed_workers()
    harness.wait_until(lambda: len(server.worker_pids()) == 2, "new workers")
    harness.wait_until(lambda: status(server)["redis_ready"] == 4, "all connections again")


PROMETHEUS_2 = (
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
)
PROMETHEUS_3 = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
    "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
    "text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)


@pytest.mark.parametrize(
    "accepts", [["text/plain;version=0.0.4"], ["TEXT/PLAIN"], [PROMETHEUS_2], [PROMETHEUS_3], ["image/png", "text/plain"]]
)
def test_whoever_likes_text_better_gets_prometheus_text(server, accepts):
    assert formatted(server, accepts).startswith(b"# HELP")


@pytest.mark.parametrize(
    "accepts",
    [
        [],
        ["*/*"],
        ["application/json, text/plain, */*"],  # axios
        ["text/plain;q=0, application/json"],
        ["text/plaintext"],
        ["text/plain", "application/json"],
    ],
)
def test_whoever_likes_json_as_much_gets_json(server, accepts):
    assert formatted(server, accepts).startswith(b"{")


def formatted(server, accepts):
    lines = ["GET /status HTTP/1.1", "Host: shop.example", "Connection: close", *(f"Accept: {text}" for text in accepts)]
    return Answer(exchange(server.port, "\r\n".join([*lines, "", ""]).encode())).body


def test_the_status_is_only_to_be_read(server):
    assert ask(server, "/status", method="DELETE").status == 405


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool (Debian: prometheus) is not installed")
def test_promtool_has_nothing_to_say(server):
    text = ask(server, "/metrics").body
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
