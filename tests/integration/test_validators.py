"""Length, validators, caching and ranges: what a browser or a cache may believe about a personalized page."""
# Part: integration, sanitizers

import gzip

import pytest

import harness
from clients import ask, http2
from shop import GREETED, PAGE, RULES, SHOW, edge

DATE = "Tue, 14 Nov 2023 22:13:20 GMT"
WHEN = 1700000000


def whole(body, *headers):
    return harness.html_response(body, *headers)


@pytest.fixture
def shop(nginx, origin, rules):
    def start(handler, location="", server="", http="", text=RULES):
        upstream = origin(handler)
        return nginx(
            edge(
                f"{SHOW} root FOLDER/html; personalize on; personalize_rules {rules(text)}; {location}"
                f"proxy_pass http://127.0.0.1:{upstream.port};",
                server,
                http,
            )
        )

    return start


@pytest.fixture
def files(nginx, rules):
    def start(mode="on"):
        server = nginx(
            edge(f"{SHOW} root FOLDER/html; personalize {mode}; personalize_rules {rules(RULES)};")
        )
        server.file("page.html", PAGE, WHEN)
        server.file("page.txt", PAGE, WHEN)
        return server

    return start


def assert_says_nothing_about_the_original(answer):
    assert answer.header("ETag") is None or "v1" not in answer.header("ETag")
    assert answer.header("Last-Modified") is None
    assert answer.header("Accept-Ranges") in (None, "none")
    assert answer.header("Content-Length") in (None, str(len(answer.body)))


@pytest.mark.parametrize("get", [ask, http2])
def test_a_personalized_page_loses_the_original_s_validators_and_length(shop, get):
    server = shop(
        lambda path, headers, send: send(
            whole(PAGE, 'ETag: "v1"', f"Last-Modified: {DATE}", "Accept-Ranges: bytes")
        )
    )
    answer = get(server)
    assert answer.body == GREETED
    assert_says_nothing_about_the_original(answer)


def test_a_personalized_file_loses_its_validators_and_length(files):
    server = files()
    answer = ask(server, "/page.html")
    assert answer.body == GREETED
    assert_says_nothing_about_the_original(answer)
    assert ask(server, "/page.txt").header("ETag") is not None


def test_strong_digests_of_the_original_are_not_passed_on(shop):
    server = shop(lambda path, headers, send: send(whole(PAGE, "Content-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==")))
    answer = ask(server)
    assert answer.body == GREETED and answer.header("Content-MD5") is None


@pytest.mark.parametrize(
    "sent",
    [
        [],
        ["Cache-Control: public, max-age=600"],
        ["Cache-Control: max-age=600", "Cache-Control: public"],
        ["Cache-Control: s-maxage=600"],
        ["cache-control: PUBLIC"],
        ["Cache-Control: private, max-age=5"],
        ["Expires: Thu, 31 Dec 2037 23:55:55 GMT", "Cache-Control: max-age=315360000"],
    ],
)
def test_a_personalized_page_is_private(shop, sent):
    answer = ask(shop(lambda path, headers, send: send(whole(PAGE, *sent))))
    directives = [d.strip().lower() for d in answer.header("Cache-Control").split(",")]
    assert "private" in directives
    assert "public" not in directives and not any(d.startswith("s-maxage") for d in directives)
    assert directives.count("private") == 1


def test_no_store_stays_no_store(shop):
    answer = ask(shop(lambda path, headers, send: send(whole(PAGE, "Cache-Control: no-store"))))
    assert "no-store" in answer.header("Cache-Control")


@pytest.mark.parametrize(
    "directive", ["expires 1h;", "expires max;", 'add_header Cache-Control "public, max-age=60";']
)
def test_what_ops_configure_for_caches_does_not_make_it_public(shop, directive):
    answer = ask(shop(PAGE, location=directive))
    directives = [d.strip() for d in answer.header("Cache-Control").split(",")]
    assert answer.body == GREETED
    assert "private" in directives and "public" not in directives


