"""Many visitors at once, each with bytes of his own: every event has those of its visitor and of its request, and no others."""
# Part: integration, sanitizers

import collections
import gzip
import json
import random
import re

import pytest

import harness
from clients import Answer, swarm
from harness import wait_until
from shop import SHOW_PATH, edge
from splicing import spliced

RULES = """
version: 1
slots: { hero: { select: "#hero", pages: ["/slots/*", "/kept/*"] } }
rules: [ { id: greeting, slot: hero, do: { inner: "<b>Hello {{request.query.me}}</b>" } } ]
events:
  view_item: { pages: ["/*/p/*"], item_id: "request.path_segment[2]" }
  view_search_results: { pages: ["/*/search/*"], search_term: request.query.q, results: page.results }
  add_to_cart:
    - { method: POST, pages: ["/cart/form/*"], items: [{ item_id: request.form.sku, quantity: int(request.form.qty) }] }
    - { method: POST, pages: ["/cart/json/*"], items: [{ item_id: 'request.form["lines.0.sku"]', item_name: request.form.name }] }
  purchase: { pages: ["/*/thanks/*"], transaction_id: page.order_id, value: page.total }
facts:
  order_id: { select: "[data-order-id]", attribute: data-order-id }
  total: { select: ".total", type: double }
  results: { select: ".card", count: true }
"""
SEED, VISITORS = 14, 64
MARK = re.compile(r"v\d+n\d+")
FILLING = "<p>Much more of the page, so that it comes in several pieces.</p>" * 400


def page(mark):
    """A page that says itself whom it is for."""
    product = {"@context": "https://schema.org", "@type": "Product", "name": f"Name {mark}", "sku": f"SKU-{mark}",
               "offers": {"@type": "Offer", "price": "129.00", "priceCurrency": "EUR"}}  # fmt: skip
    return f"""<!DOCTYPE html><body><div id=hero>x</div><script type="application/ld+json">{json.dumps(product)}</script>
<div class=card>1</div><div class=card>2</div><p data-order-id="R-{mark}">Thank you</p><p class=total>{total(mark)}</p>
{FILLING}</body>"""


def total(mark):
    return 1000 + int(mark[1:].partition("n")[0]) if mark != "kept" else 7


def respond(path, headers, send):
    bare, _, query = path.partition("?")
    if bare.startswith("/cart/"):
        return send(harness.html_response(b"{}", content_type="application/json"))
    body = page("kept" if bare.startswith("/kept/") else bare.split("/")[3]).encode()
    if "packed" in query:
        return send(harness.html_response(gzip.compress(body), "Content-Encoding: gzip"))
    answer = harness.html_response(body)
    for i in range(0, len(answer), 9000):
        send(answer[i : i + 9000])
    return None


def form_of(mark, kind):
    """A body, and its type."""
    if kind == "json":
        lines = {"name": f"Name {mark}", "pad": "x" * 500, "lines": [{"sku": f"SKU-{mark}"}, {"sku": "another"}]}
        return json.dumps(lines), "application/json"
    if kind == "multipart":
        parts = "".join(
            f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in (("note", "y" * 700), ("sku", f"SKU-{mark}"), ("qty", "2"))
        )
        return parts + "--x--\r\n", "multipart/form-data; boundary=x"
    return f"pad={'z' * 300}&sku=SKU-{mark}&qty=2", "application/x-www-form-urlencoded"


def view(mark, folder, packed):
    own = "kept" if folder == "kept" else mark
    about = {"name": "view_item", "path": f"/{folder}/p/{mark}", "currency": "EUR",
             "items": [{"item_id": mark, "item_name": f"Name {own}", "price": 129}]}  # fmt: skip
    return f"/{folder}/p/{mark}?utm_campaign=c-{mark}&me={mark}{packed}", None, about


def search(mark, folder, packed):
    about = {"name": "view_search_results", "path": f"/{folder}/search/{mark}", "search_term": f"words of {mark}", "results": 2}
    return f"/{folder}/search/{mark}?q=words+of%20{mark}&utm_campaign=c-{mark}&me={mark}{packed}", None, about


def thanks(mark, folder, packed):
    own = "kept" if folder == "kept" else mark
    about = {"name": "purchase", "path": f"/{folder}/thanks/{mark}", "transaction_id": f"R-{own}", "value": total(own)}
    return f"/{folder}/thanks/{mark}?utm_campaign=c-{mark}&me={mark}{packed}", None, about


def cart(mark, kind):
    item = {"item_id": f"SKU-{mark}"}
    item.update({"item_name": f"Name {mark}"} if kind == "json" else {"quantity": 2})
    path = f"/cart/{'json' if kind == 'json' else 'form'}/{mark}"
    return f"{path}?utm_campaign=c-{mark}", form_of(mark, kind), {"name": "add_to_cart", "path": path, "items": [item]}


STEPS = [
    *((make, folder, packed) for make in (view, search, thanks) for folder in ("slots", "plain") for packed in ("", "&packed")),
    *((make, "kept", "") for make in (view, search, thanks)),
    *((cart, kind) for kind in ("urlencoded", "multipart", "json")),
]


