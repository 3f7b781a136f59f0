"""What caches behind NGINX may keep: of pages that are different for every visitor nothing, and nothing of those that
only some visitors get as the backend made them."""
# Part: integration, sanitizers

import re

import pytest

import harness
from clients import ask, http2
from shop import GREETED, PAGE, RULES, SHOW, SHOW_PATH, STATUS_PAGE, counters, edge, of_files
from splicing import spliced

DATE = "Tue, 14 Nov 2023 22:13:20 GMT"

# Headers for the caches of some CDN, which go before Cache-Control.
TARGETED = [
    "CDN-Cache-Control",
    "Cloudflare-CDN-Cache-Control",
    "Vercel-CDN-Cache-Control",
    "Netlify-CDN-Cache-Control",
    "Akamai-Cache-Control",
    "fastly-cache-control",
    "X-LiteSpeed-Cache-Control",
    "Surrogate-Control",
    "Edge-Control",
]


def directives(answer):
    return sorted(d.strip().lower() for d in (answer.header("Cache-Control") or "").split(",") if d.strip())


@pytest.fixture
def shop(nginx, origin, rules):
    """shop(response headers or handler, location, …) → a personalizing NGINX in front of an origin."""

    def start(sent, location="personalize on;", http="", text=RULES, server="", page=PAGE):
        upstream = origin(sent if callable(sent) else lambda path, _, send: send(harness.html_response(page, *sent)))
        return nginx(
            edge(
                f"{SHOW} personalize_rules {rules(text)}; {location} proxy_pass http://127.0.0.1:{upstream.port};",
                STATUS_PAGE + server,
                http,
            )
        )

    return start


# --- Headers for some caches ----------------------------------------------------------------------------------------

SENT = [f"{name}: public, max-age=600" for name in TARGETED] + ["Pragma: public", "Cache-Control: public, max-age=60"]


def assert_no_cache_is_told_to_keep_it(answer):
    names = [name.lower() for name, _ in answer.header_list]
    assert [name for name in names if re.search("cache-control|surrogate|edge-c|x-accel|expires", name)] == ["cache-control"]
    assert "private" in directives(answer) and answer.header("Pragma") is None


@pytest.mark.parametrize("get", [ask, http2])
def test_headers_for_some_caches_do_not_leave_with_a_personalized_page(shop, get):
    server = shop([*SENT, "X-Accel-Expires: 600", f"Expires: {DATE}"], "personalize on; proxy_pass_header X-Accel-Expires;")
    answer = get(server)
    assert answer.body == GREETED
    assert_no_cache_is_told_to_keep_it(answer)
    assert_no_cache_is_told_to_keep_it(ask(server, method="HEAD"))


def test_nor_with_a_page_for_which_no_rule_won(shop):
    answer = ask(shop(SENT, text=RULES + '    when: "false"\n'))
    assert answer.body == PAGE and answer.header("X-Skipped") == "[no_rule_won]"
    assert_no_cache_is_told_to_keep_it(answer)


def test_nor_with_what_ops_add(nginx, rules):
    added = "".join(f'add_header {name} "max-age=600";' for name in [*TARGETED, "X-Accel-Expires"])
    server = of_files(nginx, rules, location=f"{added} add_header Pragma cache; expires 1h;")
    assert_no_cache_is_told_to_keep_it(ask(server, "/page.html"))
    answer = spliced(server, "/page.html")
    assert answer.body == GREETED
    assert_no_cache_is_told_to_keep_it(answer)
    unchanged = ask(server, "/page.html", {"If-None-Match": answer.header("ETag")})
    assert (unchanged.status, unchanged.header("X-Path")) == (304, "not_modified")
    assert_no_cache_is_told_to_keep_it(unchanged)


def test_what_is_no_page_keeps_its_headers_for_caches(shop):
    server = shop(lambda path, _, send: send(harness.html_response(PAGE, *SENT, content_type="text/css")))
    answer = ask(server, "/style")
    assert [f"{name}: {answer.header(name)}" for name in TARGETED] == SENT[: len(TARGETED)]
    assert answer.header("Pragma") == "public" and directives(answer) == ["max-age=60", "public"]


def test_pragma_no_cache_is_kept(shop):
    assert ask(shop(["Pragma: No-Cache"])).header("Pragma") == "No-Cache"


