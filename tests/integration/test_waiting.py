"""A response that waits for a profile comes out right, wherever it comes from and however it is sent."""
# Part: integration, sanitizers

import gzip
import socket
import threading
import time

import pytest

import harness
from clients import Answer, ask, exchange, http2, request, swarm
from fake_redis import BlackHole, FakeRedis, after, profile_of
from shop import HERO, PAGE, PROFILE_RULES, SHOW, edge

FILLER = b"<p>text <a href=/x>link</a> and more text that nobody changes</p>\n" * 5000
BIG = PAGE.replace(b"<ul>", FILLER + b"<ul>")
ANN = {"X-Visitor": "ann"}


def handler(path, headers, send):
    body = BIG if "big" in path else PAGE
    if "gzip" in path:
        return send(
            harness.html_response(gzip.compress(body), "Content-Encoding: gzip", "Cache-Control: max-age=60")
        )
    if "pieces" in path:
        send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n")
        for i in range(0, len(body), 100000):
            send(body[i : i + 100000])
            time.sleep(0.01)
        return None
    return send(harness.html_response(body, "Cache-Control: max-age=60"))


LOCATIONS = """
    location /file/ { alias FOLDER/html/; }
    location /sendfile/ { sendfile on; alias FOLDER/html/; }
    location /threads/ { sendfile on; aio threads; alias FOLDER/html/; }
    location /direct/ { directio 512; aio threads; output_buffers 1 32k; alias FOLDER/html/; }
    location /proxy/ { proxy_pass http://ORIGIN; }
    location /unbuffered/ { proxy_buffering off; proxy_pass http://ORIGIN; }
    location /cache/ { proxy_cache pages; proxy_pass http://ORIGIN; }
    location /tiny/ {
        proxy_buffers 4 1k; proxy_buffer_size 1k; proxy_busy_buffers_size 2k; proxy_max_temp_file_size 0;
        proxy_pass http://ORIGIN;
    }
    location /compressing/ { gzip on; proxy_pass http://ORIGIN; }
    location /limited/ { limit_rate 20m; proxy_pass http://ORIGIN; }
    location /ssi/ { ssi on; alias FOLDER/html/; }
    location /sub/ { sub_filter 'No offer' 'No offer'; proxy_pass http://ORIGIN; }
    location /added/ { add_after_body /nothing.html; proxy_pass http://ORIGIN; }
    location /tried/ { try_files /none @tried; }
    location @tried { proxy_pass http://ORIGIN; }
    location /failing/ { error_page 502 = @tried; proxy_pass http://127.0.0.1:1; }
    location /returned/ { default_type text/html; return 200 '<div id=hero>old</div>'; }
"""
PATHS = [
    f"/{place}/{page}"
    for place in ("file", "sendfile", "threads", "direct", "ssi")
    for page in ("page.html", "big.html")
] + [
    f"/{place}/{page}"
    for place in (
        "proxy",
        "unbuffered",
        "cache",
        "tiny",
        "compressing",
        "limited",
        "sub",
        "tried",
        "failing",
        "added",
    )
    for page in ("page", "big", "gzip", "gzip-big", "pieces-big")
]


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """One NGINX with every kind of location; profiles take 20 ms, those of the host "hole" forever."""
    folder = tmp_path_factory.mktemp("waiting")
    (folder / "rules.yaml").write_text(PROFILE_RULES)
    origin, store, hole = harness.Origin(handler), FakeRedis(after(0.02, profile_of("Ann"))), BlackHole()
    common = (
        f"{SHOW} personalize on; personalize_rules {folder}/rules.yaml; personalize_visitor $http_x_visitor;"
    )
    address = f"127.0.0.1:{origin.port}"
    server = harness.Nginx(
        folder / "nginx",
        edge(
            "",
            f"""{common} personalize_redis {store.address}; personalize_deadline 60s;
        {LOCATIONS.replace("ORIGIN", address)}""",
            "proxy_cache_path FOLDER/temp/cache keys_zone=pages:1m;",
        )
        + f"""
        server {{
            listen 127.0.0.1:PORT; server_name hole;
            {common} personalize_redis {hole.address}; personalize_deadline 30ms;
            location / {{ proxy_pass http://{address}; }}
            location /file/ {{ alias FOLDER/html/; }}
        }}""",
    )
    for name, content in (("page.html", PAGE), ("big.html", BIG), ("nothing.html", b"")):
        server.file(name, content)
    server.start()
    server.origin = origin
    yield server
    server.stop()
    for other in (origin, store, hole):
        other.stop()
    assert server.alarms() == []