def test_pages_that_are_not_personalized_keep_their_headers(shop):
    def handler(path, headers, send):
        send(
            harness.html_response(
                PAGE,
                'ETag: "v1"',
                f"Last-Modified: {DATE}",
                "Cache-Control: public",
                content_type="text/plain",
            )
        )

    answer = ask(shop(handler))
    assert (answer.header("ETag"), answer.header("Last-Modified"), answer.header("Cache-Control")) == (
        '"v1"',
        DATE,
        "public",
    )
    assert answer.header("Content-Length") == str(len(PAGE))


@pytest.mark.parametrize(
    "condition",
    [
        {"If-None-Match": '"v1"'},
        {"If-None-Match": "*"},
        {"If-Modified-Since": DATE},
        {"If-None-Match": 'W/"v1"', "If-Modified-Since": DATE},
        {"If-Match": '"v2"'},
        {"If-Unmodified-Since": "Mon, 13 Nov 2023 22:13:20 GMT"},
    ],
)
@pytest.mark.parametrize("source", ["proxy", "cache", "file"])
def test_a_conditional_request_gets_the_personalized_page(shop, files, condition, source):
    def handler(path, headers, send):
        if "if-none-match" in headers or "if-modified-since" in headers:
            send(b'HTTP/1.1 304 Not Modified\r\nETag: "v1"\r\nConnection: close\r\n\r\n')
        else:
            send(whole(PAGE, 'ETag: "v1"', f"Last-Modified: {DATE}", "Cache-Control: max-age=60"))

    if source == "file":
        server = files()
        etag = f'"{WHEN:x}-{len(PAGE):x}"'
        condition = {k: v.replace('"v1"', etag) for k, v in condition.items()}
    else:
        cached = source == "cache"
        server = shop(
            handler,
            "proxy_cache pages;" if cached else "",
            http="proxy_cache_path FOLDER/temp/cache keys_zone=pages:1m;" if cached else "",
        )
        ask(server, "/page.html")
    for get in (ask, http2):
        answer = get(server, "/page.html", condition)
        # A page that is spliced by now has a validator of its own, and `*` is any.
        if condition != {"If-None-Match": "*"} or answer.status != 304:
            assert (answer.status, answer.body) == (200, GREETED)


@pytest.mark.parametrize("source", ["cache", "file"])
@pytest.mark.parametrize(
    "ranged",
    [
        {"Range": "bytes=0-99"},
        {"Range": "bytes=100-199,300-399"},
        {"Range": "bytes=-10"},
        {"Range": "bytes=999999-"},
        {"Range": "bytes=0-9", "If-Range": DATE},
    ],
)
def test_a_range_request_gets_the_whole_personalized_page(shop, files, source, ranged):
    if source == "file":
        server = files()
    else:
        server = shop(
            lambda path, headers, send: send(
                whole(PAGE, "Cache-Control: max-age=60", f"Last-Modified: {DATE}")
            ),
            "proxy_cache pages;",
            http="proxy_cache_path FOLDER/temp/cache keys_zone=pages:1m;",
        )
        ask(server, "/page.html")
    answer = ask(server, "/page.html", ranged)
    assert (answer.status, answer.body) == (200, GREETED)
    assert answer.header("Content-Range") is None


def test_a_part_of_a_page_sent_by_the_origin_is_passed_on_as_it_is(shop):
    part = (
        f"HTTP/1.1 206 Partial Content\r\nContent-Type: text/html\r\nContent-Length: 100\r\n"
        f"Content-Range: bytes 150-249/{len(PAGE)}\r\n\r\n"
    ).encode() + PAGE[150:250]
    answer = ask(shop(lambda path, headers, send: send(part)))
    assert (answer.status, answer.body) == (206, PAGE[150:250])
    assert answer.header("Content-Range") == f"bytes 150-249/{len(PAGE)}"


