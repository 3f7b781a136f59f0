"""The page and the rules that most tests use, and configurations that put the module in front of them."""

import json
import os
import time

HERO = b"<p>Everybody's <em>banner</em></p>"
PAGE = (
    b"<!DOCTYPE html>\n<html lang=en><head><meta charset=utf-8><title>Shop</title>\n"
    b'<script>var slot = \'<div id="hero">\';</script></head>\n<body class=shop>\n<!-- <div id="hero"> -->\n'
    b'<div class="box wide" id="hero">' + HERO + b"</div>\n"
    b"<ul><li class=item data-sku=1>One<li class=item data-sku=2>Two</ul>\n"
    b'<p class="offer">No offer &amp; no d\xc3\xa9j\xc3\xa0 vu.</p>\n</body></html>\n'
)

GREETING = b"<b>Hello you</b>"
GREETED = PAGE.replace(HERO, GREETING)
CARD = b"<div class=card><p>One <a href=/x>link</a><p>Two</div>\n"


def with_cards(count):
    """PAGE with that many more elements on it."""
    return PAGE.replace(b"<ul>", CARD * count + b"<ul>")


BIG = with_cards(2000)


def greeted(page):
    """What RULES make of it."""
    return page.replace(HERO, GREETING)


# One rule for everybody: the shortest way to see whether a page was personalized.
RULES = """
version: 1
slots:
  hero: { select: "#hero" }
rules:
  - id: greeting
    slot: hero
    do: { inner: "<b>Hello you</b>" }
"""

# Visitors with a profile are greeted by name, others as strangers.
PROFILE_RULES = """
version: 1
attributes:
  profile:
    first_name: string
slots:
  hero: { select: "#hero" }
rules:
  - id: named
    slot: hero
    priority: 10
    when: profile.first_name != ""
    do: { inner: "<b>Hello {{profile.first_name}}</b>" }
  - id: stranger
    slot: hero
    do: { inner: "<b>Hello stranger</b>" }
"""
STRANGER = PAGE.replace(HERO, b"<b>Hello stranger</b>")

# Response headers that show every variable.
SHOW = """
    add_header X-Decisions "[$personalize_decisions]" always;
    add_header X-Skipped "[$personalize_skipped]" always;
    add_header X-Deadline-Missed "[$personalize_deadline_missed]" always;
    add_header X-Profile "[$personalize_profile_status]" always;
    add_header X-Time "[$personalize_time]" always;
"""

STATUS = "location = /stub_status { stub_status; personalize off; access_log off; }"


def named(name):
    """PAGE for the visitor of that name."""
    return PAGE.replace(HERO, b"<b>Hello " + name.encode() + b"</b>")


def edge(location, server="", http="", path="/"):
    """One server with one location (and a status page)."""
    return f"""
{http}
server {{
    listen 127.0.0.1:PORT;
    listen 127.0.0.1:HTTP2_PORT http2;
    {STATUS}
    {server}
    location {path} {{
        {location}
    }}
}}
"""


def profiles(origin, redis, rules, options="", location="", server=""):
    """Rules with profiles from `redis` (an address) in front of `origin`; X-Visitor is the visitor id."""
    return edge(
        f"""
        {SHOW}
        personalize on;
        personalize_rules {rules};
        personalize_redis {redis} {options};
        personalize_visitor $http_x_visitor;
        {location}
        proxy_pass http://127.0.0.1:{origin.port};
    """,
        server=server,
    )


# What all workers counted, on a location of its own.
STATUS_PAGE = "location = /counters { personalize off; personalize_status json; access_log off; }"


def counters(server):
    return json.loads(server.get("/counters").text)


def settled(path):
    """Waits until the file's change is no longer of this moment: then its page may be kept."""
    while time.time() - os.stat(path).st_ctime < 2.1:
        time.sleep(0.05)