class Step:
    """What one visitor does once: the request, and the event that it must make."""

    def __init__(self, number, index):
        self.mark = f"v{number}n{index}"
        make, *how = STEPS[index]
        self.path, self.form, about = make(self.mark, *how)
        self.event = {"visitor": f"ann-{number}", "confirmed": True, "referrer": "direct", **about}
        self.event["utm_campaign"] = f"c-{self.mark}"
        self.greets = "/slots/" in self.path or "/kept/" in self.path
        if self.greets:
            self.event["shown"] = [{"slot": "hero", "rule": "greeting", "applied": True}]

    def request(self, close=True):
        body, kind = self.form or ("", "")
        lines = [f"{'POST' if self.form else 'GET'} {self.path} HTTP/1.1", "Host: shop.example", "Accept-Encoding: gzip",
                 f"X-Visitor: {self.event['visitor']}"]  # fmt: skip
        lines += [f"Content-Type: {kind}", f"Content-Length: {len(body)}"] if self.form else []
        lines += ["Connection: close"] if close else []
        return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()

    def assert_is_answer(self, answer):
        assert isinstance(answer, Answer) and answer.status == 200 and answer.complete, (self.path, answer)
        body = gzip.decompress(answer.body) if answer.header("Content-Encoding") == "gzip" else answer.body
        assert (f"<b>Hello {self.mark}</b>" in body.decode()) == self.greets
        assert set(MARK.findall(body.decode())) <= {self.mark}


def all_steps():
    print("seed", SEED)
    steps = [Step(number, index) for number in range(VISITORS) for index in range(len(STEPS))]
    random.Random(SEED).shuffle(steps)
    return steps


@pytest.fixture(params=["file", "redis"])
def shop(nginx, origin, rules, redis, tmp_path, request):
    """A server, and a function that reads its log's lines."""
    upstream = origin(respond)
    log = "FOLDER/events" if request.param == "file" else "redis shards=4"
    server = nginx(
        edge(
            f"personalize on; proxy_pass http://127.0.0.1:{upstream.port};",
            f"""personalize_rules {rules(RULES)}; personalize_events_log {log}; personalize_visitor $http_x_visitor;
                personalize_redis unix:{redis.socket}; {SHOW_PATH}
                location /kept/ {{ personalize on; proxy_cache kept; proxy_cache_valid 1h; proxy_cache_key kept;
                                   proxy_pass http://127.0.0.1:{upstream.port}; }}""",
            f"proxy_cache_path {tmp_path}/kept keys_zone=kept:1m;",
        ),
        workers=2,
    )

    def lines():
        if request.param == "file":
            path = server.folder / "events"
            return path.read_text("utf-8").splitlines() if path.exists() else []
        streams = [redis.command("XRANGE", f"personalize:log:{{{number:02}}}", "-", "+") for number in range(4)]
        return [line for stream in streams for line in stream.splitlines() if line.startswith("{")]

    # One page for all, spliced: without an id, so that the log has nothing of it.
    spliced(server, "/kept/p/warm?me=nobody", {"Accept-Encoding": "gzip"})
    assert lines() == []
    return server, lines


def without(event):
    return {name: value for name, value in event.items() if name not in ("id", "time")}


def assert_each_has_its_own(lines, steps):
    """None is missing, none is there twice, and each is what its request must make."""
    wait_until(lambda: len(lines()) >= len(steps), "all events")
    events = [json.loads(line) for line in lines()]
    assert len({event["id"] for event in events}) == len(events)
    found = collections.defaultdict(list)
    for event in events:
        marks = set(MARK.findall(json.dumps(event)))
        assert len(marks) == 1, event
        found[marks.pop()].append(without(event))
    for step in steps:
        assert found.pop(step.mark) == [step.event], step.path
    assert not found


def test_each_event_has_the_bytes_of_its_own_visitor(shop):
    server, lines = shop
    steps = all_steps()
    answers = swarm(server, [step.request() for step in steps], parallel=VISITORS)
    for step, answer in zip(steps, answers):
        step.assert_is_answer(answer)
    kept = [answer for step, answer in zip(steps, answers) if "/kept/" in step.path]
    assert "splice" in {answer.header("X-Path") for answer in kept}
    assert_each_has_its_own(lines, steps)


def test_visitors_who_share_a_connection_are_not_mixed(shop):
    """As behind a load balancer: requests of all visitors follow each other through few connections, without waiting."""
    server, lines = shop
    steps = all_steps()
    size = len(steps) // 32
    chains = [steps[i : i + size] for i in range(0, len(steps), size)]
    asked = [b"".join(step.request(close=step is chain[-1]) for step in chain) for chain in chains]
    for chain, answer in zip(chains, swarm(server, asked, parallel=len(asked))):
        assert answer.raw.count(b"HTTP/1.1 200 OK\r\n") == len(chain)
    assert_each_has_its_own(lines, steps)