@pytest.mark.parametrize(
    "sent, kept",
    [
        (["no-store, max-age=60"], ["no-store", "private"]),
        (["public", "NO-STORE"], ["no-store", "private"]),
        (["must-revalidate, no-cache", "max-age=5"], ["must-revalidate", "no-cache", "private"]),
        (['no-cache="Set-Cookie, no-store"'], ["no-cache", "private"]),
        (['x="no-store, must-revalidate", max-age=0'], ["private"]),
    ],
)
def test_restrictions_of_the_backend_are_kept(shop, sent, kept):
    answer = ask(shop([f"Cache-Control: {value}" for value in sent]))
    assert answer.body == GREETED and directives(answer) == kept


# --- no-transform ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sent",
    [
        ["Cache-Control: public, max-age=60, no-transform"],
        ["Cache-Control: No-Transform"],
        ["Cache-Control: public", "cache-control: max-age=60 ,no-transform"],
    ],
)
def test_no_transform_is_obeyed_and_the_page_stays_everybody_s(shop, sent):
    server = shop([*sent, 'ETag: "v1"', "CDN-Cache-Control: max-age=600"])
    answer = ask(server)
    assert answer.body == PAGE and answer.header("X-Skipped") == "[no_transform]"
    assert directives(answer) == sorted(d.strip().lower() for s in sent for d in s.partition(":")[2].split(","))
    assert (answer.header("ETag"), answer.header("CDN-Cache-Control")) == ('"v1"', "max-age=600")
    assert counters(server)["skipped"]["no_transform"] == 1


@pytest.mark.parametrize("value", ['ext="no-transform, no-transform"', "x-no-transform", "no-transformations"])
def test_what_only_looks_like_no_transform_is_none(shop, value):
    answer = ask(shop([f"Cache-Control: {value}"]))
    assert answer.body == GREETED and directives(answer) == ["private"]


def test_no_transform_can_be_ignored_and_is_still_told_to_those_behind(shop):
    server = shop(
        ["Cache-Control: public, no-transform, max-age=60"],
        "personalize on; personalize_no_transform ignore;",
    )
    answer = ask(server)
    assert answer.body == GREETED and directives(answer) == ["no-transform", "private"]


def test_no_transform_of_a_file_s_own_location_is_for_those_behind(nginx, rules):
    server = of_files(nginx, rules, location='add_header Cache-Control "no-transform, max-age=60";')
    assert ask(server, "/page.html").body == GREETED
    answer = spliced(server, "/page.html")
    assert answer.body == GREETED and directives(answer) == ["no-cache", "no-transform", "private"]


def test_no_transform_of_a_cached_page_is_obeyed_too(shop):
    server = shop(
        ["Cache-Control: max-age=60, no-transform"],
        "personalize on; proxy_cache pages;",
        http="proxy_cache_path FOLDER/temp/cache keys_zone=pages:1m;",
    )
    assert [ask(server).body for _ in range(4)] == [PAGE] * 4


def test_a_wrong_word_for_no_transform_is_refused(tmp_path):
    code, text = harness.Nginx(tmp_path / "wrong", edge("personalize_no_transform maybe;")).check()
    assert code != 0 and 'invalid value "maybe"' in text


# --- Pages that only some visitors get personalized -------------------------------------------------------------------

MODES = """
map $http_user_agent $mode { default on; ~bot off; ~half dry_run; ~odd nonsense; }
"""
# Ways to leave some visitors out, by User-Agent: directives of the location.
LEFT_OUT = {
    "a variable": "personalize $mode;",
    "if off": "personalize on; if ($http_user_agent ~ bot|odd) { personalize off; }"
    " if ($http_user_agent ~ half) { personalize dry_run; }",
    "if on": "personalize off; set $m $mode; if ($m = dry_run) { personalize dry_run; } if ($m = on) { personalize on; }",
}


@pytest.fixture
def behind_a_cache(nginx, shop):
    """behind_a_cache(location) → (a cache that all visitors share, the personalizing NGINX that it asks)."""

    def start(location, sent=("Cache-Control: public, max-age=600", 'ETag: "v1"'), **options):
        server = shop(list(sent), location, http=MODES, **options)
        cache = nginx(
            """proxy_cache_path FOLDER/temp/cache keys_zone=all:1m;
            server { listen 127.0.0.1:PORT; location / { proxy_cache all; proxy_pass http://127.0.0.1:%d;
                     add_header X-Cache $upstream_cache_status; } }"""
            % server.port,
            module=False,
        )
        return cache, server

    return start


