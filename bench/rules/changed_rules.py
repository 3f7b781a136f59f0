"""How long it takes until a changed rule is on every page, with many others beside it that are loaded again too."""
import http.client
import os
import statistics
import subprocess
import threading
import time

import limits
from servers import Servers

RULES, VISITORS, WORKERS = 10_000, 4, 2
MARKER = """version: 1
slots: {{ marker: {{ select: "#marker" }} }}
rules: [ {{ id: marker, slot: marker, do: {{ inner: "{}" }} }} ]
"""


class Visitors:
    """Ask without end, and remember what was shown when."""

    def __init__(self, port):
        self.port, self.over, self.seen = port, threading.Event(), []
        self.threads = [threading.Thread(target=self.visit) for _ in range(VISITORS)]
        for thread in self.threads:
            thread.start()

    def visit(self):
        while not self.over.is_set():
            asked = time.monotonic()
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
            connection.request("GET", "/")
            self.seen.append((asked, connection.getresponse().read().decode()))
            connection.close()
            time.sleep(0.005)

    def stop(self):
        self.over.set()
        for thread in self.threads:
            thread.join()


def until_shown(visitors, change, text):
    """Seconds from a change to the last page without it."""
    changed = time.monotonic()
    change(text)
    while sum(text in body for asked, body in visitors.seen[-40:]) < 40:
        time.sleep(0.05)
        if time.monotonic() > changed + 60:
            raise SystemExit("changed rules were not taken in")
    return max(asked for asked, body in visitors.seen if text not in body) - changed


def measure(rounds=5):
    """Median and most of the seconds, while visitors ask."""
    servers = Servers()
    try:
        many = subprocess.run([limits.BUILD / "rules_bench", "--print-rules", str(RULES)], check=True,
                              stdout=subprocess.PIPE, text=True).stdout
        (servers.folder / "many.yaml").write_text(many, encoding="utf-8")
        (servers.folder / "html").mkdir()
        (servers.folder / "html/index.html").write_text("<!DOCTYPE html><title>x</title><p id=marker>x</p>")

        def change(text):
            (servers.folder / "new").write_text(MARKER.format(text))
            (servers.folder / "new").rename(servers.folder / "marker.yaml")

        change("number 0.")
        configuration = """
            personalize on; personalize_consent off; personalize_rules DIR/many.yaml DIR/marker.yaml;
            server { listen 127.0.0.1:PORT; root DIR/html; }"""
        port, _ = servers.nginx("rules", configuration, [limits.BUILD / "ngx_http_personalize_module.so"], workers=WORKERS)
        visitors = Visitors(port)
        try:
            seconds = [until_shown(visitors, change, f"number {i}.") for i in range(1, rounds + 1)]
        finally:
            visitors.stop()
        return statistics.median(seconds), max(seconds)
    finally:
        servers.close()


def sentence(median, most):
    return (
        f"A changed file is on every page {median:.1f} s after it was saved: {RULES // 1000} 000 rules beside it are "
        f"loaded again by each of\n{WORKERS} workers, on {os.cpu_count()} cores, while {VISITORS} visitors keep asking. "
        f"{most:.1f} s was the most of several times; 2 s is the limit."
    )
