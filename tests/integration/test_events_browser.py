"""A real browser looks around in the demo's shop, and what it did is in the log: no more, and no less."""
# Part: browser

import json
import re
import subprocess

import pytest

import harness
from chromium import MISSING, Chromium
from shop import STATUS_PAGE, counters

pytestmark = pytest.mark.skipif(MISSING, reason="Chromium is missing")

DEMO = harness.ROOT / "conf/demo"
RULE = """
version: 1
slots:
  greeting: { select: h1 }
rules:
  - { id: greeting, slot: greeting, do: { add_class: greeted } }
"""
CONSENT = "personalize_consent required cookie=consent \"expression=cookie == 'yes'\";"


@pytest.fixture
def shop(nginx, rules, tmp_path):
    """shop(consent, pages={name: text}): the demo's shop, its visitors known by a cookie that NGINX gives."""

    def start(consent="personalize_consent off;", pages=None):
        subprocess.run([DEMO / "storefront/build", tmp_path / "shop"], check=True)
        for name, text in (pages or {}).items():
            (tmp_path / "shop" / name).write_text(text)
        text = (DEMO / "origin.conf").read_text()
        origin = text[text.index("server {") : text.rindex("}")].replace("@DIR@", str(tmp_path))
        key = rules("0123456789abcdef0123456789abcdef01234567\n", "key")
        key.chmod(0o600)
        server = nginx(
            f"""
log_format ways '$request_method $uri $status purpose=$http_sec_purpose';
server {{
    listen 127.0.0.1:PORT;
    access_log FOLDER/logs/ways.log ways;
    personalize on;
    personalize_rules {DEMO}/rules/events.yaml;
    personalize_rules {rules(RULE)};
    personalize_visitor_cookie visitor secret={key};
    personalize_events_log FOLDER/events.log;
    {STATUS_PAGE}
    location / {{ proxy_pass http://unix:{tmp_path}/origin.sock; }}
}}
{origin}
""",
            consent=consent,
        )
        return Shop(server)

    return start


class Shop:
    def __init__(self, server):
        self.server, self.log = server, server.folder / "events.log"
        self.url = f"http://127.0.0.1:{server.port}"

    def requests(self, path):
        """What was asked for that path: how it was answered, and what for."""
        text = (self.server.folder / "logs" / "ways.log").read_text()
        return re.findall(rf"^\w+ {re.escape(path)} (\d+) purpose=(\S+)$", text, re.M)

    def events(self):
        """All that have been written down."""
        counters(self.server)  # is answered after all that came before
        return [json.loads(line) for line in self.log.read_text().splitlines()] if self.log.exists() else []

    def seen(self):
        """The events with what the cases are about."""
        about = ("search_term", "results", "transaction_id", "value", "currency")
        said = []
        for event in self.events():
            if "transaction_id" in event:
                event["transaction_id"] = re.sub(r"^R-\d+-\d+$", "R-#", event["transaction_id"])
            items = " ".join(f"{item['item_id']}*{item.get('quantity', 1)}" for item in event.get("items", []))
            said.append((event["name"], event["path"], *(event[key] for key in about if key in event), *filter(None, [items])))
        return said

    def visitors(self):
        return [event["visitor"] for event in self.events()]

    def unmade(self, reason):
        return counters(self.server)["events_unmade"][reason]

    def browse(self, tab):
        """The way of somebody who buys."""
        tab.go(f"{self.url}/")
        tab.follow('#nav a[href="/c/rain"]')
        tab.follow('.card__name a[href="/p/tide-boots"]')
        tab.submit('[name="q"]', "rain boots")
        tab.follow('.card__name a[href="/p/tide-boots"]')
        tab.follow(".buy button")
        tab.follow('.header a[href="/cart"]')
        tab.follow("#checkout")


BOOTS = ("view_item", "/p/tide-boots", "EUR", "tide-boots*1")
BOUGHT = [
    ("page_view", "/"),
    ("view_item_list", "/c/rain"),
    BOOTS,
    ("view_search_results", "/search", "rain boots", 15),
    BOOTS,
    ("add_to_cart", "/cart/add", "tide-boots*1"),
    ("view_cart", "/cart"),
    ("view_cart", "/cart"),
    ("purchase", "/thanks", "R-#", 209, "EUR", "shannon-raincoat*1 tin-mug*1 ferry-scarf*1"),
]


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_all_that_somebody_does_who_buys_is_in_the_log(shop, tmp_path, scripts):
    running = shop()
    with Chromium(tmp_path) as browser:
        tab = browser.tab()
        running.browse(tab if scripts else tab.without_scripts())
    assert running.seen() == BOUGHT
    assert len(set(running.visitors())) == 1
    assert [event.get("confirmed") for event in running.events()] == [False] + [True] * (len(BOUGHT) - 1)


NO_COOKIES = {"profile": {"default_content_setting_values": {"cookies": 2}}}


def test_who_takes_no_cookie_is_somebody_else_on_each_page_and_nobody_when_he_acts(shop, tmp_path):
    running = shop()
    with Chromium(tmp_path, preferences=NO_COOKIES) as browser:
        tab = browser.tab()
        running.browse(tab)
        assert tab.cookies() == {}
    assert running.seen() == [event for event in BOUGHT if event[0] != "add_to_cart"]
    assert len(set(running.visitors())) == len(BOUGHT) - 1
    assert {event["confirmed"] for event in running.events()} == {False}
    assert running.unmade("no_visitor") == 1


