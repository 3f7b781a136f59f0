"""The examples, built against what is installed and nothing else, as NGINX loads them."""
# Part: integration

import os
import re
import subprocess

import harness
from clients import ask
from shop import HERO, PAGE, edge

EXAMPLES = harness.ROOT / "plugins/examples"
RULES = """
version: 1
slots: { hero: { select: "#hero" } }
rules:
  - { id: gold, slot: hero, when: 'loyalty.tier == "gold"', do: { inner: "{{loyalty.points}}" } }
  - id: trending
    slot: hero
    priority: -1
    content: { plugin: recommend, with: { of: trending, limit: 1 } }
    do: { inner: "{{#content.products}}<a href='{{url}}'>{{title}}</a>{{/content.products}}" }
"""


def test_examples_that_are_built_against_the_installed_headers_work(nginx, origin, redis, rules, tmp_path):
    subprocess.run(["cmake", "--install", harness.BUILD], check=True, stdout=subprocess.DEVNULL,
                   env={**os.environ, "DESTDIR": str(tmp_path / "installed")})
    headers = tmp_path / "installed/usr/include"
    source = EXAMPLES / "loyalty.cc"
    # The command that the example itself tells.
    command = re.search(r"^//\s+(g\+\+ .*)$", source.read_text(), re.M)[1].split()
    done = subprocess.run([*command[:-1], "-I", headers, "-Wall", "-Wextra", "-Werror", source], cwd=tmp_path,
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    redis.command("HSET", "personalize:{ann}:loyalty", "points", "2500")
    redis.command("RPUSH", "personalize:trending", "/p/boots Dry boots", "/p/coat Warm coat")
    server = nginx(
        edge(
            f"""personalize on; personalize_rules {rules(RULES)}; personalize_deadline 60s;
            personalize_redis unix:{redis.socket}; personalize_visitor $http_x_visitor;
            personalize_plugin {tmp_path}/loyalty.so; personalize_plugin {EXAMPLES}/store_hours.lua;
            personalize_plugin {EXAMPLES}/recommend.lua; proxy_pass http://127.0.0.1:{origin(PAGE).port};"""
        )
    )
    assert ask(server, headers={"X-Visitor": "ann"}).body == PAGE.replace(HERO, b"2500")
    trending = PAGE.replace(HERO, b"<a href='/p/boots'>Dry boots</a>")
    assert ask(server).body == trending
    assert ask(server, headers={"X-Visitor": "bob"}).body == trending
    harness.wait_until(lambda: redis.command("HGET", "personalize:{bob}:impressions", "/p/boots") == "1", "the impression")
    assert int(redis.command("TTL", "personalize:{bob}:impressions")) > 0
