"""The page and the rules that most tests use, and configurations that put the module in front of them."""

import functools
import json
import os
import pathlib
import re
import subprocess
import tempfile
import time

import harness

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

# What a page can be asked for: each letter of the query is a rule.
RICH_RULES = """
version: 1
slots:
  hero: { select: "#hero" }
  cards: { select: "div.card" }
  offers: { select: "p.offer" }
  third: { select: "div:nth-of-type(3)" }
  body: { select: body }
  missing: { select: "#nowhere" }
  items: { select: ul }
rules:
  - { id: a, slot: hero, when: 'request.query["a"] != ""', do: { replace: "<p>new {{request.query.a}}</p>" } }
  - { id: b, slot: cards, when: 'request.query["b"] == "1"', do: { add_class: hot } }
  - { id: c, slot: offers, when: 'request.query["c"] == "1"', do: [ { before: "<hr>" }, { remove: true } ] }
  - { id: d, slot: body, when: 'request.query["d"] == "1"', do: { append: "<b>é</b>" } }
  - { id: e, slot: missing, when: 'request.query["e"] == "1"', do: { inner: "<b>nobody</b>" } }
  - { id: f, slot: items, when: 'request.query["f"] == "1"', do: { reorder: { by: data-sku, order: ["2", "1"] } } }
  - { id: g, slot: third, when: 'request.query["g"] == "1"', do: { append: "<b>third</b>" } }
"""
QUERIES = ["a=1", "a=%3Cb%3E", "b=1", "c=1", "d=1", "f=1", "g=1", "a=x&b=1&c=1&d=1&e=1&f=1&g=1"]

# Response headers that show which way a page was written.
SHOW_PATH = 'add_header X-Path "$personalize_path"; add_header X-Skipped "$personalize_skipped";'

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
    add_header X-Worker $pid always;
"""

STATUS = "location = /stub_status { stub_status; personalize off; access_log off; }"


# Each visitor's list is in the order of what that visitor likes.
ORDER_RULES = """
version: 1
attributes:
  profile:
    skus: list<string>
slots:
  items: { select: ul }
rules:
  - { id: favourites, slot: items, do: { reorder: { by: data-sku, order: profile.skus } } }
"""


def in_the_other_order(page):
    """PAGE, or what is made of it, with its items exchanged."""
    return page.replace(
        b"<li class=item data-sku=1>One<li class=item data-sku=2>Two",
        b"<li class=item data-sku=2>Two</li><li class=item data-sku=1>One</li>",
    )


def named(name):
    """PAGE for the visitor of that name."""
    return PAGE.replace(HERO, b"<b>Hello " + name.encode() + b"</b>")


@functools.cache
def http2_too():
    """A server's HTTP/2 in the words of the NGINX that is here: what to add to `listen`, and beside it (from 1.25.1)."""
    said = subprocess.run([harness.NGINX, "-v"], capture_output=True, text=True).stderr
    version = tuple(map(int, re.search(r"nginx/(\d+)\.(\d+)\.(\d+)", said).groups()))
    return ("http2", "") if version < (1, 25, 1) else ("", "http2 on;")


def edge(location, server="", http="", path="/"):
    """One server with one location (and a status page)."""
    listen_too, beside = http2_too()
    return f"""
{http}
server {{
    listen 127.0.0.1:PORT;
    listen 127.0.0.1:HTTP2_PORT {listen_too}; {beside}
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


def of_files(nginx, rules, location="", text=RULES, server="", http="", page=PAGE, **options):
    """A server of personalized files; page.html is there, and old enough to be kept."""
    started = nginx(
        edge(
            f"{SHOW_PATH} root FOLDER/html; personalize on; personalize_rules {rules(text)}; {location}",
            f"{STATUS_PAGE} {server}",
            http,
        ),
        **options,
    )
    (started.folder / "html" / "page.html").symlink_to(old_file(page))
    return started


old_files = tempfile.TemporaryDirectory(prefix="personalize-pages-")


def old_file(content):
    return old_files_of((content,))[0]


@functools.cache
def old_files_of(contents):
    """Files that tests share, so that they wait only once until the files are old enough."""
    paths = [pathlib.Path(old_files.name) / f"{abs(hash(content))}.html" for content in contents]
    for path, content in zip(paths, contents):
        path.write_bytes(content)
    settled(paths[-1])
    return paths


def settled(path):
    """Waits until the file is old enough for its page to be kept."""
    while time.time() - os.stat(path).st_ctime < 2.1:
        time.sleep(0.05)