def expected(path):
    return (BIG if "big" in path else PAGE).replace(HERO, b"<b>Hello Ann</b>")


def content(answer):
    return gzip.decompress(answer.body) if answer.header("Content-Encoding") == "gzip" else answer.body


@pytest.mark.parametrize("path", PATHS)
def test_a_page_waits_for_its_visitor(shop, path):
    for get in (ask, http2):
        for headers in (ANN, {**ANN, "Accept-Encoding": "gzip"}):
            answer = get(shop, path, headers)
            assert answer.status == 200 and answer.complete
            assert content(answer) == expected(path)
            assert (answer.header("X-Decisions"), answer.header("X-Profile")) == ("[hero=named]", "[found]")


@pytest.mark.parametrize("path", PATHS)
def test_head_waits_as_get_does(shop, path):
    answer = ask(shop, path, ANN, method="HEAD")
    assert (answer.status, answer.body, answer.header("X-Decisions")) == (200, b"", "[hero=named]")


def test_old_clients_wait_too(shop):
    for path in ("/proxy/big", "/file/big.html", "/cache/gzip-big"):
        answer = ask(shop, path, ANN, version="1.0")
        assert answer.body == expected(path) and answer.header("Transfer-Encoding") is None


def test_a_page_that_nginx_itself_returns_waits(shop):
    assert ask(shop, "/returned/", ANN).body == b"<div id=hero><b>Hello Ann</b></div>"


def test_requests_behind_each_other_on_one_connection_all_wait(shop):
    paths = [
        "/proxy/page",
        "/file/big.html",
        "/cache/big",
        "/proxy/gzip",
        "/file/page.html",
        "/unbuffered/big",
    ] * 3
    data = b"".join(request(path, ANN, close=False) for path in paths[:-1]) + request(paths[-1], ANN)
    assert exchange(shop.port, data).count(b"<b>Hello Ann</b>") == len(paths)


def test_many_at_once_all_wait(shop):
    answers = swarm(shop, [request(path, ANN) for path in PATHS * 4], parallel=48)
    for path, answer in zip(PATHS * 4, answers):
        assert content(answer) == expected(path), path


def test_a_post_with_a_body_waits_and_its_body_arrives(shop):
    data = request("/proxy/page", {**ANN, "Content-Length": "100000"}, method="POST") + b"x" * 100000
    assert Answer(exchange(shop.port, data)).body == expected("page")
    assert shop.origin.bodies[-1] == b"x" * 100000


def test_waiting_ends_with_the_deadline_for_pages_of_every_size(shop):
    for path in ("/page", "/big", "/gzip-big", "/pieces-big", "/file/big.html", "/file/page.html"):
        answer = Answer(exchange(shop.port, request(path, ANN).replace(b"shop.example", b"hole")))
        assert answer.body == expected(path).replace(b"Ann", b"stranger"), path


def test_visitors_who_leave_while_their_page_waits_are_forgotten(shop):
    ask(shop, "/proxy/page", ANN)
    for path in PATHS:
        with socket.create_connection(("127.0.0.1", shop.port), timeout=harness.PATIENCE) as connection:
            connection.sendall(request(path, ANN))
    harness.wait_until(lambda: shop.connections() == 0, "all connections to be closed")
    assert ask(shop, "/proxy/page", ANN).body == expected("page")


def test_the_worker_serves_others_while_pages_wait(shop):
    over = threading.Event()

    def wait():
        while not over.is_set():
            exchange(shop.port, request("/big", ANN).replace(b"shop.example", b"hole"))

    waiting = [threading.Thread(target=wait) for _ in range(4)]
    for thread in waiting:
        thread.start()
    try:
        for _ in range(20):
            assert ask(shop, "/proxy/page", ANN).body == expected("page")
    finally:
        over.set()
        for thread in waiting:
            thread.join()
