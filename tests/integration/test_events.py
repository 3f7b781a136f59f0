"""What visitors do is seen as it goes by, and written down: pages need no script for it."""
# Part: integration, sanitizers

import json
import re
import socket
import time

import pytest

import harness
from clients import Answer, Slow, ask, read_all
from harness import wait_until
from shop import PAGE, edge
from splicing import spliced

EVENTS = """
version: 1
slots:
  hero: { select: "#hero", pages: ["/", "/p/*", "/home", "/cached"] }
  missing: { select: "#nowhere", pages: ["/"] }
rules:
  - { id: greeting, slot: hero, do: { inner: "<b>Hello you</b>" } }
  - { id: nothing, slot: missing, do: { inner: "<b>nobody</b>" } }
events:
  page_view: { pages: ["/about", "/home", "/cached", "/data", "/style.css"] }
  view_item: { pages: ["/p/*"], item_id: "request.path_segment[1]" }
  view_search_results: { pages: ["/search"], search_term: request.query.q }
  add_to_cart:
    - { method: POST, pages: ["/cart/add"], item_id: request.query.sku }
    - { pages: ["/cart/link"], item_id: request.query.sku }
    - { method: POST, pages: ["/cart/form"], items: [{ item_id: request.form.sku, quantity: int(request.form.qty) }] }
    - { method: POST, pages: ["/cart/json"], item_id: 'request.form["lines.0.sku"]' }
  purchase: { pages: ["/thanks"], transaction_id: request.query.order, value: "129.5", currency: '"EUR"' }
"""
ANN = {"X-Visitor": "ann"}