def test_nothing_is_written_of_whom_it_must_not_be(shop, tmp_path):
    running = shop(CONSENT)
    with Chromium(tmp_path) as browser:
        tab = browser.tab()
        running.browse(tab)
        assert tab.cookies() == {} and running.seen() == [], "nobody has agreed"
        tab.ask("Network.setCookie", name="consent", value="yes", url=running.url)
        tab.go(f"{running.url}/")
        assert set(tab.cookies()) == {"consent", "visitor"} and running.seen() == [("page_view", "/")]
        tab.ask("Network.setExtraHTTPHeaders", headers={"Sec-GPC": "1"})
        running.browse(tab)
        assert set(tab.cookies()) == {"consent"} and running.seen() == [("page_view", "/")], "his browser refuses"
        tab.ask("Network.setExtraHTTPHeaders", headers={})
        tab.follow(".brand")
    assert running.seen() == [("page_view", "/")] * 2
    assert len(set(running.visitors())) == 2
    assert running.unmade("no_consent") == 2 * len(BOUGHT)


def test_a_reload_is_a_view(shop, tmp_path):
    running = shop()
    with Chromium(tmp_path) as browser:
        tab = browser.tab()
        tab.go(f"{running.url}/p/tide-boots")
        tab.reload()
    assert running.seen() == [BOOTS] * 2


def test_two_tabs_are_one_visitor_who_sees_what_is_in_both(shop, tmp_path):
    running = shop()
    with Chromium(tmp_path) as browser:
        one = browser.tab()
        one.go(f"{running.url}/")
        other = browser.tab()
        other.go(f"{running.url}/c/rain")
        one.submit('[name="q"]', "rain boots")
        other.follow('.card__name a[href="/p/tide-boots"]')
        one.follow('.card__name a[href="/p/tide-boots"]')
        other.follow(".buy button")
        one.reload()
    assert running.seen() == [*BOUGHT[:2], BOUGHT[3], BOOTS, BOOTS, *BOUGHT[5:7], BOOTS]
    assert len(set(running.visitors())) == 1


@pytest.mark.parametrize("kept", [True, False], ids=["kept as it was", "made again from the cache"])
def test_going_back_is_no_view(shop, tmp_path, kept):
    running = shop()
    with Chromium(tmp_path, *([] if kept else ["--disable-features=BackForwardCache"])) as browser:
        tab = browser.tab()
        tab.go(f"{running.url}/c/rain")
        tab.follow('.card__name a[href="/p/tide-boots"]')
        asked = len(running.requests("/c/rain"))
        assert (tab.go_back() == "BackForwardCacheRestore") is kept
        assert len(running.requests("/c/rain")) == asked
        assert running.seen() == [BOUGHT[1], BOOTS]
        tab.follow('.card__name a[href="/p/tide-boots"]')
    assert running.seen() == [BOUGHT[1], BOOTS, BOOTS]


def ahead(how):
    """A page of the shop, and a link in it to what is fetched ahead of time."""
    head = how if how.startswith("<link") else f'<script type="speculationrules">{how}</script>'
    return f'<!DOCTYPE html><html lang="en"><title>Ahead</title>{head}<h1>Hi</h1><a href="/p/tide-boots">Boots</a>'


SPECULATION = '{"HOW": [{"urls": ["/p/tide-boots"], "eagerness": "immediate"}]}'
HERE = ("page_view", "/ahead")


def fetch_ahead(running, tab):
    """Opens the page, and waits for what it fetches ahead of time."""
    tab.go(f"{running.url}/ahead")
    harness.wait_until(lambda: running.requests("/p/tide-boots"), "what is fetched ahead")
    assert running.requests("/p/tide-boots") == [("200", "prefetch")]
    assert running.seen() == [HERE] and running.unmade("speculative") == 1


def test_a_page_that_a_link_has_fetched_ahead_is_a_view_once_it_is_opened(shop, tmp_path):
    running = shop(pages={"ahead.html": ahead('<link rel="prefetch" href="/p/tide-boots">')})
    with Chromium(tmp_path) as browser:
        tab = browser.tab()
        fetch_ahead(running, tab)
        tab.follow("a")
    assert running.requests("/p/tide-boots")[1:] == [("200", "-")], "it must be asked for again: no-cache"
    assert running.seen() == [HERE, BOOTS]


def test_a_page_that_speculation_rules_have_fetched_is_opened_without_a_request(shop, tmp_path):
    running = shop(pages={"ahead.html": ahead(SPECULATION.replace("HOW", "prefetch"))})
    with Chromium(tmp_path) as browser:
        tab = browser.tab()
        fetch_ahead(running, tab)
        tab.happened("Preload.prefetchStatusUpdated", lambda said: said["status"] == "Ready")
        tab.follow("a")
        assert running.requests("/p/tide-boots") == [("200", "prefetch")] and running.seen() == [HERE]
        tab.reload()
    assert running.seen() == [HERE, BOOTS]


def test_a_page_that_speculation_rules_have_made_is_shown_without_a_request(shop, tmp_path):
    running = shop(pages={"ahead.html": ahead(SPECULATION.replace("HOW", "prerender"))})
    with Chromium(tmp_path) as browser:
        tab = browser.tab()
        tab.go(f"{running.url}/ahead")
        made = tab.made_ahead()
        ready = "document.prerendering && document.readyState !== 'loading' && location.pathname === '/p/tide-boots'"
        harness.wait_until(lambda: made.value(ready) and running.requests("/p/tide-boots"), "what is made ahead")
        assert running.requests("/p/tide-boots") == [("200", "prefetch;prerender")]
        assert running.seen() == [HERE] and running.unmade("speculative") == 1
        tab.press("a")
        harness.wait_until(lambda: made.value("document.prerendering") is False, "the page to be shown")
        assert made.value("performance.getEntriesByType('navigation')[0].activationStart") > 0
    assert running.requests("/p/tide-boots") == [("200", "prefetch;prerender")]
    assert running.seen() == [HERE]
