"""Spliced pages for clients that accept gzip or Brotli: assembled from compressed parts."""
# Part: integration, sanitizers

import functools
import gzip
import subprocess

import pytest

import harness
from clients import ask, http2
from shop import BIG, RULES, SHOW_PATH, counters, edge, greeted, of_files, with_cards

WAYS = {"gzip": "splice_gzip", "br": "splice_br", None: "splice"}
ON = "gzip on; gzip_min_length 100; gzip_vary on; brotli on; brotli_min_length 100;"
LOAD_BROTLI = f"load_module {harness.BROTLI};"

needs_brotli = pytest.mark.skipif(harness.BROTLI is None, reason="libnginx-mod-http-brotli-filter is missing")


def unpack(answer):
    coding = answer.header("Content-Encoding")
    if coding == "gzip":
        return gzip.decompress(answer.body)
    if coding == "br":
        return subprocess.run(["brotli", "-dc"], input=answer.body, capture_output=True, check=True).stdout
    return answer.body


def packed(server, accepted, coding, path="/page.html"):
    """The page once it is there in that coding."""
    headers = {"Accept-Encoding": accepted}
    harness.wait_until(lambda: ask(server, path, headers).header("X-Path") == WAYS[coding], f"{coding} of {path}")
    answer = ask(server, path, headers)
    assert answer.header("Content-Encoding") == coding
    return answer


@pytest.fixture
def files(nginx, rules):
    return functools.partial(of_files, nginx, rules, page=BIG)


def test_a_module_that_compresses_in_a_way_that_is_not_known_is_left_alone_with_a_warning(files):
    server = files(location="gzip on; brotli on;", before=f"load_module {harness.BUILD}/other_brotli.so;")
    assert "[warn]" in (told := next(line for line in server.log().splitlines() if "brotli" in line))
    assert "this version of ngx_http_brotli_filter_module cannot be read" in told
    for accepted, coding in [("br", None), ("gzip, br", "gzip")]:
        assert unpack(packed(server, accepted, coding)) == greeted(BIG)


@needs_brotli
def test_a_client_gets_the_coding_that_it_likes_best(files):
    server = files(location=ON, before=LOAD_BROTLI)
    for accepted, coding in [
        ("gzip, deflate, br", "br"),
        ("gzip;q=0.9, br;q=0.8", "gzip"),
        ("gzip;q=0.8, br;q=0.9", "br"),
        ("br", "br"),
        ("*", "br"),
        ("gzip", "gzip"),
        ("gzip, br;q=0", "gzip"),
        ("br;q=0.0, identity", None),
        ("deflate, zstd", None),
    ]:
        answer = packed(server, accepted, coding)
        assert unpack(answer) == greeted(BIG), accepted
        assert answer.header("Vary") == "Accept-Encoding"


@needs_brotli
def test_every_coding_has_a_name_of_its_own_and_head_says_the_same(files):
    server = files(location=ON, before=LOAD_BROTLI)
    names = set()
    for accepted, coding in [("gzip", "gzip"), ("br", "br"), ("identity", None)]:
        accepted = {"Accept-Encoding": accepted}
        get = packed(server, accepted["Accept-Encoding"], coding)
        assert get.header("Content-Length") == str(len(get.body))
        names.add(get.header("ETag"))
        head = ask(server, "/page.html", accepted, method="HEAD")
        assert {n: v for n, v in head.header_list if n != "Date"} == {n: v for n, v in get.header_list if n != "Date"}
        again = http2(server, "/page.html", accepted)
        assert again.header("ETag") == get.header("ETag") and again.body == get.body
        for condition in (get.header("ETag"), f'"other", W/{get.header("ETag")}', "*"):
            answer = ask(server, "/page.html", {**accepted, "If-None-Match": condition})
            assert (answer.status, answer.body, answer.header("X-Path")) == (304, b"", "not_modified"), condition
            assert answer.header("ETag") == get.header("ETag") and answer.header("Vary") == "Accept-Encoding"
    assert len(names) == 3 and counters(server)["plans_built"] == 1
    other = ask(server, "/page.html", {"Accept-Encoding": "gzip", "If-None-Match": ", ".join(names - {get.header("ETag")})})
    assert other.status == 304  # one of several


@needs_brotli
def test_a_page_that_is_streamed_or_not_yet_packed_is_left_to_the_modules_that_compress(files):
    server = files(location=ON, before=LOAD_BROTLI, text=RULES.replace("Hello you", "Hello {{request.query.name}}"))
    for accepted, coding in [("br", "br"), ("gzip", "gzip")]:
        first = ask(server, "/page.html?name=you", {"Accept-Encoding": accepted})
        assert first.header("X-Path") in ("stream", "splice") and first.header("Content-Encoding") == coding
        assert unpack(first) == greeted(BIG)


@needs_brotli
def test_a_module_that_would_compress_too_early_is_refused(tmp_path, rules):
    server = harness.Nginx(tmp_path / "late", edge("brotli on; root FOLDER/html;"), main=LOAD_BROTLI)
    code, text = server.check()
    assert code != 0 and "ngx_http_brotli_filter_module must be loaded before" in text


@pytest.mark.parametrize("where", ["server", "location"])
def test_directives_count_from_wherever_they_are_inherited(files, rules, where):
    settings = "gzip on; gzip_min_length 20k;"
    personal = f"alias FOLDER/html/; personalize on; personalize_rules {rules(RULES)}; {SHOW_PATH}"
    server = files(
        location=settings if where == "location" else "",
        http=settings if where == "server" else "",
        server=f"location /off/ {{ gzip off; {personal} }} location /large/ {{ gzip on; gzip_min_length 10m; {personal} }}",
    )
    accepted = {"Accept-Encoding": "gzip"}
    assert unpack(packed(server, "gzip", "gzip")) == greeted(BIG)
    for unwanted in ({}, {"Accept-Encoding": "br"}, {"Accept-Encoding": "gzip;q=0"}):
        assert ask(server, "/page.html", unwanted).header("X-Path") == "splice"
    assert ask(server, "/page.html", accepted, version="1.0").header("Content-Encoding") is None  # gzip_http_version
    assert ask(server, "/page.html", {**accepted, "Via": "1.1 proxy"}).header("Content-Encoding") is None
    for path in ("/off/page.html", "/large/page.html"):
        answers = [ask(server, path, accepted) for _ in range(3)]
        assert answers[-1].header("X-Path") == "splice"
        assert answers[-1].header("Content-Encoding") is None


def test_content_that_is_the_same_for_all_is_compressed_once_and_well(files):
    words = " ".join(f"word{i * 7919 % 1000}" for i in range(800)) * 3  # further apart than a hurried look goes back
    common = "do: { inner: \"<p>" + words + "</p>\" }"
    own = "do: { inner: \"<p>" + words + "{{request.query.nothing}}</p>\" }"
    text = f"""
version: 1
slots:
  hero: {{ select: "#hero" }}
rules:
  - {{ id: own, slot: hero, when: 'request.query["own"] == "1"', {own} }}
  - {{ id: common, slot: hero, {common} }}
"""
    server = files(text=text, location="gzip on; gzip_min_length 100;", page=with_cards(100))
    answers = [packed(server, "gzip", "gzip", f"/page.html?{query}") for query in ("own=1", "own=0", "own=0")]
    bodies = [gzip.decompress(answer.body) for answer in answers]
    assert words.encode() in bodies[0] and bodies[0] == bodies[1] == bodies[2]
    sizes = [len(answer.body) for answer in answers]
    assert sizes[1] == sizes[2] < 0.9 * sizes[0], "what is compressed for one visitor is compressed in a hurry"