def respond(path, headers, send):
    """The shop's backend."""
    bare = path.partition("?")[0]
    if bare.startswith("/cart/"):
        status = {"": "200 OK", "1": "302 Found", "2": "500 No", "3": "422 No"}[path.partition("answer=")[2][:1]]
        send(f"HTTP/1.1 {status}\r\nLocation: /\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}".encode())
    elif "gone" in bare:
        send(harness.html_response(PAGE, status="404 Not Found"))
    elif bare == "/data":
        send(harness.html_response(b"{}", content_type="application/json"))
    elif bare == "/style.css":
        send(harness.html_response(b"a {}", content_type="text/css"))
    elif "moved" in bare:
        send(b"HTTP/1.1 301 Moved\r\nLocation: /\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n")
    elif "etag" in path and headers.get("if-none-match") == '"1"':
        send(b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n')
    else:
        send(harness.html_response(PAGE))


class Shop:
    def __init__(self, server, sent=()):
        self.server, self.sent, self.read = server, sent, 0

    def lines(self):
        path = self.server.folder / "events"
        return path.read_text("utf-8").splitlines() if path.exists() else []

    def status(self):
        return json.loads(ask(self.server, "/status").body)

    def done(self, *arguments, **more):
        """The events that this request has made: the log has them before the next request is answered."""
        answer = ask(self.server, *arguments, **more)
        self.status()
        lines = self.lines()
        new, self.read = lines[self.read :], len(lines)
        return answer, [json.loads(line) for line in new]

    def events(self, *arguments, **more):
        return self.done(*arguments, **more)[1]


@pytest.fixture
def shop(nginx, origin, rules):
    def start(directives="", mode="on", server="", text=EVENTS, http="", visitor="personalize_visitor $http_x_visitor;", **more):
        upstream = origin(respond)
        server = nginx(
            edge(
                f"""personalize {mode}; {directives} proxy_pass http://127.0.0.1:{upstream.port};""",
                f"""personalize_rules {rules(text)}; personalize_events_log FOLDER/events; {visitor}
                    location = /status {{ personalize_status json; access_log off; }} {server}""",
                http,
            ),
            **more,
        )
        return Shop(server, upstream.bodies)

    return start


def without(event, *names):
    return {name: value for name, value in event.items() if name not in names}


def test_a_view_has_what_is_known_of_it_and_what_was_shown(shop):
    [event] = shop().events("/p/tide-boots?utm_source=news&token=secret", headers={
        **ANN, "User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
        "Accept-Language": "de-AT", "Referer": "https://www.google.com/search?q=private", "Cookie": "session=secret"})
    assert re.fullmatch(r"[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}", event["id"])
    assert abs(event["time"] - int(event["id"].replace("-", "")[:12], 16)) == 0
    assert without(event, "id", "time") == {
        "visitor": "ann", "confirmed": True, "name": "view_item", "path": "/p/tide-boots", "device": "phone", "language": "de",
        "referrer": "search", "utm_source": "news", "items": [{"item_id": "tide-boots"}],
        "shown": [{"slot": "hero", "rule": "greeting", "applied": True}],
    }


def test_pages_that_only_rules_name_are_views_too(shop):
    [event] = shop().events("/", headers=ANN)
    assert event["name"] == "page_view"
    assert event["shown"] == [{"slot": "hero", "rule": "greeting", "applied": True},
                              {"slot": "missing", "rule": "nothing", "applied": False}]


def test_each_name_has_what_its_mapping_says(shop):
    shop = shop()
    [found] = shop.events("/search?q=rain%20boots", headers=ANN)
    assert (found["name"], found["search_term"]) == ("view_search_results", "rain boots") and "shown" not in found
    [bought] = shop.events("/thanks?order=R-1", headers=ANN)
    assert (bought["name"], bought["transaction_id"], bought["value"], bought["currency"]) == ("purchase", "R-1", 129.5, "EUR")
    [about] = shop.events("/about", headers=ANN)
    assert about["name"] == "page_view"
    assert shop.events("/elsewhere", headers=ANN) == []


@pytest.mark.parametrize("answer, happened", [("", True), ("1", True), ("2", False), ("3", False)])
def test_an_action_counts_when_it_has_succeeded(shop, answer, happened):
    shop = shop()
    for method, path in (("POST", "/cart/add"), ("GET", "/cart/link")):
        events = shop.events(f"{path}?sku=boots&answer={answer}", headers=ANN, method=method)
        assert [event["name"] for event in events] == ["add_to_cart"] * happened
        assert all(event["items"] == [{"item_id": "boots"}] for event in events)
    assert shop.events("/cart/add?sku=boots&answer=", headers=ANN) == [], "by GET"


def post(server, path, body, content_type, *headers, chunks=1):
    """Sends a body in some pieces."""
    head = f"POST {path} HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\nX-Visitor: ann\r\n"
    head += f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n" + "".join(f"{h}\r\n" for h in headers)
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(head.encode() + b"\r\n")
        size = -(-len(body) // chunks)
        for i in range(chunks):
            if chunks > 1:
                time.sleep(0.05)
            connection.sendall(body[i * size : (i + 1) * size])
        return Answer(read_all(connection))


URLENCODED, BOUNDARY = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"
MULTIPART = (
    b'--x\r\nContent-Disposition: form-data; name="sku"\r\n\r\nboots\r\n'
    b'--x\r\nContent-Disposition: form-data; name="qty"\r\n\r\n2\r\n--x--\r\n'
)


@pytest.mark.parametrize("chunks", [1, 3])
@pytest.mark.parametrize("directives", ["", "client_body_in_single_buffer on;", "client_body_buffer_size 1k;"])
def test_fields_of_forms_are_seen_and_reach_the_backend(shop, chunks, directives):
    shop = shop(directives)
    boots = [{"item_id": "boots", "quantity": 2}]
    for path, body, content_type, items in (
        ("/cart/form", b"sku=boots&qty=2&card=4111111111111111", URLENCODED, boots),
        ("/cart/form", MULTIPART, BOUNDARY, boots),
        ("/cart/json", b'{"lines": [{"sku": "boots"}], "card": 4111}', "application/json", [{"item_id": "boots"}]),
    ):
        answer = post(shop.server, path, body, content_type, chunks=chunks)
        [event] = shop.events("/status")
        assert answer.status == 200 and event["name"] == "add_to_cart" and event["items"] == items, path
        assert shop.sent[-1].endswith(body)
    assert "4111" not in "\n".join(shop.lines())


def test_forms_that_cannot_be_read_make_events_without_their_fields(shop):
    shop = shop()
    unread = [
        (b"sku=boots&pad=" + b"x" * 20_000, URLENCODED, ()),
        (b"sku=boots", URLENCODED, ("Content-Encoding: gzip",)),
        (b"sku=boots", "text/csv", ()),
        (b"{", "application/json", ()),
    ]
    for body, content_type, headers in unread:
        assert post(shop.server, "/cart/form", body, content_type, *headers).status == 200
        [event] = shop.events("/status")
        assert event["name"] == "add_to_cart" and "items" not in event, body[:20]
    assert shop.status()["events_forms_unread"] == 4


NOT_SEEN = {
    "prefetched": {"Sec-Purpose": "prefetch"},
    "prerendered": {"Sec-Purpose": "prefetch;prerender"},
    "by Firefox of old": {"X-moz": "prefetch"},
    "by a script": {"Sec-Fetch-Dest": "empty", "Accept": "text/html"},
    "in a frame": {"Sec-Fetch-Dest": "iframe"},
    "by a robot": {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"},
}


@pytest.mark.parametrize("headers", NOT_SEEN.values(), ids=NOT_SEEN)
def test_what_nobody_sees_is_no_view(shop, headers):
    shop = shop()
    for path in ("/p/tide-boots", "/search?q=a", "/"):
        assert shop.events(path, headers={**ANN, **headers}) == []
    assert len(shop.events("/p/tide-boots", headers={**ANN, "Sec-Fetch-Dest": "document"})) == 1


def test_a_response_that_is_no_page_is_no_view(shop):
    shop = shop()
    for path in ("/data", "/style.css", "/p/moved"):
        assert shop.events(path, headers=ANN) == [], path
    assert shop.events("/p/tide-boots", headers=ANN, method="HEAD") == []
    assert shop.events("/p/tide-boots", headers=ANN, method="POST") == []


def test_a_product_that_is_not_there_any_more_is_said(shop):
    [event] = shop().events("/p/gone-boots", headers=ANN)
    assert (event["name"], event["items"]) == ("item_gone", [{"item_id": "gone-boots"}])


def test_a_page_that_the_browser_has_is_seen_again(shop):
    shop = shop()
    for path in ("/about?etag", "/search?q=etag"):
        answer, events = shop.done(path, headers={**ANN, "If-None-Match": '"1"'})
        assert answer.status == 304 and len(events) == 1, path


def test_pages_from_the_cache_are_seen_whichever_way_they_are_written(shop, tmp_path, origin):
    upstream = origin(PAGE)
    shop = shop(
        server=f"""location = /cached {{
            personalize on; proxy_cache kept; proxy_cache_valid 1h; add_header X-Path $personalize_path;
            proxy_pass http://127.0.0.1:{upstream.port}; }}""",
        http=f"proxy_cache_path {tmp_path}/kept keys_zone=kept:1m;",
    )
    [streamed] = shop.events("/cached", headers=ANN)
    page = spliced(shop.server, "/cached", ANN)
    shop.events("/status")
    answer, [event] = shop.done("/cached", headers=ANN)
    assert answer.header("X-Path") == "splice"
    assert without(event, "id", "time") == without(streamed, "id", "time") and len(upstream.requests) == 1
    assert event["shown"] == [{"slot": "hero", "rule": "greeting", "applied": True}]
    answer, [event] = shop.done("/cached", headers={**ANN, "If-None-Match": page.header("ETag")})
    assert answer.status == 304 and event["shown"] == streamed["shown"]


def test_without_an_id_or_consent_nothing_is_written(shop):
    consent = "personalize_consent required cookie=consent \"expression=cookie == 'yes'\";"
    shop = shop(consent, consent="")
    assert shop.events("/p/a", headers=ANN) == []
    assert shop.events("/p/a", headers={**ANN, "Cookie": "consent=no"}) == []
    assert shop.events("/p/a", headers={**ANN, "Cookie": "consent=yes", "Sec-GPC": "1"}) == []
    assert shop.events("/cart/add?sku=a", headers={**ANN, "Cookie": "consent=no"}, method="POST") == []
    assert shop.events("/p/a", headers={"Cookie": "consent=yes"}) == []
    assert len(shop.events("/p/a", headers={**ANN, "Cookie": "consent=yes"})) == 1
    unmade = shop.status()["events_unmade"]
    assert unmade["no_consent"] == 4 and unmade["no_visitor"] == 1


def test_a_first_page_is_a_view_of_one_who_has_yet_to_come_back(shop, tmp_path):
    (tmp_path / "keys").write_text("0123456789abcdef" * 2)
    (tmp_path / "keys").chmod(0o600)
    shop = shop(visitor=f"personalize_visitor_cookie seen secret={tmp_path}/keys;")
    for path in ("/p/a", "/search?q=a"):
        answer, [first] = shop.done(path)
        value = answer.header("Set-Cookie").partition("=")[2].partition(";")[0]
        assert first["visitor"] == value[:22] and first["confirmed"] is False, path
        [second] = shop.events(path, headers={"Cookie": f"seen={value}"})
        assert second["visitor"] == value[:22] and second["confirmed"] is True
        assert value[23:] not in "\n".join(shop.lines())


def test_observing_changes_nothing_but_that_each_view_is_seen(shop):
    shop = shop(mode="observe")
    answer, [event] = shop.done("/p/tide-boots", headers=ANN)
    assert answer.body == PAGE and "shown" not in event and event["name"] == "view_item"
    assert answer.header("Cache-Control") == "private, no-cache"
    answer, events = shop.done("/", headers=ANN)  # where rules would have something
    assert answer.body == PAGE and events == [] and answer.header("Cache-Control") == "private, no-cache"
    answer, events = shop.done("/elsewhere", headers=ANN)
    assert events == [] and answer.header("Cache-Control") is None


def test_pages_that_are_left_alone_make_no_events(shop):
    for mode in ("off", "dry_run"):
        assert shop(mode=mode).events("/p/tide-boots", headers=ANN) == []


def test_who_leaves_before_the_page_is_there_has_not_seen_it(shop, origin, rules):
    large = harness.html_response(PAGE + b"<p>more</p>" * 2_000_000)
    upstream = origin(lambda path, headers, send: send(large))
    shop = shop(server=f"location = /home {{ personalize on; proxy_pass http://127.0.0.1:{upstream.port}; }}")
    slow = Slow(shop.server, "/home", ANN)
    wait_until(lambda: slow.peek(), "the page's beginning")
    slow.socket.close()
    Slow.sockets.remove(slow.socket)
    wait_until(lambda: '"GET /home' in (shop.server.folder / "logs/access.log").read_text(), "the end of the request")
    assert shop.events("/status") == []


def test_numbers_by_name_are_told(shop):
    shop = shop()
    shop.events("/p/a", headers=ANN)
    shop.events("/cart/add?sku=a", headers=ANN, method="POST")
    told = shop.status()
    assert told["events"]["view_item"] == 1 and told["events"]["add_to_cart"] == 1 and told["events"]["purchase"] == 0
    assert told["events_logged"] == 2
    text = ask(shop.server, "/status", headers={"Accept": "text/plain"}).body.decode()
    assert 'personalize_events_total{name="view_item"} 1' in text
