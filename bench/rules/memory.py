"""What rule sets take of a worker's memory: of twenty servers that share one, and after a hundred changes."""
import http.client
import json
import re
import subprocess
import time
from pathlib import Path

import limits
from changed_rules import MARKER, RULES
from servers import Servers

SERVERS, CHANGES = 20, 100
MOST_BY_CHANGES = 1.2  # times what the first change took
MOST_BY_SERVERS = 1.2  # times what one server takes


def megabytes(pid, what):
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.search(rf"^{what}:\s+(\d+) kB", text, re.M)[1]) / 1024


class Shop:
    """One worker; so many servers with the same rules and a prefix of Redis keys each."""

    def __init__(self, servers, number):
        self.folder = servers.folder / f"shop{number}"
        self.folder.mkdir()
        many = subprocess.run([limits.BUILD / "rules_bench", "--print-rules", str(RULES)], check=True,
                              stdout=subprocess.PIPE, text=True).stdout
        (self.folder / "many.yaml").write_text(many, encoding="utf-8")
        (self.folder / "index.html").write_text("<!DOCTYPE html><title>x</title><p id=marker>x</p>")
        self.write("number 0.")
        blocks = "".join(f"""
            server {{
              listen 127.0.0.1:PORT; server_name s{i}.example;
              location /status {{ personalize_status; }}
              location / {{
                root {self.folder}; personalize on; personalize_visitor $arg_v;
                personalize_redis unix:{self.folder}/none prefix=p{i}:;
                personalize_rules {self.folder}/many.yaml {self.folder}/marker.yaml;
              }}
            }}""" for i in range(number))
        began = time.monotonic()
        self.port, master = servers.nginx(f"shop with {number}", f"personalize_consent off; {blocks}",
                                          [limits.BUILD / "ngx_http_personalize_module.so"])
        self.start_seconds = time.monotonic() - began
        self.worker = self.wait(lambda: Path(f"/proc/{master}/task/{master}/children").read_text().split())[0]

    def write(self, text):
        (self.folder / "new").write_text(MARKER.format(text))
        (self.folder / "new").rename(self.folder / "marker.yaml")

    def get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", path)
        body = connection.getresponse().read().decode()
        connection.close()
        return body

    @staticmethod
    def wait(condition):
        end = time.monotonic() + 120
        while time.monotonic() < end:
            if result := condition():
                return result
            time.sleep(0.02)
        raise SystemExit("changed rules were not taken in")

    def change(self, text):
        """Until it is on the page and the rules before are gone."""
        self.write(text)
        self.wait(lambda: text in self.get("/"))
        self.wait(lambda: {rules["in_memory"] for rules in json.loads(self.get("/status"))["rules"]} == {1})

    def private(self):
        time.sleep(1)  # memory is given back in a thread
        return megabytes(self.worker, "Private_Dirty")


def measure():
    """What sentence() needs."""
    figures = {}
    servers = Servers()
    try:
        for number in (1, SERVERS):
            shop = Shop(servers, number)
            figures[number] = {"seconds": shop.start_seconds, "start": megabytes(shop.worker, "Rss")}
            shop.change("number 1.")
            figures[number]["changed"] = shop.private()
            if number == 1:
                for i in range(2, CHANGES + 1):
                    shop.change(f"number {i}.")
                figures["last"] = shop.private()
    finally:
        servers.close()
    return figures


def exceeded(figures):
    one, many = figures[1], figures[SERVERS]
    too_much = [f"{what} with {SERVERS} servers: {many[what]:.1f} instead of {one[what]:.1f}"
                for what in ("start", "changed") if many[what] > MOST_BY_SERVERS * one[what]]
    if figures["last"] > MOST_BY_CHANGES * one["changed"]:
        too_much.append(f"MB of private memory after {CHANGES} changes: {figures['last']:.0f}")
    return too_much


def table(figures):
    one, many = figures[1], figures[SERVERS]
    return f"""| {RULES // 1000} 000 rules, one worker | one server | {SERVERS} servers, {SERVERS} prefixes of Redis keys |
|---|---|---|
| start of NGINX | {one["seconds"]:.1f} s | {many["seconds"]:.1f} s |
| memory of the worker at the start, most of it shared with the master | {one["start"]:.0f} MB | {many["start"]:.0f} MB |
| its private memory after one change of the rules | {one["changed"]:.0f} MB | {many["changed"]:.0f} MB |
| … after {CHANGES} changes, {MOST_BY_CHANGES} times that at most | {figures["last"]:.0f} MB | |"""
