"""Hostile requests make the pages that they make without events, and every line of the log is JSON with the right visitor."""
# Part: integration, sanitizers

import json
import random
import re
from urllib.parse import unquote_to_bytes

import pytest

import harness
from clients import Answer, ask, exchange
from shop import PAGE, edge

KEY = "0123456789abcdef0123456789abcdef01234567"
SLOTS = """
version: 1
slots: { hero: { select: "#hero" } }
rules: [ { id: greeting, slot: hero, do: { inner: "<b>Hello {{request.query.q}}</b>" } } ]
"""
EVENTS = """
events:
  page_view: {}
  view_item: { pages: ["/p/*"], item_id: "request.path_segment[1]", item_name: "request.path_segment[2]" }
  view_search_results: { pages: ["/search"], search_term: request.query.q }
  add_to_cart:
    - { method: POST, pages: ["/cart/all"], items: 'request.form.transformList(k, v, {"item_id": k, "item_name": v})' }
    - { method: POST, pages: ["/cart/*"], items: [{ item_id: request.form.sku, item_name: 'request.form["a.0.b"]',
                                                    quantity: int(request.form.qty) }] }
"""
NASTY = [b"\xff", b"\xc3\x28", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\x80", b"\xe2\x82", b"\xe2\x80\xa8", b"\x01",
         b"\x1b[31m", b"\x7f", b"\xc2\x85", b'"', b"'", b"\\", b'","visitor":"eve","x":"', b"\n", b"\r\n", b"\t", b"\x00",
         b"</script>", b"{{x}}", b"%", b"%s%n", b"\\u0000", b"\xf0\x9f\x91\xa2", b"\xef\xbb\xbf", b"${x}"]  # fmt: skip


def escaped(text):
    return "".join(f"%{byte:02x}" for byte in text)


def respond(path, headers, send):
    send(harness.html_response(PAGE))


class Shops:
    """A server with events and one without, which are asked for the same."""

    def __init__(self, server, plain):
        self.server, self.plain, self.read = server, plain, 0
        self.cookie = ask(server, "/give").header("Set-Cookie").partition(";")[0]
        self.visitor = self.cookie.partition("=")[2][:22]
        self.events()

    def events(self):
        """Those that are new: each line is one object, and nobody's but the visitor's."""
        ask(self.server, "/status")  # after it the log has what came before
        log = self.server.folder / "events"
        data = log.read_bytes() if log.exists() else b""
        new, self.read = data[self.read :], len(data)
        assert not re.search(rb"[\x00-\x09\x0b-\x1f]", new)
        lines = new.decode("utf-8").split("\n")
        assert lines.pop() == "", "a line that does not end"
        return [json.loads(line, object_pairs_hook=without_repeated_names) for line in lines]

    def both(self, path, cookie=None, body=None, content_type="", headers=()):
        """The answers, which are the same; and the events. Paths are bytes, or text of what Latin-1 has."""
        raw = path if isinstance(path, bytes) else path.encode("latin-1")
        lines = [(b"POST " if body is not None else b"GET ") + raw + b" HTTP/1.1", b"Host: shop.example", b"Connection: close"]
        lines += [b"Cookie: " + self.cookie.encode() if cookie is None else cookie]
        if body is not None:
            lines += [b"Content-Type: " + content_type.encode(), b"Content-Length: %d" % len(body)]
        asked = b"\r\n".join([*lines, *headers]) + b"\r\n\r\n" + (body or b"")
        answers = [Answer(exchange(one.port, asked)) for one in (self.server, self.plain)]
        assert answers[0].status == answers[1].status and answers[0].body == answers[1].body, raw[:200]
        events = self.events()
        assert {event["visitor"] for event in events} <= {self.visitor}, raw[:200]
        return answers[0], events

    def event(self, *arguments, **more):
        answer, events = self.both(*arguments, **more)
        assert answer.status == 200 and len(events) == 1, (answer.status, arguments[0][:200], events)
        return events[0]


def without_repeated_names(pairs):
    assert len({name for name, _ in pairs}) == len(pairs), "a name is there twice"
    return dict(pairs)


@pytest.fixture
def shops(nginx, origin, rules, tmp_path):
    (tmp_path / "keys").write_text(KEY)
    (tmp_path / "keys").chmod(0o600)

    def start(text, server):
        upstream = origin(respond)
        return nginx(
            edge(
                f"personalize on; proxy_pass http://127.0.0.1:{upstream.port};",
                f"""personalize_rules {rules(text)}; personalize_visitor_cookie seen secret={tmp_path}/keys; {server}
                    large_client_header_buffers 8 32k; client_body_buffer_size 32k;
                    location = /status {{ personalize_status json; access_log off; }}""",
            )
        )

    return Shops(start(SLOTS + EVENTS, "personalize_events_log FOLDER/events;"), start(SLOTS, ""))


def as_read(text):
    """What a log can have of it: UTF-8."""
    return text.decode("utf-8", "replace")


def is_utf8(text):
    return as_read(text).encode() == text


