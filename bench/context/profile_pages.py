"""What a profile costs a page over HTTP: Redis on a Unix socket, every request another visitor's."""
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

from servers import CLIENT_CORE, Servers, SlowParts, alternate, free_port

ROOT = Path(__file__).resolve().parents[2]
MODULE = Path(os.environ.get("PERSONALIZE_BUILD", ROOT / "build")).resolve() / "ngx_http_personalize_module.so"
VISITORS = 2000
CONNECTIONS = 16
UPSTREAM = 0.002  # seconds
NONE, SOCKET, CACHED, GONE = "no profile", "profile over a Unix socket", "profile from shared memory", "Redis gone"

# Two edits for everybody; those who have a profile are shown something of it.
RULES = """
version: 1
attributes: { profile: { first_name: string, tier: string } }
slots:
  hero: { select: "#hero" }
  offer: { select: "[data-slot=offer]" }
rules:
  - { id: hero, slot: hero, do: { prepend: "<p>There is weather, Ann</p>" } }
  - { id: offer, slot: offer, do: { append: "<p>Ten percent off</p>" } }
  - id: named
    slot: hero
    priority: 1
    when: profile.first_name != ""
    do: { prepend: "<p>There is weather, {{profile.first_name}}</p>" }
  - { id: gold, slot: offer, priority: 1, when: profile.tier == "gold", do: { append: "<p>A quarter off</p>" } }
"""
# Every request is of another of so many visitors, so that no two of them share a query.
VISITS = """
local requests, n = {}, 0
for i = 1, %d do requests[i] = wrk.format("GET", "/", { Host = "shop", Cookie = "visitor=v" .. i }) end
request = function() n = n %% #requests + 1; return requests[n] end
"""


def start_redis(servers):
    """On the client's core. Its socket."""
    path = str(servers.folder / "redis.sock")
    servers.start(["taskset", "-c", str(CLIENT_CORE), "redis-server", "--port", "0", "--unixsocket", path, "--save", "",
                   "--dir", str(servers.folder)], path)
    commands = "".join(f"HSET personalize:{{v{i}}}:profile first_name Ann tier gold\n" for i in range(1, VISITORS + 1))
    subprocess.run(["redis-cli", "-s", path], input=commands.encode(), check=True, stdout=subprocess.DEVNULL)
    return path


def start_shops(servers, prefix, where, location, redis, names):
    """name → what wrk needs; `where` is for http {}, `location` what fetches the page."""
    profile = "personalize_visitor $cookie_visitor; personalize_redis"
    ways = {
        NONE: "",
        SOCKET: f"{profile} unix:{redis};",
        CACHED: f"{profile} unix:{redis}; personalize_profile_cache zone=profiles:4m valid=1h;",
        GONE: f"{profile} 127.0.0.1:{free_port()};",
    }
    common = "personalize on; personalize_rules DIR/rules.yaml; personalize_consent off; personalize_deadline 50ms;"
    return {
        name: servers.nginx(
            f"{prefix} {name}",
            f"{where} server {{ listen 127.0.0.1:PORT; {common} {ways[name]} location / {{ {location} }} }}",
            [MODULE],
        )
        for name in names
    }


def check(shops):
    for name, (port, _) in shops.items():
        request = urllib.request.Request(f"http://127.0.0.1:{port}/", headers={"Cookie": "visitor=v1"})
        page = urllib.request.urlopen(request, timeout=10).read()
        expected = b"A quarter off" if name in (SOCKET, CACHED) else b"Ten percent off"
        if b"There is weather, Ann" not in page or expected not in page:
            sys.exit(f"{name}: not the page that was to be measured")


def measure(arguments):
    """(results from the cache at full load, one at a time, with an upstream), each: way → (rate, ms, CPU µs)."""
    servers = Servers()
    try:
        subprocess.run([ROOT / "conf/demo/storefront/build", servers.folder / "shop"], check=True)
        (servers.folder / "rules.yaml").write_text(RULES, "utf-8")
        script = servers.folder / "visits.lua"
        script.write_text(VISITS % VISITORS, "utf-8")
        visits = ["-s", str(script)]
        redis = start_redis(servers)
        origin, _ = servers.nginx("origin", "server { listen 127.0.0.1:PORT; root DIR/shop; }")
        location = f"proxy_pass http://127.0.0.1:{origin}; proxy_cache page; proxy_cache_key $uri; proxy_cache_valid 1h;"
        cached = start_shops(servers, "cached", "proxy_cache_path CACHE keys_zone=page:1m;", location, redis,
                             (NONE, SOCKET, CACHED, GONE))
        check(cached)
        full = alternate(cached, CONNECTIONS, arguments, visits)
        single = alternate({name: cached[name] for name in (NONE, SOCKET)}, 1, arguments, visits)
        slow = SlowParts((servers.folder / "shop/index.html").read_bytes(), redis, UPSTREAM)
        upstream = f"upstream shop {{ server 127.0.0.1:{slow.upstream_port}; keepalive 8; }}"
        location = 'proxy_pass http://shop; proxy_http_version 1.1; proxy_set_header Connection "";'
        waiting = start_shops(servers, "slow", upstream, location, redis, (NONE, SOCKET))
        return full, single, alternate(waiting, 1, arguments, visits)
    finally:
        servers.close()


def table(arguments):
    """Markdown, and which limits are missed."""
    full, single, waiting = measure(arguments)
    base = full[NONE][0]
    lines = [f"| from `proxy_cache`, {CONNECTIONS} connections | requests/s | of those without | limit | CPU µs per request |",
             "|---|--:|--:|--:|--:|"]
    missed = []
    for name, (rate, _, cpu) in full.items():
        limit = {SOCKET: 0.8, GONE: 0.95}.get(name)
        lines.append(f"| {name} | {rate:,.0f} | {rate / base:.2f} | {limit or ''} | {cpu:.1f} |")
        if limit is not None and rate < limit * base:
            missed.append(f"{name}: {rate / base:.3f} of the requests per second")
    lines += ["", "| one request at a time | no profile | with | added | limit |", "|---|--:|--:|--:|--:|"]
    for what, results, limit in (("from `proxy_cache`", single, 0.2),
                                 (f"upstream takes {UPSTREAM * 1000:.0f} ms", waiting, 0.1)):
        without, with_profile = results[NONE][1], results[SOCKET][1]
        added = with_profile - without
        lines.append(f"| {what}, median | {without:.3f} ms | {with_profile:.3f} ms | {added:.3f} ms | {limit} ms |")
        if added > limit:
            missed.append(f"{what}: {added:.3f} ms added")
    return "\n".join(lines), missed
