"""personalize_events: what scripts in the page may report, and what is refused."""
# Part: integration, sanitizers

import gzip
import json
import re
import threading

import pytest

import harness
from clients import Answer, exchange, swarm
from event_logs import METRICS
from shop import RULES, STATUS_PAGE, counters

CART = {"name": "add_to_cart", "path": "/p/boots?x=1", "currency": "EUR", "value": 129,
        "items": [{"item_id": "boots", "price": 129.0, "quantity": 1}]}
DWELL = {"name": "dwell", "duration": 1500}
SAME = {"Sec-Fetch-Site": "same-origin", "Content-Type": "text/plain;charset=UTF-8"}


@pytest.fixture
def shop(nginx, rules):
    """shop(words of the directive, …) → NGINX with a beacon at /events; visitors say who they are in X-Visitor."""

    def start(words="", log="FOLDER/events.log", consent="personalize_consent off;", location="", **options):
        server = nginx(
            f"""
server {{
    listen 127.0.0.1:PORT;
    personalize_events_log {log};
    {STATUS_PAGE}
    {METRICS}
    location = /events {{
        personalize_rules {rules(RULES)};
        personalize_visitor $http_x_visitor;
        personalize_events {words};
        {location}
    }}
}}
""",
            consent=consent,
            **options,
        )
        server.events = server.folder / "events.log"
        return server

    return start


def post(body, headers=None, visitor="ann", length=None, method="POST"):
    """The bytes of such a request; None in `headers` takes one out."""
    if not isinstance(body, bytes):
        body = (body if isinstance(body, str) else json.dumps(body)).encode()
    all_headers = {**SAME, "X-Visitor": visitor, "Content-Length": len(body) if length is None else length, **(headers or {})}
    lines = [f"{method} /events HTTP/1.1", "Host: shop.example", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in all_headers.items() if value is not None]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def send(server, *arguments, **more):
    """The status of the answer."""
    answer = exchange(server.port, post(*arguments, **more))
    return int(answer.split(b" ")[1])


def beacon(*events):
    return {"events": list(events)}


def logged(server, count):
    """The events in the log, once there are so many."""
    harness.wait_until(lambda: server.events.read_text().count("\n") >= count, f"{count} events")
    return [json.loads(line) for line in server.events.read_text().splitlines()]


def told(server, name):
    """What was counted, without zeros; both forms of the status agree."""
    numbers = {key: count for key, count in counters(server)[name].items() if count}
    label = "outcome" if name == "beacons" else "verdict"
    text = server.get("/metrics").text
    for key, count in numbers.items():
        assert re.search(rf'^personalize_{name}_total{{{label}="{key}"}} {count}$', text, re.M), key
    return numbers


def test_what_a_script_reports_is_in_the_log_with_what_the_edge_knows(shop):
    server = shop()
    answer = exchange(server.port, post(beacon(CART, DWELL)))
    assert answer.startswith(b"HTTP/1.1 204 ") and answer.endswith(b"\r\n\r\n") and b"no-store" in answer
    cart, dwell = logged(server, 2)
    assert cart["id"] != dwell["id"] and abs(cart["time"] - dwell["time"]) < 2
    assert {name: cart[name] for name in cart if name not in ("id", "time")} == {
        "visitor": "ann", "confirmed": True, "name": "add_to_cart", "path": "/p/boots", "currency": "EUR", "value": 129,
        "items": [{"item_id": "boots", "price": 129, "quantity": 1}],
    }
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", cart["id"])
    assert (dwell["name"], dwell["duration"]) == ("dwell", 1500)
    assert told(server, "beacons") == {"taken": 1} and told(server, "beacon_events") == {"accepted": 2}


@pytest.mark.parametrize(
    "headers, status",
    [
        ({"Sec-Fetch-Site": "same-origin"}, 204),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://shop.example"}, 403),
        ({"Sec-Fetch-Site": None}, 403),
        ({"Sec-Fetch-Site": None, "Origin": "https://shop.example"}, 204),
        ({"Sec-Fetch-Site": None, "Origin": "https://SHOP.example"}, 204),
        ({"Sec-Fetch-Site": None, "Origin": "http://shop.example:8080"}, 403),
        ({"Sec-Fetch-Site": None, "Origin": "https://evil.example"}, 403),
        ({"Sec-Fetch-Site": None, "Origin": "https://shop.example.evil.example"}, 403),
        ({"Sec-Fetch-Site": None, "Origin": "https://evil-shop.example"}, 403),
        ({"Sec-Fetch-Site": None, "Origin": "null"}, 403),
        ({"Sec-Fetch-Site": None, "Origin": ""}, 403),
    ],
)
def test_only_pages_of_the_same_site_report(shop, headers, status):
    server = shop()
    assert send(server, beacon(DWELL), headers) == status
    assert told(server, "beacons") == ({"taken": 1} if status == 204 else {"site": 1})