def test_files_that_are_not_personalized_still_answer_ranges_and_conditions(files):
    server = files()
    answer = ask(server, "/page.txt", {"Range": "bytes=10-19"})
    assert (answer.status, answer.body) == (206, PAGE[10:20])
    assert ask(server, "/page.txt", {"If-Modified-Since": DATE}).status == 304
    assert ask(server, "/page.txt", {"If-None-Match": answer.header("ETag")}).status == 304
    assert ask(server, "/page.txt", {"If-Match": '"other"'}).status == 412


def test_a_dry_run_leaves_every_header_and_byte_as_it_was(nginx, origin, rules):
    headers = (
        'ETag: "v1"',
        f"Last-Modified: {DATE}",
        "Cache-Control: public, max-age=60",
        "Accept-Ranges: bytes",
        "Vary: Cookie",
    )
    upstream = origin(lambda path, _, send: send(whole(PAGE, *headers)))
    server = nginx(
        edge(
            f"personalize dry_run; personalize_rules {rules(RULES)};"
            f"proxy_pass http://127.0.0.1:{upstream.port};",
            f"location /off {{ personalize off; proxy_pass http://127.0.0.1:{upstream.port}; }}",
        )
    )
    dry, off = ask(server, "/dry"), ask(server, "/off")
    without_date = lambda answer: [h for h in answer.header_list if h[0] != "Date"]  # noqa: E731
    assert without_date(dry) == without_date(off)
    assert dry.body == off.body == PAGE


def test_a_dry_run_reports_what_it_would_have_done(files):
    answer = ask(files("dry_run"), "/page.html")
    assert answer.body == PAGE
    assert answer.header("X-Decisions") == "[hero=greeting]"
    assert answer.header("X-Skipped") != "[]"
    assert answer.header("ETag") is not None


def test_a_dry_run_passes_compressed_pages_compressed(nginx, origin, rules):
    packed = gzip.compress(PAGE)
    upstream = origin(lambda path, _, send: send(whole(packed, "Content-Encoding: gzip")))
    server = nginx(
        edge(
            f"{SHOW} personalize dry_run; personalize_rules {rules(RULES)};"
            f"proxy_pass http://127.0.0.1:{upstream.port};"
        )
    )
    answer = ask(server, headers={"Accept-Encoding": "gzip"})
    assert answer.body == packed and answer.header("Content-Encoding") == "gzip"
    assert answer.header("Content-Length") == str(len(packed))


def test_a_dry_run_answers_conditions_and_ranges_like_the_original(files):
    server = files("dry_run")
    answer = ask(server, "/page.html", {"Range": "bytes=10-19"})
    assert (answer.status, answer.body) == (206, PAGE[10:20])
    assert ask(server, "/page.html", {"If-Modified-Since": DATE}).status == 304


def test_a_page_nobody_has_rules_for_keeps_its_headers(shop):
    text = RULES.replace('select: "#hero"', 'select: "#hero", pages: ["/only/here"]')
    server = shop(
        lambda path, headers, send: send(whole(PAGE, 'ETag: "v1"', "Cache-Control: public")), text=text
    )
    elsewhere = ask(server, "/else")
    assert elsewhere.body == PAGE
    assert (elsewhere.header("ETag"), elsewhere.header("Cache-Control")) == ('"v1"', "public")
    assert elsewhere.header("Content-Length") == str(len(PAGE))
    assert elsewhere.header("X-Skipped") != "[]"
    here = ask(server, "/only/here")
    assert here.body == GREETED and "private" in here.header("Cache-Control")


def test_a_page_whose_content_depends_on_the_visitor_is_private_for_every_visitor(shop):
    text = RULES + '    when: request.path == "/greeted"\n'
    server = shop(
        lambda path, headers, send: send(whole(PAGE, 'ETag: "v1"', "Cache-Control: public, max-age=600")),
        text=text,
    )
    assert "private" in ask(server, "/greeted").header("Cache-Control")
    plain = ask(server, "/plain")
    assert plain.body == PAGE
    assert "public" not in plain.header("Cache-Control")
