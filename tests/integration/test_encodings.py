"""Pages that come encoded: what upstreams are asked for, what is decoded, and what cannot be."""
# Part: integration, sanitizers

import gzip
import subprocess
import zlib
from http.client import HTTPConnection

import pytest

import harness
from clients import Answer, ask, exchange, http2
from gateways import Gateway
from shop import BIG, GREETED, PAGE, RULES, SHOW, SHOW_PATH, STATUS_PAGE, counters, edge, greeted, of_files, old_file
from splicing import spliced

CHROME = "gzip, deflate, br, zstd"
CACHE = "proxy_cache_path FOLDER/temp/cache keys_zone=pages:1m;"
needs_brotli = pytest.mark.skipif(harness.BROTLI is None, reason="libnginx-mod-http-brotli-filter is missing")


def brotli(body):
    return subprocess.run(["brotli", "-c", "-q", "5"], input=body, capture_output=True, check=True).stdout


def bare_deflate(body):
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


def not_zstd(body):
    return b"\x28\xb5\x2f\xfd" + body[::-1]


# Content-Encoding → how a body gets it
ENCODERS = {
    "br": brotli,
    "BR": brotli,
    "deflate": zlib.compress,
    "Deflate": bare_deflate,
    "x-gzip": gzip.compress,
    "gzip, br": lambda body: brotli(gzip.compress(body)),
    "br, identity, gzip": lambda body: gzip.compress(brotli(body)),
    "utf-8, br": brotli,
}


def decoded(answer):
    coding = answer.header("Content-Encoding")
    if coding == "br":
        return subprocess.run(["brotli", "-dc"], input=answer.body, capture_output=True, check=True).stdout
    return gzip.decompress(answer.body) if coding == "gzip" else answer.body


def best_of(asked, page):
    """What a shop sends that can do everything: (body, headers)."""
    for coding, encode in (("zstd", not_zstd), ("br", brotli), ("gzip", gzip.compress)):
        if any(part.split(";")[0].strip() == coding for part in asked.split(",")):
            return encode(page), [f"Content-Encoding: {coding}"]
    return page, []


@pytest.fixture
def shop(nginx, origin, rules):
    """shop(handler, location, …) → a personalizing NGINX; `shop.origin` is what stands behind it."""

    def start(handler=None, location="", server="", http="", mode="on", page=PAGE, text=RULES, more=(), **options):
        def best(path, headers, send):
            body, encoding = best_of(headers.get("accept-encoding", ""), page)
            send(harness.html_response(body, *encoding, "Vary: Accept-Encoding", *more))

        start.origin = origin(handler or best)
        return nginx(
            edge(
                f"{SHOW} {SHOW_PATH} personalize {mode}; personalize_rules {rules(text)};"
                f"proxy_pass http://127.0.0.1:{start.origin.port}; {location}",
                STATUS_PAGE + server.replace("UPSTREAM", f"127.0.0.1:{start.origin.port}"),
                http,
            ),
            **options,
        )

    return start


def asked(upstream):
    return upstream.requests[-1][1].get("accept-encoding")


# --- What upstreams are asked for -----------------------------------------------------------------------------------


@pytest.mark.parametrize("get", [ask, http2])
@pytest.mark.parametrize("accepted", [CHROME, "gzip, deflate, br", "zstd", "gzip", "*", "zstd, *;q=0.5", "br;q=0.5, zstd"])
def test_a_shop_that_can_do_everything_is_asked_for_what_can_be_read(shop, get, accepted):
    server = shop()
    answer = get(server, headers={"Accept-Encoding": accepted})
    assert answer.body == GREETED and answer.header("Content-Encoding") is None
    assert "zstd" not in asked(shop.origin) and "*" not in asked(shop.origin)


def test_what_can_be_read_is_asked_for_as_the_client_does(shop):
    server = shop()
    for sent, expected in [
        ("gzip;q=0.5,  br", "gzip;q=0.5,  br"),
        ("identity", "identity"),
        ("gzip, zstd;q=0.9, br;q=0.1", "gzip, br;q=0.1"),
        ("zstd", "identity"),
    ]:
        ask(server, headers={"Accept-Encoding": sent})
        assert asked(shop.origin) == expected
    ask(server)
    assert asked(shop.origin) is None