@pytest.mark.parametrize("visitor", ["bot", "half", "odd"])
@pytest.mark.parametrize("way", LEFT_OUT)
def test_who_is_left_out_leaves_no_copy_for_others(behind_a_cache, way, visitor):
    cache, server = behind_a_cache(LEFT_OUT[way])
    for _ in range(2):
        left_out = ask(cache, headers={"User-Agent": visitor})
        assert left_out.body == PAGE and directives(left_out) == ["private"]
        assert left_out.header("ETag") == '"v1"'  # it is the backend's page, and says so
        assert ask(cache, headers={"User-Agent": "human"}).body == GREETED
    assert ask(server, method="HEAD", headers={"User-Agent": visitor}).header("Cache-Control") == "private"


@pytest.mark.parametrize("mode", ["off", "dry_run"])
def test_where_nobody_is_personalized_pages_stay_public(behind_a_cache, mode):
    cache, _ = behind_a_cache(f"personalize {mode}; if ($http_user_agent ~ x) {{ personalize off; }}")
    first, second = ask(cache), ask(cache)
    assert first.body == second.body == PAGE and directives(first) == ["max-age=600", "public"]
    assert second.header("X-Cache") == "HIT"


def test_a_neighbour_that_is_personalized_makes_nothing_private(shop):
    server = shop(
        ["Cache-Control: public"],
        "personalize off; location /on/ { personalize on; proxy_pass http://127.0.0.1:1; } ",
    )
    assert directives(ask(server)) == ["public"]


@pytest.mark.parametrize("sent", [["Content-Type: text/css"], ["Cache-Control: no-transform"]])
def test_what_nobody_gets_changed_stays_public_for_those_left_out(shop, sent):
    def handler(path, _, send):
        content_type = sent[0].partition(": ")[2] if sent[0].startswith("Content-Type") else "text/html"
        send(harness.html_response(PAGE, "Cache-Control: public", *sent[-1:], content_type=content_type))

    server = shop(handler, "personalize $mode;", http=MODES)
    for visitor in ("bot", "half", "human"):
        answer = ask(server, headers={"User-Agent": visitor})
        assert answer.body == PAGE and "public" in directives(answer) and "private" not in directives(answer)


def test_a_page_without_a_slot_stays_public_for_those_left_out(shop):
    text = RULES.replace('select: "#hero"', 'select: "#hero", pages: ["/only/here"]')
    server = shop(["Cache-Control: public"], "personalize $mode;", http=MODES, text=text)
    for visitor in ("bot", "human"):
        assert directives(ask(server, "/else", {"User-Agent": visitor})) == ["public"]
        assert directives(ask(server, "/only/here", {"User-Agent": visitor})) == ["private"]


def test_those_left_out_still_get_parts_and_answers_to_conditions(nginx, rules):
    server = nginx(
        edge(f'root FOLDER/html; expires 1h; personalize $mode; personalize_rules {rules(RULES)}; {SHOW_PATH}', http=MODES)
    )
    server.file("page.html", PAGE, 1700000000)
    bot = {"User-Agent": "bot"}
    whole = ask(server, "/page.html", bot)
    assert whole.header("Last-Modified") == DATE and whole.header("Accept-Ranges") == "bytes"
    unchanged = ask(server, "/page.html", {**bot, "If-Modified-Since": DATE})
    part = ask(server, "/page.html", {**bot, "Range": "bytes=10-19"})
    assert (unchanged.status, part.status, part.body) == (304, 206, PAGE[10:20])
    for answer in (whole, unchanged, part):
        assert directives(answer) == ["private"] and answer.header("Expires") is None


def test_a_part_that_comes_from_the_backend_is_private_too(shop):
    def handler(path, _, send):
        headers = ("Content-Range: bytes 0-9/100", "Cache-Control: public")
        send(harness.html_response(PAGE[:10], *headers, status="206 Partial Content"))

    server = shop(handler, "personalize $mode;", http=MODES)
    for visitor in ("bot", "half"):
        answer = ask(server, headers={"User-Agent": visitor, "Range": "bytes=0-9"})
        assert (answer.status, answer.body, directives(answer)) == (206, PAGE[:10], ["private"])


def test_a_copy_in_an_encoding_that_cannot_be_read_is_private(behind_a_cache):
    packed = b"\x28\xb5\x2f\xfd not really"
    cache, _ = behind_a_cache("personalize on;", ["Cache-Control: public, max-age=600", "Content-Encoding: zstd"], page=packed)
    answer = ask(cache, headers={"Accept-Encoding": "zstd"})
    assert answer.body == packed and answer.header("X-Skipped") == "[encoding]" and directives(answer) == ["private"]
