"""Weather comes from a service through NGINX itself, one request per cell for all workers, and no page ever waits
for it: not for the first report, and not for a service that hangs, fails or talks nonsense."""
# Part: integration, sanitizers

import email.utils
import json
import os
import signal
import socket
import subprocess
import threading
import time

import pytest

import harness
from clients import ask, request, swarm
from harness import wait_until
from pace import paced, pacemaker
from shop import HERO, PAGE, edge

RULES = """
version: 1
slots: { hero: { select: "#hero" } }
rules:
  - { id: known, slot: hero, when: has(weather.condition), do: { inner: "{{weather.condition}} {{weather.temperature_c}}" } }
"""
DUBLIN, HAMBURG, OSLO = "192.0.2.1", "192.0.2.65", "192.0.2.97"

# As api.open-meteo.com answers to what we ask.
OPEN_METEO = {
    "latitude": 53.3, "longitude": -6.3, "generationtime_ms": 0.06, "utc_offset_seconds": 0, "timezone": "GMT",
    "timezone_abbreviation": "GMT", "elevation": 17.0,
    "current_units": {
        "time": "iso8601", "interval": "seconds", "temperature_2m": "°C", "apparent_temperature": "°C",
        "relative_humidity_2m": "%", "is_day": "", "rain": "mm", "showers": "mm", "snowfall": "cm",
        "weather_code": "wmo code", "wind_speed_10m": "km/h",
    },
    "current": {
        "time": "2026-11-22T12:00", "interval": 900, "temperature_2m": 11.5, "apparent_temperature": 8.1,
        "relative_humidity_2m": 87, "is_day": 1, "rain": 0.4, "showers": 0.0, "snowfall": 0.0,
        "weather_code": 61, "wind_speed_10m": 22.3,
    },
}  # fmt: skip

# As api.openweathermap.org/data/2.5/weather does.
OPEN_WEATHER_MAP = {
    "coord": {"lon": 10.0, "lat": 53.6},
    "weather": [{"id": 600, "main": "Snow", "description": "light snow", "icon": "13n"}],
    "base": "stations", "main": {"temp": -1.5, "feels_like": -6.02, "temp_min": -2.1, "temp_max": -0.6,
                                 "pressure": 1012, "humidity": 93},
    "visibility": 10000, "wind": {"speed": 4.12, "deg": 240}, "snow": {"1h": 0.2}, "clouds": {"all": 75},
    "dt": 1795348800, "sys": {"country": "DE", "sunrise": 1795330800, "sunset": 1795359600},
    "timezone": 3600, "id": 2911298, "name": "Hamburg", "cod": 200,
}  # fmt: skip


def report(**current):
    return json.dumps({**OPEN_METEO, "current": {**OPEN_METEO["current"], **current}}).encode()


def json_answer(body, status="200 OK", *headers):
    return harness.html_response(body, *headers, status=status, content_type="application/json; charset=utf-8")


class WeatherService:
    """An origin whose answers can be changed while it runs, and held back until `go_on` is set."""

    def __init__(self, origin):
        self.go_on = threading.Event()
        self.good()
        self.origin = origin(lambda path, headers, send: self.answer(send))

    def good(self, body=None, after=0.0):
        def answer(send):
            time.sleep(after)
            send(json_answer(body or report()))

        self.answer = answer

    def hang(self, then=lambda send: None):
        def answer(send):
            self.go_on.wait()
            then(send)

        self.answer = answer

    @property
    def asked(self):
        return [path for path, _ in self.origin.requests]


@pytest.fixture
def service(origin):
    service = WeatherService(origin)
    yield service
    service.go_on.set()


@pytest.fixture
def shop(nginx, origin, rules, geo_database, service):
    """shop(options of the directive, extra lines of the weather's location) → a server."""

    def start(options="", location="", http="", proxy=None, **more):
        proxy = proxy or f"proxy_pass http://127.0.0.1:{service.origin.port}/v1/forecast; {location}"
        return nginx(
            edge(
                f"proxy_pass http://127.0.0.1:{origin(PAGE).port};",
                f"""
            set_real_ip_from 127.0.0.1;
            real_ip_header X-Forwarded-For;
            personalize on;
            personalize_rules {rules(RULES)};
            personalize_geo {geo_database};
            personalize_weather /weather {options};
            location = /weather {{ internal; {proxy} }}
            location = /status {{ personalize_status json; }}
            location /file/ {{ alias FOLDER/html/; }}
            {pacemaker(60)}
        """,
                http,
            ),
            **more,
        )

    return start