def test_several_fields_are_each_limited(shop):
    server = shop()
    lines = ["GET / HTTP/1.1", "Host: x", "Connection: close", "Accept-Encoding: zstd", "Accept-Encoding: br", "", ""]
    assert Answer(exchange(server.port, "\r\n".join(lines).encode())).body == GREETED
    raw = [v for k, v in shop.origin.requests[-1][1].items() if k == "accept-encoding"]
    assert "zstd" not in " ".join(raw)


@pytest.mark.parametrize("field", ["*", "zstd", "*, zstd", '"\\",' * 300, "*," * 1500])
def test_very_many_fields_and_elements_do_no_harm(shop, field):
    server = shop()
    count = min(200, 6000 // len(field))
    lines = ["GET / HTTP/1.1", "Host: x", "Connection: close", *[f"Accept-Encoding: {field}"] * count, "", ""]
    assert Answer(exchange(server.port, "\r\n".join(lines).encode())).body == GREETED


@pytest.mark.parametrize("protocol", ["scgi", "uwsgi", "fastcgi"])
def test_gateways_are_asked_for_what_can_be_read_too(nginx, rules, protocol):
    def handler(parameters):
        body, encoding = best_of(parameters.get("HTTP_ACCEPT_ENCODING", ""), PAGE)
        return "\r\n".join(["Status: 200 OK", "Content-Type: text/html", *encoding, "", ""]).encode() + body

    gateway = Gateway(protocol, handler)
    try:
        passing = f"{protocol}_pass {gateway.address};"
        if protocol == "fastcgi":
            passing += "fastcgi_param REQUEST_METHOD $request_method;"
        server = nginx(edge(f"{SHOW} personalize on; personalize_rules {rules(RULES)}; {passing}"))
        assert ask(server, headers={"Accept-Encoding": CHROME}).body == GREETED
        assert gateway.requests[-1]["HTTP_ACCEPT_ENCODING"] == "gzip, deflate, br"
    finally:
        gateway.stop()


@pytest.mark.parametrize("mode, path, headers", [
    ("off", "/", {}),
    ("dry_run", "/", {}),
    ("on", "/else", {}),
    ("on", "/style.css", {}),
    ("on", "/", {"Sec-Fetch-Dest": "image"}),
])
def test_whoever_asks_for_no_page_of_ours_asks_as_before(shop, mode, path, headers):
    server = shop(mode=mode, text=RULES.replace('select: "#hero"', 'select: "#hero", pages: ["/"]'))
    ask(server, path, {"Accept-Encoding": CHROME, **headers})
    assert asked(shop.origin) == CHROME


def test_a_redirect_into_a_location_that_is_off_asks_as_before(shop, rules):
    failing = f"personalize on; personalize_rules {rules(RULES)}; proxy_pass http://127.0.0.1:1;"
    server = shop(
        server=f"""location = /1 {{ {failing} error_page 502 = /off/; }}
                   location = /2 {{ {failing} error_page 502 = @off; }}
                   location /off/ {{ personalize off; proxy_pass http://UPSTREAM; }}
                   location @off {{ proxy_pass http://UPSTREAM; }}"""
    )
    for path in ("/1", "/2"):
        answer = ask(server, path, {"Accept-Encoding": CHROME})
        assert asked(shop.origin) == CHROME and answer.header("Content-Encoding") == "zstd"


def test_a_redirect_into_another_personalized_location_is_limited_again(shop, rules):
    other = f"personalize on; personalize_rules {rules(RULES)};"
    server = shop(server=f"location = /failing {{ {other} proxy_pass http://127.0.0.1:1; error_page 502 = /; }}"
                  f"location = /off {{ personalize off; proxy_pass http://127.0.0.1:1; error_page 502 = /; }}")
    for path in ("/failing", "/off"):
        assert ask(server, path, {"Accept-Encoding": CHROME}).body == GREETED
        assert asked(shop.origin) == "gzip, deflate, br"


def test_what_ops_set_wins(shop):
    for value, expected in [("br", "br"), ("$http_accept_encoding", CHROME), ('""', None)]:
        server = shop(location=f"proxy_set_header Accept-Encoding {value};")
        ask(server, headers={"Accept-Encoding": CHROME})
        assert asked(shop.origin) == expected


def test_the_variable_says_what_the_client_sent(shop):
    likes = "map $http_accept_encoding $likes { ~zstd new; default old; } log_format likes $likes,$http_accept_encoding;"
    server = shop(location='add_header X-Asked "$http_accept_encoding" always;',
                  http=likes, server="access_log FOLDER/logs/likes.log likes;")
    assert ask(server, headers={"Accept-Encoding": CHROME}).header("X-Asked") == CHROME
    ask(server)
    log = server.folder / "logs/likes.log"
    harness.wait_until(lambda: log.read_text().splitlines() == [f"new,{CHROME}", "old,-"], "the log")


def test_the_variable_can_be_set(nginx):
    server = nginx(edge('set $http_accept_encoding "mine"; add_header X-Asked "$http_accept_encoding"; return 200;'))
    assert ask(server, headers={"Accept-Encoding": CHROME}).header("X-Asked") == "mine"


# --- The client still gets what it likes -------------------------------------------------------------------------------


@needs_brotli
def test_clients_get_brotli_and_vary_though_the_shop_is_asked_for_less(shop):
    server = shop(location="gzip on; gzip_min_length 10; gzip_vary on; brotli on; brotli_min_length 10;", page=BIG,
                  before=f"load_module {harness.BROTLI};")
    for accepted, coding in [(CHROME, "br"), ("gzip, zstd", "gzip"), ("zstd", None)]:
        answer = ask(server, headers={"Accept-Encoding": accepted})
        assert answer.header("Content-Encoding") == coding and decoded(answer) == greeted(BIG), accepted
        assert "Accept-Encoding" in answer.header("Vary")


@needs_brotli
def test_spliced_pages_are_sent_in_brotli_though_the_shop_is_asked_for_less(shop):
    server = shop(location="gzip on; brotli on; brotli_min_length 10; proxy_cache pages;", http=CACHE, page=BIG,
                  more=("Cache-Control: max-age=600",), before=f"load_module {harness.BROTLI};")
    for accepted, way in [(CHROME, "splice_br"), ("gzip, zstd", "splice_gzip")]:
        found = []
        harness.wait_until(lambda: found.append(ask(server, headers={"Accept-Encoding": accepted}))
                           or found[-1].header("X-Path") == way, way)
        assert decoded(found[-1]) == greeted(BIG)


def test_gunzip_looks_at_what_the_client_sent(shop):
    server = shop(location="gunzip on;", text=RULES + '    when: "false"\n')
    for accepted, coding in [("gzip, zstd", "gzip"), ("zstd", None)]:
        answer = ask(server, headers={"Accept-Encoding": accepted})
        assert answer.header("Content-Encoding") == coding and decoded(answer) == PAGE


def test_variants_in_the_cache_are_those_that_were_asked_for(shop):
    server = shop(location="proxy_cache pages;", http=CACHE, more=("Cache-Control: max-age=600",))
    for accepted in (CHROME, "gzip, deflate, br", "gzip, deflate, br, dcb", "identity", "zstd", "gzip") * 2:
        assert ask(server, headers={"Accept-Encoding": accepted}).body == GREETED, accepted
    assert sorted(headers["accept-encoding"] for _, headers in shop.origin.requests) == ["gzip", "gzip, deflate, br", "identity"]


def test_a_cache_of_a_shop_without_vary_serves_everybody(shop):
    def handler(path, headers, send):
        body, encoding = best_of(headers.get("accept-encoding", ""), PAGE)
        send(harness.html_response(body, *encoding, "Cache-Control: max-age=600"))

    server = shop(handler, "proxy_cache pages;", http=CACHE)
    for headers in ({"Accept-Encoding": CHROME}, {}, {"Accept-Encoding": "gzip"}, {}):
        assert ask(server, headers=headers).body == GREETED
    assert len(shop.origin.requests) == 1


# --- What is decoded ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", [PAGE, BIG], ids=["small", "big"])
@pytest.mark.parametrize("coding", ENCODERS)
def test_an_encoded_page_is_personalized(shop, coding, page):
    body = ENCODERS[coding](page)
    server = shop(lambda path, _, send: send(harness.html_response(body, f"Content-Encoding: {coding}")))
    for get in (ask, http2):
        answer = get(server, headers={"Accept-Encoding": coding})
        assert answer.body == greeted(page) and answer.header("Content-Encoding") is None
    head = ask(server, method="HEAD")
    assert head.header("Content-Encoding") is None and head.header("Content-Length") is None


@pytest.mark.parametrize("coding", ["br", "deflate", "gzip, br"])
def test_an_encoded_page_in_small_pieces_is_personalized(shop, coding):
    body = ENCODERS[coding](PAGE)

    def handler(path, _, send):
        send(harness.html_response(body, f"Content-Encoding: {coding}")[: -len(body)])
        for i in range(len(body)):
            send(body[i : i + 1])

    assert ask(shop(handler, "proxy_buffering off;")).body == GREETED


def test_fields_of_their_own_are_one_list(shop):
    body = brotli(gzip.compress(PAGE))
    headers = ("Content-Encoding: gzip", "Content-Encoding:", "Content-Encoding: br")
    for location in ("", "gunzip on;"):
        server = shop(lambda path, _, send: send(harness.html_response(body, *headers)), location)
        answer = ask(server)
        assert answer.body == GREETED and answer.header("Content-Encoding") is None


@pytest.mark.parametrize("coding", ["br", "deflate", "gzip, br", "gzip"])
def test_an_encoded_page_out_of_the_cache_is_spliced(shop, coding):
    body = {**ENCODERS, "gzip": gzip.compress}[coding](BIG)
    headers = (f"Content-Encoding: {coding}", "Cache-Control: max-age=600")
    server = shop(lambda path, _, send: send(harness.html_response(body, *headers)), "proxy_cache pages;", http=CACHE)
    assert ask(server).body == greeted(BIG)
    answer = spliced(server)
    assert answer.body == greeted(BIG) and answer.header("Content-Encoding") is None
    assert answer.header("Content-Length") == str(len(answer.body))
    assert len(shop.origin.requests) == 1


def test_encodings_of_one_type_are_told_apart(shop):
    bodies = {"/br": (brotli(PAGE), "br"), "/gzip": (gzip.compress(BIG), "gzip"), "/deflate": (zlib.compress(PAGE), "deflate")}

    def handler(path, _, send):
        body, coding = bodies.get(path, (PAGE, "identity"))
        send(harness.html_response(body, f"Content-Encoding: {coding}", "Cache-Control: max-age=600"))

    server = shop(handler, "proxy_cache pages;", http=CACHE)
    for _ in range(2):
        for path in (*bodies, "/plain"):
            assert spliced(server, path).body == greeted(BIG if path == "/gzip" else PAGE)


@pytest.mark.parametrize("suffix, encode", [("gz", gzip.compress), ("br", brotli)])
def test_an_encoding_that_ops_add_to_a_file_is_decoded_too(nginx, rules, suffix, encode):
    coding = {"gz": "gzip", "br": "br"}[suffix]
    personal = f"personalize on; personalize_rules {rules(RULES)}; {SHOW_PATH}"
    server = nginx(
        edge(
            f"root FOLDER/html; types {{ }} default_type text/html; add_header Content-Encoding {coding}; {personal}",
            f"location = /plain {{ alias FOLDER/html/page.html; default_type text/html; {personal} }}",
        )
    )
    (server.folder / f"html/page.html.{suffix}").symlink_to(old_file(encode(PAGE)))
    (server.folder / "html/page.html").symlink_to(old_file(PAGE))
    assert spliced(server, "/plain").body == GREETED
    for _ in range(4):
        answer = ask(server, f"/page.html.{suffix}")
        assert answer.body == GREETED and answer.header("Content-Encoding") is None


def test_an_encoding_that_ops_add_and_that_cannot_be_read_passes_untouched(nginx, rules):
    server = nginx(
        edge(f"root FOLDER/html; types {{ }} default_type text/html; add_header Content-Encoding zstd; personalize on;"
             f"personalize_rules {rules(RULES)}; {SHOW_PATH}", STATUS_PAGE)
    )
    server.file("page.html.zst", not_zstd(PAGE))
    for _ in range(4):
        answer = ask(server, "/page.html.zst")
        assert answer.body == not_zstd(PAGE) and answer.header("Content-Encoding") == "zstd"
        assert answer.header("Cache-Control") == "private"
    assert counters(server)["skipped"]["encoding"] == 4


def test_files_that_gzip_static_sends_are_spliced(nginx, rules):
    server = of_files(nginx, rules, location="gzip_static on;")
    (server.folder / "html/page.html.gz").symlink_to(old_file(gzip.compress(BIG)))
    for accepted, page in [(CHROME, BIG), ("br, zstd", PAGE)]:
        assert spliced(server, "/page.html", {"Accept-Encoding": accepted}).body == greeted(page)


# --- What is no encoding -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["none", "utf-8", "UTF8", "binary", "8bit", "identity", "text/html", "", "none, utf-8"])
def test_words_that_are_no_encoding_are_none(shop, word):
    server = shop(lambda path, _, send: send(harness.html_response(PAGE, f"Content-Encoding: {word}")))
    answer = ask(server)
    assert answer.body == GREETED
    assert answer.header("Content-Encoding") == word  # it is the shop's
    assert "Content-Encoding" not in server.log()


@pytest.mark.parametrize("word", ["utf-8", "identity", ""])
def test_a_page_with_such_a_word_never_gets_two_encodings(shop, word):
    headers = (f"Content-Encoding: {word}", "Cache-Control: max-age=600")
    server = shop(lambda path, _, send: send(harness.html_response(BIG, *headers)), "gzip on; proxy_cache pages;", http=CACHE)
    accepted = {"Accept-Encoding": "gzip"}
    path = "splice" if word else "splice_gzip"
    harness.wait_until(lambda: ask(server, headers=accepted).header("X-Path") == path, path)
    answer = ask(server, headers=accepted)
    assert [v for k, v in answer.header_list if k == "Content-Encoding"] == [word or "gzip"]
    assert (answer.body if word else gzip.decompress(answer.body)) == greeted(BIG)


# --- What cannot be read -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["zstd", "compress", "x-unknown", "gzip, zstd", "gzip, gzip, gzip, gzip", "base64"])
def test_what_cannot_be_read_passes_untouched_is_counted_and_told_once(shop, encoding):
    body = not_zstd(PAGE)
    other = "location /other { proxy_pass http://UPSTREAM; } personalize on;"
    server = shop(lambda path, _, send: send(harness.html_response(body, f"Content-Encoding: {encoding}", 'ETag: "v1"')),
                  server=other, workers=2)
    for _ in range(10):
        answer = ask(server)
        assert answer.body == body and answer.header("Content-Encoding") == encoding
        assert answer.header("X-Skipped") == "[encoding], encoding" and answer.header("ETag") == '"v1"'
    assert counters(server)["skipped"]["encoding"] == 10
    told = [line for line in server.log().splitlines() if "Content-Encoding" in line]
    assert len(told) == 1 and "[error]" in told[0] and 'location "/"' in told[0] and encoding in told[0]
    assert 'proxy_set_header Accept-Encoding "gzip, br";' in told[0]
    server.reload()
    for _ in range(10):
        ask(server)
    assert server.log().count("which cannot be read") == 2


@pytest.mark.parametrize("coding", ["br", "deflate", "Deflate", "gzip, br"])
def test_a_broken_body_harms_nobody_and_is_counted(shop, coding):
    whole = ENCODERS[coding](BIG)
    broken = [whole[: len(whole) // 2], whole[:-1], whole[:100] + b"\xff" * 500, b"<!DOCTYPE html> not encoded at all", whole[:1]]

    def handler(path, _, send):
        body = broken[int(path[1:])] if path != "/good" else whole
        send(harness.html_response(body, f"Content-Encoding: {coding}"))

    server = shop(handler)
    for i in range(len(broken)):
        answer = exchange(server.port, f"GET /{i} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        assert not answer or not Answer(answer).complete, i
        assert ask(server, "/good").body == greeted(BIG)
    assert counters(server)["bodies_broken"] == len(broken)
    assert "the page's encoded body is" in server.log()


def test_an_empty_encoded_body_is_an_empty_page(shop):
    answers = {
        coding: f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: {coding}\r\nConnection: close\r\n\r\n"
        for coding in ("gzip", "br", "deflate")
    }
    server = shop(lambda path, _, send: send(answers[path[1:]].encode()))
    for coding in answers:
        answer = ask(server, f"/{coding}")
        assert answer.complete and answer.body == b""


def test_a_brotli_bomb_streams_within_bounded_memory(shop):
    size = 100 * 1024 * 1024
    bomb = subprocess.run(["brotli", "-c", "-q", "5"], input=PAGE + b" " * size, capture_output=True, check=True).stdout
    server = shop(lambda path, _, send: send(harness.html_response(bomb, "Content-Encoding: br")))
    before = server.idle_memory()
    connection = HTTPConnection("127.0.0.1", server.port, timeout=harness.PATIENCE)
    connection.request("GET", "/")
    response, received, most = connection.getresponse(), 0, 0
    while piece := response.read(1 << 20):
        received += len(piece)
        if received % (10 << 20) < 1 << 20:
            most = max(most, server.memory() - before)
    assert received == len(GREETED) + size
    assert most < (200000 if harness.sanitized() else 40000), f"{most} kB"
