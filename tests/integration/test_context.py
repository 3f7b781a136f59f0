"""What rules know of a request reaches them through NGINX: place, device, time, the request itself."""
# Part: integration, sanitizers

import datetime
import re
from html.parser import HTMLParser
from urllib.parse import quote

import pytest

from clients import Answer, ask, exchange, http2
from shop import PAGE, edge

IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.0 Mobile/15E148 Safari/604.1"
)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0"
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


def rule(when, content="yes"):
    return f"""
version: 1
slots: {{ hero: {{ select: "#hero" }} }}
rules:
  - {{ id: it, slot: hero, when: '{when}', do: {{ inner: "{content}" }} }}
"""


@pytest.fixture
def shop(nginx, origin, rules, geo_database):
    """shop(condition, content) → a server; shown(answer) is what its slot shows if the condition holds."""

    def start(when="true", content="yes", location="", path="/"):
        upstream = origin(PAGE)
        return nginx(
            edge(
                f"""personalize on; personalize_rules {rules(rule(when, content))};
            personalize_geo {geo_database};
            {location} proxy_pass http://127.0.0.1:{upstream.port};""",
                "set_real_ip_from 127.0.0.1; real_ip_header X-Forwarded-For;",
                path=path,
            )
        )

    return start


class Reader(HTMLParser):
    """Start tags and text of a piece of HTML."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, attributes))

    def handle_data(self, data):
        self.text += data


def shown(answer):
    """What stands in the slot, or None if it is the page's own."""
    content = re.search(rb'id="hero">(.*?)</div>', answer.body)[1].decode()
    return None if "Everybody" in content else content


