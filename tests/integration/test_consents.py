"""What each combination of the two consents stores, reads and shows, as docs/events.md has it."""
# Part: integration, sanitizers

import base64
import json
import re

import pytest

import harness
from clients import Answer, ask, exchange
from shop import PAGE, PROFILE_RULES, STRANGER, edge, named

EVENTS = """
events:
  view_item: { pages: ["/p/*"], item_id: "request.path_segment[1]" }
  add_to_cart: { method: POST, pages: ["/cart"], item_id: request.form.sku }
"""
SEEN = """
return {
  name = "seen",
  record = function(request, shown) return { { "HINCRBY", "seen", "pages", "1" } } end,
}
"""
KEY = "0123456789abcdef0123456789abcdef01234567"
IN_NEW_YORK, IN_HAMBURG = "198.51.100.1", "192.0.2.65"
DOCUMENT = (harness.ROOT / "docs" / "events.md").read_text("utf-8").partition("\n## Consent\n")[2].partition("\n## ")[0]


def rows(first):
    """Those of the table whose first column has this name."""
    table = DOCUMENT.partition(f"\n| {first} |")[2].partition("\n\n")[0].strip().split("\n")[2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in table]


EFFECTS = {(row[0], row[1]): row[2:] for row in rows("personalization")}
WAYS = rows("with")