def test_no_bytes_of_addresses_break_a_line(shops):
    for nasty in NASTY:
        text = b"boots " + nasty + b" red"
        words, read = escaped(text), as_read(text)
        if b"\0" in nasty:  # which NGINX refuses
            assert shops.both(f"/p/{words}")[0].status == 400
        else:
            event = shops.event(f"/p/{words}/{words}")
            assert (event["name"], event["path"]) == ("view_item", f"/p/{read}/{read}")
            segments = read.split("/") * 2
            assert event.get("items") == ([{"item_id": segments[0], "item_name": segments[1]}] if is_utf8(text) else None), nasty
        event = shops.event(f"/search?q={words}&utm_source={words}&utm_campaign={words}")
        assert (event["name"], event["path"]) == ("view_search_results", "/search")
        for name in ("search_term", "utm_source", "utm_campaign"):
            assert event.get(name) == (read if is_utf8(text) else None), (name, nasty)
        if b"\n" not in nasty:  # as it is, of which NGINX refuses some
            answer, events = shops.both(b"/search?q=boots" + nasty)
            assert len(events) == (answer.status == 200), nasty


URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"


def test_no_bytes_of_forms_break_a_line(shops):
    for nasty in NASTY:
        value = b"boots " + nasty + b" red"
        items = [{"item_id": as_read(value)}] if is_utf8(value) else None
        bodies = [
            (f"sku={escaped(value)}".encode(), URLENCODED, True),
            (b"sku=boots" + nasty + b"&" + nasty + b"=1", URLENCODED, False),
            (b'--x\r\nContent-Disposition: form-data; name="sku"\r\n\r\n' + value + b"\r\n--x--\r\n", MULTIPART, True),
            (b'--x\r\nContent-Disposition: form-data; name="' + nasty + b'"\r\n\r\n1\r\n--x--\r\n', MULTIPART, False),
            (b'{"sku": ' + json.dumps(value.decode("utf-8", "replace")).encode() + b"}", "application/json", is_utf8(value)),
            (b'{"sku": "' + value + b'"}', "application/json", False),
        ]
        for body, content_type, whole in bodies:
            event = shops.event("/cart/add", body=body, content_type=content_type)
            assert event["name"] == "add_to_cart" and (not whole or event.get("items") == items), body
            assert shops.event("/cart/all", body=body, content_type=content_type)["name"] == "add_to_cart", body


