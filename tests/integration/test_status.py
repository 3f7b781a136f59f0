"""personalize_status: the workers' counters, for people and for Prometheus."""

import json
import re
import shutil
import signal
import subprocess

import pytest

import harness
from clients import ask
from shop import PAGE, PROFILE_RULES, edge

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
        personalize_deadline 2s;
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
    assert counted["redis_ready"] == 4  # two workers, two connections each
    assert sum(v for k, v in counted["decide_us"].items() if k != "sum") == 4
    assert counted["rules"][0]["rules"] == 2 and re.fullmatch("[0-9a-f]+", counted["rules"][0]["version"])


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
    harness.wait_until(lambda: "gracefully shutting down" in server.log(), "old workers to go", 20)
    ask(server)
    assert status(server)["responses"] == 2


def test_prometheus_can_read_it(server):
    ask(server)
    answer = ask(server, "/metrics")
    assert answer.header("Content-Type").startswith("text/plain; version=0.0.4")
    lines = answer.body.decode().splitlines()
    assert "personalize_responses_total 1" in lines
    assert 'personalize_decide_seconds_bucket{le="+Inf"} 1' in lines
    assert all(
        re.fullmatch(r'#.*|[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.e+-]+', line) for line in lines
    )
    named = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert len(named) == len(set(named))
    buckets = [int(line.split()[1]) for line in lines if line.startswith("personalize_decide_seconds_bucket")]
    assert buckets == sorted(buckets)


def test_the_scraper_s_accept_header_asks_for_prometheus_text(server):
    assert ask(server, "/status", headers={"Accept": "text/plain;version=0.0.4"}).body.startswith(b"# HELP")
    assert ask(server, "/status", headers={"Accept": "*/*"}).body.startswith(b"{")
    assert ask(server, "/status", method="DELETE").status == 405


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool (Debian: prometheus) is not installed")
def test_promtool_has_nothing_to_say(server):
    text = ask(server, "/metrics").body
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