def tcf(purposes):
    """A core segment with consent to these purposes, and to no vendor."""
    bits = bytearray(base64.urlsafe_b64decode("CQuG2NAQuG2NAAHABBENDyEgAAAAAAAAAAAgAAAAAAAA"))
    for purpose in purposes:
        at = 152 + purpose - 1
        bits[at // 8] |= 0x80 >> at % 8
    return base64.urlsafe_b64encode(bits).decode().rstrip("=")


def sent(words):
    """The headers and cookies that a row of the document names, and the directive."""
    headers, cookies = {"X-Forwarded-For": IN_HAMBURG}, []
    for name, value in re.findall(r"`([\w-]+): ([^`]+)`", words):
        if name == "Cookie":
            cookies.append(value)
        else:
            headers[name] = value
    if purposes := re.search(r"`euconsent-v2` with purposes ([\d, and]+)", words):
        cookies.append("euconsent-v2=" + tcf(int(number) for number in re.findall(r"\d+", purposes[1])))
    if "countries=" in words:
        headers["X-Forwarded-For"] = IN_NEW_YORK
    if "`personalize_consent off`" in words:
        return headers, cookies, "personalize_consent off;"
    return headers, cookies, "personalize_consent required cookie=choice \"expression=cookie == 'all'\" countries=US;"


class Shop:
    """A shop whose visitors have our cookie."""

    def __init__(self, server, redis, headers, cookies):
        self.server, self.redis, self.headers, self.cookies = server, redis, headers, cookies

    def with_headers(self, *cookies, **more):
        headers = {**self.headers, **more}
        if self.cookies or cookies:
            headers["Cookie"] = "; ".join([*cookies, *self.cookies])
        return headers

    def status(self):
        return json.loads(ask(self.server, "/status").body)

    def events(self):
        self.status()  # after it the log has what came before
        log = self.server.folder / "events"
        return [json.loads(line) for line in log.read_text("utf-8").splitlines()] if log.exists() else []

    def reads(self):
        """How many profiles Redis was asked for."""
        found = re.search(r"cmdstat_hmget:calls=(\d+)", self.redis.command("INFO", "commandstats"))
        return int(found[1]) if found else 0

    def post(self, path, body, content_type, cookie):
        headers = self.with_headers(cookie, **{"Sec-Fetch-Site": "same-origin"})
        lines = [f"POST {path} HTTP/1.1", "Host: shop.example", "Connection: close", f"Content-Type: {content_type}"]
        lines += [f"{name}: {value}" for name, value in headers.items()] + [f"Content-Length: {len(body)}", "", body]
        return Answer(exchange(self.server.port, "\r\n".join(lines).encode()))


@pytest.fixture
def shop(nginx, origin, redis, rules, geo_database, tmp_path):
    (tmp_path / "keys").write_text(KEY)
    (tmp_path / "keys").chmod(0o600)

    def start(words):
        headers, cookies, directive = sent(words)
        server = nginx(
            edge(
                f"personalize on; proxy_pass http://127.0.0.1:{origin(PAGE).port};",
                f"""personalize_rules {rules(PROFILE_RULES + EVENTS)}; personalize_plugin {rules(SEEN, "seen.lua")};
                personalize_redis unix:{redis.socket}; personalize_deadline 60s; personalize_geo {geo_database}; {directive}
                personalize_visitor_cookie seen secret={tmp_path}/keys; personalize_visitor $http_x_visitor;
                personalize_events_log FOLDER/events;
                set_real_ip_from 127.0.0.1; real_ip_header X-Forwarded-For;
                location = /events {{ personalize_events; }}
                location = /given {{ personalize on; personalize_consent off; proxy_pass http://127.0.0.1:{origin(PAGE).port}; }}
                location = /marker {{ personalize on; personalize_consent off; proxy_pass http://127.0.0.1:{origin(PAGE).port}; }}
                location = /status {{ personalize_status json; access_log off; }}""",
            ),
            consent="",
        )
        return Shop(server, redis, headers, cookies)

    return start


def recorded(shop, visitor):
    """How many pages the plugin has recorded; recordings of one worker are sent in their order."""
    ask(shop.server, "/marker", {"X-Visitor": "marker"})
    harness.wait_until(lambda: shop.redis.command("EXISTS", "personalize:{marker}:seen") == "1", "the marker")
    return int(shop.redis.command("HGET", f"personalize:{{{visitor}}}:seen", "pages") or 0)


def test_the_document_has_all_combinations():
    assert sorted(EFFECTS) == [("no", "no"), ("no", "yes"), ("yes", "no"), ("yes", "yes")]
    assert {(row[1], row[2]) for row in WAYS} == set(EFFECTS)


@pytest.mark.parametrize("words, personalization, measurement", WAYS, ids=[row[0].replace("`", "") for row in WAYS])
def test_each_row_is_what_happens(shop, words, personalization, measurement):
    effects = EFFECTS[personalization, measurement]
    shop = shop(words)
    # Somebody new: a cookie, or none.
    given = ask(shop.server, "/p/boots", shop.with_headers()).header("Set-Cookie")
    assert (given is not None) == (effects[0] == "given")
    assert len(shop.events()) == (effects[1] == "written"), "the first page's event"
    # Somebody who has a cookie, of a time with consent.
    value = ask(shop.server, "/given").header("Set-Cookie").partition(";")[0]
    visitor = value.partition("=")[2][:22]
    shop.redis.profile(visitor, first_name="Ann")
    before, reads = len(shop.events()), shop.reads()
    page = ask(shop.server, "/p/boots", shop.with_headers(value))
    happened = [
        "taken back" if "Max-Age=0" in (page.header("Set-Cookie") or "") else "given",
        "written" if len(shop.events()) > before else "not written",
        "read" if shop.reads() > reads else "not read",
        {named("Ann"): "shown", STRANGER: "not shown"}[page.body],
        "made" if recorded(shop, visitor) else "not made",
    ]
    assert happened == effects
    # What is stored, and what is not, is so for actions and beacons, too.
    before = len(shop.events())
    assert shop.post("/cart", "sku=boots", "application/x-www-form-urlencoded", value).status == 200
    beacon = json.dumps({"events": [{"name": "add_to_cart", "items": [{"item_id": "coat"}]}]})
    assert shop.post("/events", beacon, "text/plain", value).status == 204
    made = [(event["visitor"], event["items"][0]["item_id"]) for event in shop.events()[before:]]
    assert made == [(visitor, "boots"), (visitor, "coat")] * (effects[1] == "written")