def test_long_addresses_are_written_as_far_as_fields_go(shops):
    for size in (200, 4000, 16_000):
        for piece in ("a", "%22", "%01", "%ff", "%e2%82%ac", "a/", "%5c"):
            path = "/p/" + piece * (size // len(piece))
            event = shops.event(path)
            assert event["name"] == "view_item" and event["path"] == as_read(unquote_to_bytes(path)), (size, piece)
            assert all(len(item["item_id"].encode()) <= 128 for item in event.get("items", []))
        answer, events = shops.both("/p/" + "..%2f" * (size // 5))
        assert answer.status == 400 and events == []
    for name in ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"):
        assert shops.event(f"/search?{name}={'x' * 256}")[name] == "x" * 256
        for value in ("x" * 257, "x" * 8192, "%22" * 2700, "%ff" * 2700, "%01" * 2700):
            assert name not in shops.event(f"/search?{name}={value}"), value[:9]
    for value, kept in (("x" * 8192, "x" * 256), ("%22" * 2700, '"' * 256), ("%e2%82%ac" * 900, "€" * 85), ("%ff" * 2700, None)):
        assert shops.event(f"/search?q={value}").get("search_term") == kept, value[:9]


def test_of_fields_that_come_again_the_first_counts(shops):
    queries = {
        "&".join(f"q=word{i}" for i in range(1000)): "word0",
        "q=a&q=b": "a", "q&q=b": None, "q=&q=b": None, "q[]=a&q[]=b": None, "q=a;q=b": "a;q=b", "&&&q=a&&": "a", "=&=q": None,
        "q==": "=", "Q=a&q=b": "b", "%71=a&q=b": "a", "?q=a": None, "q=a%26q=b": "a&q=b",
    }  # fmt: skip
    for query, words in queries.items():
        assert shops.event(f"/search?{query}").get("search_term") == words, query[:50]
    assert shops.event("/search?utm_source=a&utm_source=b&utm_source=" + "c" * 300)["utm_source"] == "a"
    body = b"&".join(b"sku=s%d&qty=%d" % (i, i + 1) for i in range(900))
    assert shops.event("/cart/add", body=body, content_type=URLENCODED)["items"] == [{"item_id": "s0", "quantity": 1}]


def test_cookies_say_only_who_the_visitor_is(shops):
    own = shops.cookie.encode()
    signed = shops.cookie.partition("=")[2].encode()
    one_line = [
        b"Cookie: " + b"a=" + b"x" * 8192 + b"; " + own,
        b"Cookie: " + own + b"; a=" + b"x" * 8192,
        b"Cookie: " + b"; ".join(b"c%d=%d" % (i, i) for i in range(1000)) + b"; " + own,
        b"Cookie: " + b"seen=eve; " * 300 + own,
        b"Cookie: seen=" + b"x" * 8192 + b"; " + own,
        b"Cookie: " + b"; ".join([own] * 100),
        b"Cookie: \xff\xfe=\x01\x02; " + own,
        b'Cookie: q="\\"; ' + own,
        b"Cookie: ;;;=;= ; " + own + b";",
        b"Cookie: seen=eve\r\nCookie: " + own,
        b"Cookie: " + own + b"\r\nCookie: seen=eve",
        b"Cookie: " + own + b"\r\n" + b"\r\n".join(b"Cookie: a%d=1" % i for i in range(200)),
    ]
    for cookie in one_line:
        assert shops.event("/p/boots", cookie=cookie)["visitor"] == shops.visitor, cookie[:100]
    for forged in (signed[:-1], signed + b"A", signed[:22], signed[:23] + b"A" * 22, signed + b"\xff", b"\x01" + signed,
                   signed.replace(b".", b"%2e"), b"'" + signed + b"'", b"seen=" + signed):  # fmt: skip
        answer, events = shops.both("/p/boots", cookie=b"Cookie: seen=" + forged)
        assert answer.status in (200, 400) and events == [], forged
    text = (shops.server.folder / "events").read_bytes()
    assert signed[23:] not in text and b"eve" not in text


DEEP = {
    "lists": b"[" * 1000 + b"]" * 1000,
    "lists without an end": b"[" * 8000,
    "objects": b'{"a":' * 1000 + b"1" + b"}" * 1000,
    "objects without an end": b'{"a":' * 3000,
    "a field before": b'{"sku": "boots", "a": ' + b"[" * 1000 + b"]" * 1000 + b"}",
    "a field after": b'{"a": ' + b"[" * 1000 + b"]" * 1000 + b', "sku": "boots"}',
    "as deep as is read": b'{"sku": "boots", "a": ' + b"[" * 14 + b"1" + b"]" * 14 + b"}",
    "many": b"[" + b"[],{}," * 2000 + b"1]",
    "many names": b"{" + b",".join(b'"k%d": "v"' % i for i in range(1000)) + b"}",
    "the same name": b"{" + b",".join(b'"sku": "s%d"' % i for i in range(900)) + b"}",
    "long names": b'{"' + b"n" * 5000 + b'": 1, "sku": "boots"}',
    "numbers": b'{"sku": 1e999, "qty": -1, "a": [{"b": 123456789012345678901234567890}]}',
    "no name": b'{"": "x", "sku": ""}',
    "wrong types": b'{"sku": {"x": 1}, "qty": [1], "a": "b"}',
    "halves of characters": b'{"sku": "\\ud800", "a": [{"b": "\\udc00\\ud800"}], "qty": "1"}',
    "zero": b'{"sku": "a\\u0000b", "a": [{"b": "\\u0000"}]}',
    "nothing": b"",
    "a byte order mark": b'\xef\xbb\xbf{"sku": "boots"}',
    "UTF-16": '{"sku": "boots"}'.encode("utf-16"),
}


def test_no_form_of_json_does_harm(shops):
    read = {}
    for name, body in DEEP.items():
        every = shops.event("/cart/all", body=body, content_type="application/json")
        for item in every.get("items", []):
            assert 0 < len(item["item_id"].encode()) <= 128 and len(item.get("item_name", "").encode()) <= 256
        assert len(every.get("items", [])) <= 200
        event = shops.event("/cart/add", body=body, content_type="application/json")
        assert every["name"] == event["name"] == "add_to_cart"
        if "items" in event:
            [read[name]] = event["items"]
    boots = {"item_id": "boots"}
    assert read == {"as deep as is read": boots, "the same name": {"item_id": "s0"}, "long names": boots,
                    "zero": {"item_id": "a\0b", "item_name": "\0"}}  # fmt: skip
    assert shops.event("/p/boots")["items"] == [boots]


def test_random_requests_have_their_visitor_or_none(shops):
    source = random.Random(1414)
    print("seed 1414")

    def some(count=3):
        pieces = [*NASTY, b"boots", b"x" * source.randrange(400)]
        return "".join(escaped(source.choice(pieces)) for _ in range(source.randrange(count)))

    for _ in range(300):
        names = ["q", "utm_source", "utm_term", some(2)]
        query = "&".join(f"{source.choice(names)}={some()}" for _ in range(source.randrange(6)))
        path = f"{source.choice(['/p/', '/search', '/cart/all', '/' + some(2)])}{source.choice(['', some()])}?{query}"
        junk = bytes(source.choice(b"\x01\x80\xff\"=; ,aseen.") for _ in range(source.randrange(200)))
        cookie = b"Cookie: " + junk + b"; " + shops.cookie.encode()
        body = source.choice([None, f"sku={some()}&{some()}={some()}".encode()])
        answer, events = shops.both(path, cookie=cookie, body=body, content_type="application/x-www-form-urlencoded")
        assert len(events) <= 1