@pytest.mark.parametrize(
    "type, status",
    [
        ("text/plain", 204), ("TEXT/PLAIN ; charset=utf-8", 204), ("application/json", 204),
        ("application/json;charset=utf-8", 204), ("application/x-www-form-urlencoded", 415), ("text/plainer", 415),
        ("multipart/form-data; boundary=x", 415), ("text/html", 415), ("", 415), (None, 415),
    ],
)
def test_only_text_and_json_are_taken(shop, type, status):
    assert send(shop(), beacon(DWELL), {"Content-Type": type}) == status


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_other_methods_are_not_allowed(shop, method):
    server = shop()
    answer = exchange(server.port, post("", method=method))
    assert answer.startswith(b"HTTP/1.1 405 ") and b"\r\nAllow: POST\r\n" in answer
    assert told(server, "beacons") == {"method": 1}


@pytest.mark.parametrize(
    "body",
    [
        "", " ", "{", "null", "[]", "{}", '{"events":{}}', '{"events":[}', b'{"events":["\xff"]}', b"\x00" * 100,
        '{"events":' + "[" * 4000 + "]" * 4000 + "}", json.dumps(beacon(*[DWELL] * 51)), gzip.compress(b'{"events":[]}'),
    ],
)
def test_what_is_no_list_of_events_is_a_bad_request(shop, body):
    server = shop()
    assert send(server, body) == 400
    assert told(server, "beacons") == {"malformed": 1} and server.events.read_text() == ""


def test_a_beacon_has_16_kb_at_most(shop):
    server = shop()
    rest = len(json.dumps({"events": [], "x": ""}))
    assert send(server, {"events": [], "x": "x" * (16 * 1024 - rest)}) == 204
    assert send(server, {"events": [], "x": "x" * (16 * 1024 - rest + 1)}) == 413
    assert send(server, "", length=100_000) == 413, "before it is read"
    assert send(server, "", length=10**9) == 413, "by NGINX itself"
    chunk = b"4001\r\n" + b" " * 0x4001 + b"\r\n0\r\n\r\n"
    assert send(server, chunk, {"Transfer-Encoding": "chunked", "Content-Length": None}) == 413
    assert told(server, "beacons") == {"taken": 1, "too_large": 3}


@pytest.mark.parametrize("buffering", ["client_body_in_file_only clean;", "client_body_buffer_size 128;", ""])
def test_a_body_in_pieces_is_read_wherever_nginx_keeps_it(shop, buffering):
    server = shop(location=buffering)
    server.file("x", b"")
    body = json.dumps(beacon(*[CART] * 40)).encode()
    pieces = b"".join(b"%x\r\n%s\r\n" % (len(body[i : i + 99]), body[i : i + 99]) for i in range(0, len(body), 99))
    assert send(server, pieces + b"0\r\n\r\n", {"Transfer-Encoding": "chunked", "Content-Length": None}) == 204
    assert len(logged(server, 40)) == 40


def test_one_wrong_event_does_not_spoil_the_others(shop):
    server = shop()
    forged = {**CART, "visitor": "bob", "id": "x", "shop": "y", "confirmed": False, "shown": [{"slot": "a", "rule": "b"}]}
    events = [
        forged, 7, {"name": "purchase", "transaction_id": "T", "value": 1}, {"name": "add_to_crat"},
        {**CART, "value": "129"}, {"name": "view_item"}, {**DWELL, "time": 4102444800000}, {**DWELL, "time": 1},
        {"name": "item", "items": [{"item_id": "a"}]}, {"name": "refund"},
    ]
    assert send(server, beacon(*events)) == 204
    assert told(server, "beacon_events") == {
        "accepted": 1, "no_object": 1, "forbidden_name": 3, "unknown_name": 1, "wrong_type": 1, "incomplete": 1,
        "future": 1, "too_old": 1,
    }
    [event] = logged(server, 1)
    assert event["visitor"] == "ann" and event["confirmed"] is True and event["id"] != "x"
    assert "shown" not in event and "shop" not in event


def test_scripts_may_report_purchases_only_where_that_is_said(shop):
    server = shop("trust=purchase")
    order = {"name": "purchase", "transaction_id": "T-1", "value": 129.5, "currency": "EUR"}
    assert send(server, beacon(order, {"name": "refund", "transaction_id": "T-1"})) == 204
    assert [event["name"] for event in logged(server, 1)] == ["purchase"]
    assert told(server, "beacon_events") == {"accepted": 1, "forbidden_name": 1}


def test_the_answer_gives_a_cookie_as_soon_as_there_is_consent(shop, tmp_path):
    keys = tmp_path / "keys"
    keys.write_text("0123456789abcdef" * 2)
    keys.chmod(0o600)
    server = shop(
        consent="personalize_consent required cookie=consent \"expression=cookie == 'yes'\";",
        location=f"personalize_visitor_cookie seen secret={keys};",
    )

    def answer(cookie):
        return Answer(exchange(server.port, post(beacon(DWELL), {"Cookie": cookie}, visitor="")))

    assert answer("consent=no").header("Set-Cookie") is None
    given = answer("consent=yes")
    value = re.match(r"seen=([\w.-]{45}); ", given.header("Set-Cookie"))[1]
    assert given.status == 204 and server.events.read_text() == "", "it was not known who he is"
    assert answer(f"consent=yes; seen={value}").header("Set-Cookie") is None
    assert logged(server, 1)[0]["visitor"] == value[:22]
    assert "Max-Age=0" in answer(f"consent=no; seen={value}").header("Set-Cookie")