def holds(server, path="/", **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    over_http_1, over_http_2 = (shown(get(server, path, headers)) for get in (ask, http2))
    assert over_http_1 == over_http_2
    return over_http_1 is not None


@pytest.mark.parametrize(
    "address, city",
    [
        ("192.0.2.1", "Dublin"),
        ("192.0.2.33", "London"),
        ("198.51.100.70", "São Paulo"),
        ("203.0.113.65", "Tokyo"),
        ("2001:db8:1::1", "Dublin"),
        ("2001:db8:23::7", "Tokyo"),
        ("10.0.0.1", None),
        ("::1", None),
        ("nonsense", None),
    ],
)
def test_the_place_is_that_of_the_visitor_s_address(shop, address, city):
    server = shop('geo.city != ""', "{{geo.city}}, {{geo.country}}")
    found = shown(ask(server, headers={"X-Forwarded-For": address}))
    assert (found and found.split(",")[0]) == city


def test_without_a_database_the_place_is_not_known(nginx, origin, rules):
    server = nginx(
        edge(
            f"""personalize on; personalize_rules {rules(rule('geo.country != "IE"'))};
        proxy_pass http://127.0.0.1:{origin(PAGE).port};"""
        )
    )
    assert not holds(server)


def test_place_conditions(shop):
    server = shop('geo.country in ["GB", "IE"] && geo.latitude > 50.0')
    assert holds(server, X_Forwarded_For="192.0.2.1")
    assert not holds(server, X_Forwarded_For="203.0.113.65")
    assert not holds(server)


def test_the_device_is_told_by_the_user_agent(shop):
    server = shop('device.type != ""', "{{device.type}} {{device.os}}")
    types = {agent: shown(ask(server, headers={"User-Agent": agent})) for agent in (IPHONE, FIREFOX)}
    assert types[IPHONE] != types[FIREFOX] and "iOS" in types[IPHONE], types
    mobile = shop("device.is_mobile && !device.is_bot")
    assert holds(mobile, User_Agent=IPHONE)
    assert not holds(mobile, User_Agent=FIREFOX)
    assert not holds(mobile, User_Agent=GOOGLEBOT)


@pytest.mark.parametrize(
    "agent",
    ["", "x", "\xff\xfe", "Mozilla/5.0 (" + "a" * 6000 + ")", "(" * 3000, "Mozilla/5.0 (iPhone" * 300],
)
def test_a_strange_user_agent_harms_nobody(shop, agent):
    answer = ask(shop(), headers={"User-Agent": agent})
    assert shown(answer) == "yes"


def test_the_time_is_that_of_the_visitor_s_zone(shop):
    server = shop("true", "{{time.date}} {{time.hour}}")
    for address, offset in (("203.0.113.65", 9), ("192.0.2.200", None)):
        before = datetime.datetime.now(datetime.timezone.utc)
        found = shown(ask(server, headers={"X-Forwarded-For": address}))
        after = datetime.datetime.now(datetime.timezone.utc)
        zone = datetime.timezone(datetime.timedelta(hours=offset or 0))
        expected = {f"{at.astimezone(zone).date()} {at.astimezone(zone).hour}" for at in (before, after)}
        assert found in expected


@pytest.mark.parametrize(
    "when, path, headers, expected",
    [
        ('request.path == "/c/coats"', "/c/coats", {}, True),
        ('request.path == "/c/coats"', "/c/coats?x=1", {}, True),
        ('request.path == "/c/coats"', "/c/%63oats", {}, True),
        ('request.path == "/c/coats"', "/c/./x/..//coats", {}, True),
        ('request.path == "/c/coats"', "/c/Coats", {}, False),
        ('request.query["sort"] == "price"', "/?a=b&sort=price", {}, True),
        ('request.query["sort"] == "a b&c"', "/?sort=a+b%26c", {}, True),
        ('request.query["sort"] == "price"', "/", {}, False),
        ('request.method == "GET"', "/", {}, True),
        ('request.host == "shop.example"', "/", {}, True),
        ('request.scheme == "http"', "/", {}, True),
        ('request.utm_source == "mail"', "/?utm_source=mail", {}, True),
        ('request.referrer_host == "news.example"', "/", {"Referer": "https://news.example/x?y"}, True),
        ('request.referrer_host == "news.example"', "/", {"Referer": "::::"}, False),
    ],
)
def test_the_request_is_what_the_visitor_sent(shop, when, path, headers, expected):
    server = shop(when)
    assert (shown(ask(server, path, headers)) is not None) == expected


@pytest.mark.parametrize(
    "target",
    ["http://shop.example?x=1", "http://shop.example/?x=1", "/?x=1", "//?x=1", "/./?x=1", "/a/..?x=1"],
)
def test_the_path_of_the_front_page_is_a_slash_however_it_is_asked_for(shop, target):
    server = shop('request.path == "/" && request.query["x"] == "1"')
    answer = Answer(
        exchange(
            server.port, f"GET {target} HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n".encode()
        )
    )
    assert shown(answer) == "yes"


def test_pages_are_matched_by_the_path_that_the_visitor_sees(nginx, origin, rules):
    text = rule("true").replace('select: "#hero"', 'select: "#hero", pages: ["/c/*"]')
    server = nginx(
        edge(
            f"""rewrite ^/c/(.*)$ /internal/$1 break; personalize on; personalize_rules {rules(text)};
                            proxy_pass http://127.0.0.1:{origin(PAGE).port};"""
        )
    )
    assert holds(server, "/c/coats")
    assert not holds(server, "/internal/coats")


@pytest.mark.parametrize(
    "value",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "' onmouseover='x",
        "javascript:alert(1)",
        "%3Cscript%3E",
        "</div><script>",
        "{{request.path}}",
        "&lt;",
        "\xff",
        "\\",
    ],
)
def test_what_visitors_send_is_escaped_where_it_is_shown(shop, value):
    text = "<a title='{{request.utm_source}}' href='{{request.utm_source}}'>{{request.utm_source}}</a>"
    answer = ask(shop("true", text), "/?utm_source=" + quote(value, safe=""))
    content = answer.body.split(b'<div class="box wide" id="hero">')[1].split(b"</div>")[0]
    seen = Reader(content.decode())
    assert [(tag, [name for name, _ in attributes]) for tag, attributes in seen.tags] == [
        ("a", ["title", "href"])
    ]
    assert seen.text == value and seen.tags[0][1][0][1] == value
    assert not seen.tags[0][1][1][1].strip().lower().startswith("javascript:")


def test_rules_of_one_host_do_not_see_another_s_cookies_by_chance(shop):
    assert not holds(
        shop('request.cookies["a"] == "b"'), Cookie="a=b"
    ), "cookies are shown to rules only where they are allowed"