def visit(server, place=DUBLIN):
    """What the page shows of the weather, None if it is not known."""
    answer = ask(server, headers={"X-Forwarded-For": place})
    assert answer.status == 200
    return shown(answer.body)


def shown(body):
    start = body.index(b'wide" id="hero">') + len(b'wide" id="hero">')
    content = body[start : body.index(b"</div>", start)]
    return None if content == HERO else content.decode()


def known(server, weather, place=DUBLIN):
    wait_until(lambda: visit(server, place) == weather, f"{weather} in {place}")


def counted(server, name):
    return json.loads(server.get("/status").body)[name]


def complaints(server):
    return [line for line in server.log().splitlines() if "[warn]" in line or "[error]" in line]


def test_the_first_page_of_a_place_does_not_wait_and_the_next_ones_know(shop, service):
    server = shop()
    service.hang(then=lambda send: send(json_answer(report())))
    assert visit(server) is None
    service.go_on.set()
    known(server, "rain 11.5")
    assert len(service.asked) == 1
    assert counted(server, "weather_fetches") == 1 and counted(server, "weather_fresh") >= 1


def test_the_service_is_asked_for_a_rounded_cell_and_told_nothing_of_the_visitor(shop, service):
    server = shop(location="proxy_set_header X-Real-IP $remote_addr; proxy_set_header X-Cell "
                  '"$personalize_weather_latitude $personalize_weather_longitude";')  # fmt: skip
    secret = {"X-Forwarded-For": DUBLIN, "Cookie": "visitor=ann", "User-Agent": "secret", "Referer": "http://secret/"}
    ask(server, "/secret?secret=1", secret)
    known(server, "rain 11.5")
    [(path, headers)] = service.origin.requests
    assert path.startswith("/v1/forecast?latitude=53.4&longitude=-6.3&current=temperature_2m,")
    assert headers.pop("x-cell") == "53.4 -6.3"
    assert headers == {"host": headers["host"], "connection": "close", "x-real-ip": "unix:"}


def test_openweathermap_is_understood_and_its_key_stays_in_the_location(shop, service):
    service.good(json.dumps(OPEN_WEATHER_MAP).encode())
    server = shop("format=openweathermap", proxy=f"""
        set $args $args&appid=0123456789abcdef;
        proxy_pass http://127.0.0.1:{service.origin.port}/data/2.5/weather;""")  # fmt: skip
    known(server, "snow -1.5", HAMBURG)
    assert service.asked == ["/data/2.5/weather?lat=53.6&lon=10.0&units=metric&appid=0123456789abcdef"]


def test_any_location_may_answer(shop, tmp_path):
    (tmp_path / "53.4,-6.3.json").write_bytes(report(temperature_2m=3.25, weather_code=0))
    server = shop(proxy=f"""root {tmp_path};
        try_files /$personalize_weather_latitude,$personalize_weather_longitude.json =404;""")  # fmt: skip
    known(server, "clear 3.25")
    server.tolerate("status 404")
    visit(server, OSLO)
    wait_until(lambda: counted(server, "weather_refused") == 1, "the missing place to be counted")


def test_one_request_per_cell_whoever_asks_and_in_whatever_worker(shop, service):
    service.good(after=0.7)
    server = shop("timeout=60s", workers=2)
    places = [request("/", {"X-Forwarded-For": place}) for place in (DUBLIN, HAMBURG) * 160]
    answers = swarm(server, places, parallel=64)
    assert all(answer.status == 200 for answer in answers)
    known(server, "rain 11.5")
    known(server, "rain 11.5", HAMBURG)
    assert len(service.asked) == len(set(service.asked)) == 2


def test_old_weather_is_served_while_it_is_fetched_anew_and_dropped_when_too_old(shop, service):
    server = shop("fresh=200ms stale=3s timeout=500ms pause=100ms")
    known(server, "rain 11.5")
    changed = time.monotonic()
    service.good(report(temperature_2m=12.5))
    known(server, "rain 12.5")
    service.hang()
    wait_until(lambda: visit(server) != "rain 12.5", "weather that is too old to be dropped")
    assert visit(server) is None
    assert time.monotonic() - changed > 3, "it was dropped too early"
    assert counted(server, "weather_stale") > 0


def endless(send):
    send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n")
    for _ in range(1024):
        send(b'{"a": "b"}' * 100_000)


def half(send):
    send(json_answer(report())[:-100])