def test_who_is_not_known_or_does_not_consent_is_not_recorded(shop):
    server = shop()
    for visitor in ("", "not an id", "x" * 129):
        assert send(server, beacon(DWELL), visitor=visitor) == 204
    assert told(server, "beacons") == {"not_recorded": 3}
    needs_consent = shop(consent="personalize_consent required;")
    assert send(needs_consent, beacon(DWELL)) == 204
    assert told(needs_consent, "beacons") == {"not_recorded": 1}
    assert server.events.read_text() == needs_consent.events.read_text() == ""


def test_the_edge_says_what_it_knows_of_the_visitor_and_robots_are_none(shop):
    server = shop()
    phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Version/17.0 Mobile/15E148 Safari/604.1"
    more = {"User-Agent": phone, "Accept-Language": "de", "Referer": "https://shop.example/p/boots"}
    assert send(server, beacon(DWELL), more) == 204
    [event] = logged(server, 1)
    assert event["device"] == "phone" and "referrer" not in event
    robot = {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"}
    assert send(server, beacon(DWELL), robot) == 204
    assert told(server, "beacons") == {"taken": 1, "not_recorded": 1}


def test_a_visitor_may_send_so_many_a_minute(shop):
    server = shop("rate=5", workers=2)
    answers = swarm(server, [post(beacon(DWELL)) for _ in range(40)], parallel=1)
    assert {answer.status for answer in answers} == {204}
    now = told(server, "beacons")
    # The minute may end while they are sent.
    assert now["taken"] in (5, 6, 7, 8, 9, 10) and now["taken"] + now["limited"] == 40
    assert send(server, beacon(DWELL), visitor="bob") == 204
    assert told(server, "beacons")["taken"] == now["taken"] + 1
    assert len(logged(server, now["taken"] + 1)) == now["taken"] + 1


def test_a_network_may_send_so_many_a_minute(shop):
    server = shop("network_rate=7")
    swarm(server, [post(beacon(DWELL), visitor=f"v{i}") for i in range(40)], parallel=1)
    now = told(server, "beacons")
    assert 7 <= now["taken"] <= 14 and now["taken"] + now["limited"] == 40


def test_the_defaults_are_60_a_minute_for_a_visitor(shop):
    server = shop()
    swarm(server, [post(beacon()) for _ in range(150)], parallel=1)
    now = told(server, "beacons")
    assert 60 <= now["taken"] <= 120 and now["taken"] + now["limited"] == 150


def test_many_at_once_and_those_who_go_away_do_no_harm(shop):
    server = shop("rate=100000 network_rate=100000", workers=2)

    def abort():
        for _ in range(20):
            with harness.socket.create_connection(("127.0.0.1", server.port)) as s:
                s.sendall(post(beacon(CART))[:-20])

    rude = threading.Thread(target=abort)
    rude.start()
    answers = swarm(server, [post(beacon(CART), visitor=f"v{i}") for i in range(200)], parallel=64)
    rude.join()
    assert [answer.status for answer in answers] == [204] * 200
    events = logged(server, 200)
    assert len(events) == 200 and len({event["id"] for event in events}) == 200
    assert {event["visitor"] for event in events} == {f"v{i}" for i in range(200)}


def test_nothing_of_a_refused_beacon_is_in_the_error_log(shop):
    server = shop()
    send(server, '{"events":[{"name":"secret-name","x":"secret-value"')
    send(server, beacon({"name": "secret-name"}))
    assert "secret" not in server.log()


@pytest.mark.parametrize(
    "words, message",
    [
        ("trust=refund", "it must be trust=purchase, rate= or network_rate="),
        ("rate=0", "a number of beacons a minute"),
        ("rate=-1", "a number of beacons a minute"),
        ("rate=5m", "a number of beacons a minute"),
        ("network_rate=", "a number of beacons a minute"),
        ("rate=10000000", "a number of beacons a minute"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path, words, message):
    status, said = harness.Nginx(
        tmp_path / "n", f"server {{ listen 127.0.0.1:PORT; location /e {{ personalize_events {words}; }} }}"
    ).check()
    assert status != 0 and message in said, said


def test_a_beacon_without_a_log_is_warned_of(tmp_path):
    status, said = harness.Nginx(
        tmp_path / "n", "server { listen 127.0.0.1:PORT; location /e { personalize_events; } }"
    ).check()
    assert status == 0 and "personalize_events has no effect" in said and "add personalize_events_log" in said, said
