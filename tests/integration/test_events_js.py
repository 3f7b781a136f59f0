"""events.js, in a window that is made of a few lines: what it reads from a shop's dataLayer and reports."""
# Part: browser

import gzip
import json
import shutil
import subprocess

import pytest

import harness
from shop import RULES, STATUS_PAGE, counters

SCRIPT = harness.ROOT / "module/events/events.js"
NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="Node is missing")

# The window: `beacons` are the bodies that were sent, `go()` lets a timer end, `clock` is the time.
WINDOW = """
const vm = require('vm'), fs = require('fs');
const said = JSON.parse(process.argv[2]);
let clock = 1000, timers = [], beacons = [];
const on = {};
const listen = (type, f) => (on[type] = on[type] || []).push(f);
const fire = (type, event) => (on[type] || []).forEach((f) => f(event || {}));
const document = {
  currentScript: { dataset: said.dataset || {} }, visibilityState: 'visible', addEventListener: listen, ...said.document };
const navigator = {
  sendBeacon: (to, body) => { beacons.push({ to, body, type: typeof body }); return true; }, ...said.navigator };
const window = { location: { pathname: '/p/boots' }, addEventListener: listen, dataLayer: said.before };
const context = vm.createContext({ window, document, navigator, Blob, JSON, Math,
  Date: { now: () => clock }, setTimeout: (f) => timers.push(f), clearTimeout: () => { timers = []; } });
const run = () => vm.runInContext(fs.readFileSync(process.argv[1], 'utf8'), context);
const go = () => { const due = timers; timers = []; due.forEach((f) => f()); };
const hide = () => { document.visibilityState = 'hidden'; fire('visibilitychange'); };
const show = () => { document.visibilityState = 'visible'; fire('visibilitychange'); };
const gtag = function () { window.dataLayer.push(arguments); };
run();
"""