FAULTS = {
    "hangs": lambda send: time.sleep(2),
    "hangs half-way": lambda send: (half(send), time.sleep(2)),
    "500": lambda send: send(json_answer(b'{"error": true}', "500 Oops")),
    "redirects": lambda send: send(json_answer(b"", "302 Found", "Location: http://elsewhere/")),
    "1 GB": endless,
    "1 GB announced": lambda send: (send(b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n"), endless(send)),
    "nonsense": lambda send: send(json_answer(os.urandom(2000))),
    "another JSON": lambda send: send(json_answer(b'{"reason": "API limit exceeded", "error": true}')),
    "compressed": lambda send: send(json_answer(b"\x1f\x8b" + bytes(20), "200 OK", "Content-Encoding: gzip")),
    "breaks off": half,
    "hangs up": lambda send: None,
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_broken_service_costs_no_page_anything_and_is_forgiven(shop, service, fault, tmp_path):
    cache = f"proxy_cache_path {tmp_path}/cache keys_zone=weather:1m;"
    server = shop("timeout=400ms pause=100ms", "proxy_cache weather; proxy_cache_valid 200 1s;", cache)
    server.file("page.html", PAGE)
    server.tolerate(r"\[error\].*upstream")
    service.answer, begin = FAULTS[fault], time.monotonic()
    for answer, in_time in paced(server, [{"X-Forwarded-For": DUBLIN}] * 12, "/file/page.html"):
        assert answer.status == 200 and shown(answer.body) is None
        assert in_time, "the page waited for the weather"
    failures = ("weather_refused", "weather_broken", "weather_unreadable")
    wait_until(lambda: sum(counted(server, name) for name in failures) > 0, "the failure to be counted")
    seconds = time.monotonic() - begin  # pauses double, so that it is asked the less often the longer this takes
    assert len(service.asked) <= max(4, 3 + 2 * seconds), "it was asked again and again"
    ours = [line for line in complaints(server) if "personalize:" in line]
    assert 1 <= len(ours) <= max(3, 1 + seconds), ours
    service.good()
    known(server, "rain 11.5")
    assert counted(server, "weather_recoveries") == 1


def test_nobody_reads_a_gigabyte(shop, service):
    sent = 0

    def flood(send):
        nonlocal sent
        send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n")
        for _ in range(1024):
            send(bytes(1024 * 1024))
            sent += 1

    service.answer = flood
    server = shop()
    server.tolerate("too long")
    before = server.idle_memory()
    visit(server)
    wait_until(lambda: counted(server, "weather_unreadable") == 1, "the answer to be cut off")
    assert sent < 16, f"{sent} MB were taken"
    assert server.memory() - before < 8192


def test_a_dead_service_is_left_alone_whatever_the_place(shop, service):
    service.answer = FAULTS["500"]
    server, begin = shop("pause=1s"), time.monotonic()
    for last in range(300):  # every address of the demo's twelve places
        ask(server, headers={"X-Forwarded-For": f"{('192.0.2', '198.51.100', '203.0.113')[last % 3]}.{last % 160}"})
    most = max(12, 4 + 2 * (time.monotonic() - begin))
    assert len(service.asked) <= most, service.asked
    assert counted(server, "weather_fetches") <= most


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
@pytest.mark.parametrize("when", ["seconds", "date"])
def test_a_service_that_says_when_to_ask_again_is_left_alone_until_then(shop, service, status, when):
    later = "600" if when == "seconds" else email.utils.formatdate(time.time() + 600, usegmt=True)
    service.answer = lambda send: send(json_answer(b"{}", status, f"Retry-After: {later}"))
    server = shop("pause=100ms", workers=2)
    visit(server)
    wait_until(lambda: counted(server, "weather_refused") == 1, "the first failure")
    begin = time.monotonic()
    while time.monotonic() - begin < 1:  # several pauses
        for place in (DUBLIN, HAMBURG, OSLO):
            ask(server, headers={"X-Forwarded-For": place})
    assert len(service.asked) == 1, "for none of the places"


def test_visitors_from_everywhere_use_up_no_quota(shop, service):
    server, begin = shop("max_fetches=3", workers=2), time.monotonic()
    for last in range(100):
        ask(server, headers={"X-Forwarded-For": f"{('192.0.2', '198.51.100', '203.0.113')[last % 3]}.{last % 160}"})
    wait_until(lambda: len(service.asked) >= 3, "the requests that may be made")
    fetches, minutes = counted(server, "weather_fetches"), 1 + (time.monotonic() - begin) // 60
    assert 3 <= fetches <= 3 * minutes and counted(server, "weather_limited") > 0
    assert any("(max_fetches)" in line for line in complaints(server))


def test_a_visitors_connection_is_not_kept_by_a_fetch(shop, service):
    service.hang()
    server = shop("timeout=1h")
    with socket.create_connection(("127.0.0.1", server.port), timeout=harness.PATIENCE) as connection:
        for _ in range(2):
            connection.sendall(request("/", {"X-Forwarded-For": DUBLIN}, close=False))
            answer = b""
            while not answer.endswith(b"0\r\n\r\n") and PAGE[-20:] not in answer:
                answer += connection.recv(65536)
    wait_until(lambda: service.asked, "the fetch")


def test_a_worker_that_stops_does_not_wait_for_the_weather(shop, service):
    service.hang()
    server = shop("timeout=1h")
    visit(server)
    wait_until(lambda: service.asked, "the fetch")
    server.stop()  # the service still hangs


def test_reports_outlive_reloads_and_workers(shop, service):
    server = shop(workers=2)
    known(server, "rain 11.5")
    server.reload()
    assert visit(server) == "rain 11.5"
    server.tolerate_killed_workers()
    old = server.worker_pids()
    for pid in old:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: len(server.worker_pids() - old) == 2, "new workers")
    assert visit(server) == "rain 11.5"
    assert len(service.asked) == 1


@pytest.mark.parametrize("how", ["kill", "reload"])
def test_a_fetch_that_dies_with_its_worker_is_made_again(shop, service, how):
    service.hang()
    server = shop("timeout=500ms pause=100ms")
    server.tolerate_killed_workers()
    visit(server)
    wait_until(lambda: service.asked, "the fetch")
    service.good()
    old = server.worker_pids()
    if how == "kill":
        for pid in old:
            os.kill(pid, signal.SIGKILL)
    else:
        server.reload()
    wait_until(lambda: server.worker_pids() - old, "a new worker")
    known(server, "rain 11.5")


def test_reloads_and_traffic_at_once_ask_for_nothing_twice(shop, service):
    service.good(after=0.2)
    server = shop(workers=2)
    over = threading.Event()
    bodies = []

    def visitors():
        while not over.is_set():
            bodies.append(visit(server))

    threads = [threading.Thread(target=visitors) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        wait_until(lambda: bodies and bodies[-1] == "rain 11.5", "the weather")
        server.reload()
        server.reload()
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert set(bodies) <= {None, "rain 11.5"}
    assert len(service.asked) == 1


def test_without_a_place_nobody_is_asked(shop, service):
    server = shop()
    assert visit(server, "203.0.113.250") is None
    assert counted(server, "weather_unknown") == 0 and service.asked == []


def test_the_location_is_not_for_visitors(shop):
    server = shop()
    assert ask(server, "/weather").status == 404


def test_in_http_the_first_servers_location_is_asked(nginx, origin, rules, geo_database, service):
    server = nginx(edge(f"proxy_pass http://127.0.0.1:{origin(PAGE).port};", f"""
        set_real_ip_from 127.0.0.1; real_ip_header X-Forwarded-For;
        location = /w {{ internal; proxy_pass http://127.0.0.1:{service.origin.port}; }}""", f"""
        personalize on; personalize_rules {rules(RULES)}; personalize_geo {geo_database};
        personalize_weather /w zone=elsewhere:64k;"""))  # fmt: skip
    known(server, "rain 11.5")


def test_the_tool_says_what_the_page_says(tmp_path, rules, geo_database):
    answer = tmp_path / "answer.json"
    answer.write_bytes(report())
    done = subprocess.run(
        [harness.BUILD / "personalize", "explain", "--rules", rules(RULES), "--geo", geo_database, "--weather", answer,
         "--url", "http://shop.example/", "--address", DUBLIN, "--json"],
        capture_output=True, text=True, timeout=harness.PATIENCE,
    )  # fmt: skip
    explained = json.loads(done.stdout)
    assert explained["edits"][0]["content"] == "rain 11.5"
    assert explained["attributes"]["weather.condition"] == "rain"
    answer.write_text("{}")
    done = subprocess.run([harness.BUILD / "personalize", "explain", "--rules", rules(RULES), "--weather", answer],
                          capture_output=True, text=True, timeout=harness.PATIENCE)  # fmt: skip
    assert done.returncode != 0 and "answer.json: is not an answer of Open-Meteo" in done.stderr
