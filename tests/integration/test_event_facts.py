"""Events say what pages say: facts that rule files declare, and the product that a page is about by its own data."""
# Part: integration, sanitizers

import gzip
import json

import pytest

import harness
from clients import ask
from shop import edge
from splicing import spliced

RULES = """
version: 1
slots: { hero: { select: "#hero", pages: ["/slots/*", "/kept/*"] } }
rules: [ { id: greeting, slot: hero, do: { inner: "<b>Hello</b>" } } ]
events:
  view_item: { pages: ["/*/p/*"], item_id: "request.path_segment[2]" }
  view_search_results: { pages: ["/*/search"], search_term: request.query.q, results: page.results }
  purchase: { pages: ["/*/thanks"], transaction_id: page.order_id, value: page.order_total, currency: page.currency }
facts:
  order_id: { select: "[data-order-id]", attribute: data-order-id }
  order_total: { select: ".total", type: double }
  currency: { select: "#nowhere" }
  results: { select: ".card", count: true }
"""
PRODUCT = {"@context": "https://schema.org", "@type": "Product", "name": "Tide boots & socks", "sku": "B-1",
           "brand": {"name": "Skellig"}, "offers": {"@type": "Offer", "price": "129.00", "priceCurrency": "EUR"}}  # fmt: skip
PAGES = {
    "p": f'<title>Boots</title><script type="application/ld+json">{json.dumps(PRODUCT)}</script><div id=hero>x</div>',
    "search": "<div id=hero>x</div>" + "<div class=card>one</div>" * 3,
    "thanks": '<div id=hero>x</div><p data-order-id="R&amp;1">Thank you</p><p class=total>1.299,50 €',
    "endless": f'<p data-order-id="{"R" * 2000}">Thank you</p>',
    "redesigned": "<div id=hero>x</div><p>Thank you</p>",
}
ANN = {"X-Visitor": "ann", "Accept-Encoding": "gzip"}


@pytest.fixture
def shop(nginx, origin, rules, tmp_path):
    def respond(path, headers, send):
        name = path.partition("?")[0].split("/")[2]
        name = next((kind for kind in ("redesigned", "endless") if kind in path), name)
        body = f"<!DOCTYPE html><body>{PAGES[name]}</body>".encode()
        if "packed" in path:
            body = gzip.compress(body)
            return send(harness.html_response(body, "Content-Encoding: gzip"))
        if "cut" in path:
            return send(harness.html_response(body + b"more")[:-40])
        if "drop" in path:
            answer = harness.html_response(body)
            for i in range(0, len(answer), 7):
                send(answer[i : i + 7])
            return None
        return send(harness.html_response(body))

    def start(mode="on"):
        upstream = origin(respond)
        return nginx(
            edge(
                f"personalize {mode}; proxy_pass http://127.0.0.1:{upstream.port};",
                f"""personalize_rules {rules(RULES)}; personalize_events_log FOLDER/events; personalize_visitor $http_x_visitor;
                    add_header X-Path $personalize_path;
                    location = /status {{ personalize_status json; access_log off; }}
                    location /kept/ {{ personalize on; proxy_cache kept; proxy_cache_valid 1h;
                                       proxy_pass http://127.0.0.1:{upstream.port}; }}""",
                f"proxy_cache_path {tmp_path}/kept keys_zone=kept:1m;",
            )
        )

    return start


def event(server, path, headers=ANN):
    """The event of one request, without what differs from request to request."""
    ask(server, "/status")  # after it the log has what came before
    log = server.folder / "events"
    before = log.read_text("utf-8") if log.exists() else ""
    ask(server, path, headers)
    ask(server, "/status")
    [line] = log.read_text("utf-8")[len(before) :].splitlines()
    made = json.loads(line)
    return {name: value for name, value in made.items() if name not in ("id", "time", "path", "shown")}


def expected(path):
    about = {"visitor": "ann", "confirmed": True, "referrer": "direct"}
    if "/p/" in path:
        item = {"item_id": "boots", "item_name": "Tide boots & socks", "item_brand": "Skellig", "price": 129}
        return {**about, "name": "view_item", "currency": "EUR", "items": [item]}
    if "search" in path:
        return {**about, "name": "view_search_results", "search_term": "boots", "results": 3}
    return {**about, "name": "purchase", "transaction_id": "R&1", "value": 1299.5}


ALL = ("p/boots?", "search?q=boots", "thanks?")


@pytest.mark.parametrize("mode", ["on", "observe"])
@pytest.mark.parametrize("how", ["", "&packed", "&drop", "&packed&drop"])
def test_facts_are_read_from_pages_with_slots_and_without(shop, mode, how):
    server = shop(mode)
    for folder in ("slots", "plain"):
        for name in ALL:
            path = f"/{folder}/{name}{how}"
            assert event(server, path) == expected(path), path
            without = ask(server, path, {**ANN, "Sec-Purpose": "prefetch"})
            assert ask(server, path, ANN).body == without.body


def test_facts_of_spliced_pages_are_those_of_streamed_ones(shop):
    server = shop()
    for name in ALL:
        path = f"/kept/{name}"
        assert event(server, path) == expected(path)
        spliced(server, path, {"X-Visitor": "ann"})
        assert ask(server, path, {"X-Visitor": "ann"}).header("X-Path") == "splice"
        assert event(server, path, {"X-Visitor": "ann"}) == expected(path)


def test_a_redesigned_page_is_seen_by_its_missing_facts(shop):
    server = shop()
    made = event(server, "/plain/thanks?redesigned")
    assert made["name"] == "purchase" and "transaction_id" not in made and "value" not in made
    told = json.loads(ask(server, "/status").body)
    assert told["events_fact_missing"]["purchase"] == 1 and told["events_fact_missing"]["view_item"] == 0


def test_facts_beyond_the_limits_are_told(shop):
    server = shop()
    made = event(server, "/plain/thanks?endless")
    assert made["name"] == "purchase" and "transaction_id" not in made
    assert json.loads(ask(server, "/status").body)["facts_ignored"]["declared"] == 1


def test_a_page_that_broke_off_is_no_view(shop):
    server = shop()
    for folder in ("slots", "plain"):
        ask(server, f"/{folder}/thanks?cut", ANN)
    ask(server, "/status")
    assert not (server.folder / "events").exists() or (server.folder / "events").read_text() == ""