def run(steps="", **said):
    """The beacons after the JavaScript `steps`: what was sent where."""
    done = subprocess.run(
        [NODE, "-e", WINDOW + steps + "\nconsole.log(JSON.stringify(beacons));", SCRIPT, json.dumps(said)],
        capture_output=True, text=True, timeout=harness.PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def events(steps="", **said):
    beacons = run(steps, **said)
    assert all(beacon["type"] == "string" for beacon in beacons), "text/plain"
    return [event for beacon in beacons for event in json.loads(beacon["body"])["events"]]


CART = {"event": "add_to_cart", "ecommerce": {"currency": "EUR", "value": 129, "items": [
    {"item_id": "boots", "item_name": "Tide Boots", "price": "64.50", "quantity": 2, "secret": "x"}]}}
TOLD = {"name": "add_to_cart", "currency": "EUR", "value": 129, "path": "/p/boots",
        "items": [{"item_id": "boots", "item_name": "Tide Boots", "price": 64.5, "quantity": 2}]}


def test_it_is_smaller_than_2_kb():
    assert len(gzip.compress(SCRIPT.read_bytes(), 9)) < 2048


def test_what_the_shop_had_pushed_and_what_it_pushes_is_reported():
    assert events("go();", before=[CART]) == [TOLD]
    assert events(f"window.dataLayer.push({json.dumps(CART)}); go();") == [TOLD]
    assert events(f"gtag('event', 'add_to_cart', {json.dumps(CART['ecommerce'])}); go();") == [TOLD]
    assert events(f"gtag('event', 'add_to_cart', {json.dumps(CART['ecommerce'])}); go();", before=[])[0] == TOLD


def test_the_shops_own_push_still_works():
    assert run("beacons = [window.dataLayer.push({event: 'x'}, 7), window.dataLayer.length];") == [2, 2]


def test_other_names_and_other_things_are_none_of_its_business():
    steps = """
        window.dataLayer.push(null, undefined, 7, 'x', {}, [], {event: 7},
          {event: 'purchase', ecommerce: {items: [{item_id: 1}]}}, {event: 'view_item'},
          {event: 'view_item', ecommerce: {items: 7}}, {event: 'view_item', ecommerce: {items: [null]}},
          {event: 'view_item', ecommerce: {items: [{}]}}, {get event() { throw 1; }});
        gtag('js', new Date()); gtag('config', 'G-1'); gtag('event'); go(); hide();
    """
    assert events(steps) == []


def test_only_the_names_that_the_page_names_are_reported():
    cart = json.dumps(CART)
    steps = f"window.dataLayer.push({cart}, {{event: 'view_item', ecommerce: {{items: [{{id: 5}}]}}}}); go();"
    assert [event["name"] for event in events(steps, dataset={"names": "view_item dwell"})] == ["view_item"]
    assert run(steps, dataset={"to": "/e"})[0]["to"] == "/e"


def test_odd_values_are_left_out_or_cut():
    item = {"item_id": 5, "item_name": "n" * 500, "price": "free", "quantity": -1, "item_brand": {"a": 1}}
    [event] = events("go();", before=[{"event": "view_item", "ecommerce": {"currency": "euro", "value": "x", "items": [item]}}])
    assert event == {"name": "view_item", "path": "/p/boots", "items": [{"item_id": "5", "item_name": "n" * 120}]}


def test_every_beacon_is_one_that_the_edge_takes():
    beacons = run(f"""
        const e = 'é'.repeat(120), items = [...Array(200).keys()].map((i) => ({{item_id: i, item_name: e, item_brand: e}}));
        for (let i = 0; i < 3; ++i) window.dataLayer.push({{event: 'view_item_list', ecommerce: {{items}}}});
        for (let i = 0; i < 120; ++i) window.dataLayer.push({json.dumps(CART)});
        go();
    """)
    told = [json.loads(beacon["body"])["events"] for beacon in beacons]
    assert sum(map(len, told)) == 123 and max(map(len, told)) <= 50
    assert max(len(beacon["body"].encode()) for beacon in beacons) <= 16 * 1024


def test_events_go_out_together_and_before_the_page_goes():
    push = f"window.dataLayer.push({json.dumps(CART)});"
    assert len(run(push * 3 + "go();")) == 1
    assert len(run(push * 3 + "hide();")) == 1
    assert len(run(push * 3 + "fire('pagehide');")) == 1


def test_how_long_the_page_was_visible_is_reported_each_time_that_it_goes():
    steps = "clock += 5000; hide(); clock += 60000; show(); clock += 2500; hide(); fire('pagehide');"
    assert [event["duration"] for event in events(steps)] == [5000, 2500]
    assert events("clock += 900; hide();") == []
    back = "clock += 5000; fire('pagehide'); clock += 9000; fire('pageshow', {persisted: true}); clock += 3000; fire('pagehide');"
    assert [event["duration"] for event in events(back)] == [5000, 3000]
    assert events("clock += 5000; fire('pagehide');", document={"visibilityState": "hidden"}) == []


def test_a_page_that_is_only_prepared_is_not_looked_at():
    prepared = {"prerendering": True}
    assert events("clock += 5000; hide();", document=prepared, before=[CART]) == []
    steps = "clock += 5000; fire('prerenderingchange'); clock += 2000; fire('pagehide');"
    assert [event.get("duration") for event in events(steps, document=prepared, before=[CART])] == [None, 2000]


@pytest.mark.parametrize("navigator", [{"globalPrivacyControl": True}, {"webdriver": True}, {"sendBeacon": None}])
def test_those_who_do_not_want_it_and_those_who_cannot_are_left_alone(navigator):
    assert run("go(); clock += 5000; hide();", navigator=navigator, before=[CART]) == []


def test_two_scripts_report_once():
    assert len(events("run(); go();", before=[CART])) == 1


# A browser that is driven by a program says so, and would be left alone.
PAGE = """<!DOCTYPE html><title>Shop</title>
<script>
Object.defineProperty(navigator, 'webdriver', { get: () => WEBDRIVER });
dataLayer = [CART];
</script>
<script async src="/events.js"></script>
"""


def browse(nginx, rules, folder, webdriver):
    """Opens the page in a real browser; the server."""
    server = nginx(
        f"""
server {{
    listen 127.0.0.1:PORT;
    root FOLDER/html;
    personalize_rules {rules(RULES)};
    set $visitor ann;
    personalize_visitor $visitor;
    personalize_events_log FOLDER/events.log;
    {STATUS_PAGE}
    location = /events {{ personalize_events; }}
    location = /events.js {{ types {{ text/javascript js; }} alias {SCRIPT}; }}
}}
"""
    )
    page = PAGE.replace("CART", json.dumps(CART)).replace("WEBDRIVER", webdriver)
    server.file("page.html", page.encode())
    command = ["chromium", "--headless", "--disable-gpu", "--no-sandbox", f"--user-data-dir={folder}/chromium",
               "--virtual-time-budget=5000", "--dump-dom", f"http://127.0.0.1:{server.port}/page.html"]
    agent = "--user-agent=Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
    subprocess.run([*command, agent], capture_output=True, timeout=harness.PATIENCE, check=True)
    assert "/events.js" in server.access_log(), "the script was not fetched"
    return server


@pytest.mark.skipif(shutil.which("chromium") is None, reason="Chromium is missing")
def test_what_a_real_browser_reports_is_taken(nginx, rules, tmp_path):
    server = browse(nginx, rules, tmp_path, "false")
    log = server.folder / "events.log"
    harness.wait_until(lambda: "add_to_cart" in log.read_text(), "the beacon")
    event = json.loads(log.read_text().splitlines()[0])
    assert (event["name"], event["visitor"], event["path"]) == ("add_to_cart", "ann", "/page.html")
    assert event["items"] == TOLD["items"] and event["value"] == 129
    told = counters(server)["beacons"]
    assert told["taken"] >= 1 and sum(told.values()) == told["taken"], told


@pytest.mark.skipif(shutil.which("chromium") is None, reason="Chromium is missing")
def test_a_real_browser_that_is_driven_by_a_program_reports_nothing(nginx, rules, tmp_path):
    server = browse(nginx, rules, tmp_path, "true")
    assert sum(counters(server)["beacons"].values()) == 0
