"""The ways a request may take through NGINX: internal redirects, subrequests, other filters, logs."""
# Part: integration, sanitizers

import re

import pytest

import harness
from clients import ask, http2
from shop import GREETED, GREETING, HERO, PAGE, PROFILE_RULES, RULES, SHOW, STRANGER, edge, named


@pytest.fixture
def shop(nginx, rules):
    """shop(server directives): personalizing at server level; page.html and others are in the root."""

    def start(server="", location="", http="", text=RULES):
        running = nginx(
            edge(
                location,
                f"{SHOW} root FOLDER/html; personalize on; personalize_rules {rules(text)}; {server}",
                http,
            )
        )
        running.file("page.html", PAGE)
        return running

    return start


@pytest.mark.parametrize(
    "server, location, path",
    [
        ("", "try_files $uri /page.html;", "/x"),
        ("location @shop { rewrite ^ /page.html break; }", "try_files $uri @shop;", "/x"),
        ("location @shop { rewrite ^ /page.html break; }", "error_page 404 = @shop;", "/x"),
        ("error_page 404 =200 /page.html;", "", "/x"),
        ("", "rewrite ^/old$ /page.html last;", "/old"),
        ("", "index page.html;", "/"),
        (
            "location /in { internal; alias FOLDER/html/; }",
            "rewrite ^/out/(.*)$ /in/$1 last;",
            "/out/page.html",
        ),
    ],
)
def test_pages_reached_by_internal_redirects_are_personalized(shop, server, location, path):
    running = shop(server, location)
    for get in (ask, http2):
        answer = get(running, path)
        assert (answer.status, answer.body) == (200, GREETED)
        assert answer.header("X-Decisions") == "[hero=greeting]"


def test_x_accel_redirect_is_personalized(shop, origin):
    upstream = origin(
        lambda path, headers, send: send(
            b"HTTP/1.1 200 OK\r\nX-Accel-Redirect: /page.html\r\nContent-Length: 0\r\n\r\n"
        )
    )
    running = shop(f"location /go {{ proxy_pass http://127.0.0.1:{upstream.port}; }}")
    assert ask(running, "/go").body == GREETED


def test_an_error_page_keeps_its_status_and_is_not_personalized(shop):
    running = shop("error_page 404 /page.html;")
    answer = ask(running, "/nowhere")
    assert (answer.status, answer.body) == (404, PAGE)


def test_an_error_page_after_a_failing_upstream_is_an_error_page(shop):
    running = shop("error_page 502 =503 /page.html; location /down { proxy_pass http://127.0.0.1:1; }")
    answer = ask(running, "/down")
    assert (answer.status, answer.body) == (503, PAGE)


def test_a_redirect_into_a_location_that_is_off_is_not_personalized(shop):
    running = shop("location = /plain.html { personalize off; }", "rewrite ^/x$ /plain.html last;")
    running.file("plain.html", PAGE)
    assert ask(running, "/x").body == PAGE


def test_a_redirect_from_a_location_that_is_off_is_personalized(shop):
    running = shop("location = /start { personalize off; rewrite ^ /page.html last; }")
    assert ask(running, "/start").body == GREETED


def test_a_redirect_to_a_location_with_other_rules_uses_those(shop, rules):
    other = rules(RULES.replace("Hello you", "Other rules"))
    running = shop(
        f"location @other {{ personalize_rules {other}; rewrite ^ /page.html break; }}",
        "try_files $uri @other;",
    )
    assert ask(running, "/x").body == PAGE.replace(HERO, b"<b>Other rules</b>")


def test_fetches_that_started_before_a_redirect_are_not_lost_or_doubled(nginx, rules, redis):
    redis.profile("ann", first_name="Ann")
    running = nginx(
        edge(
            "try_files $uri @shop;",
            f"""{SHOW} root FOLDER/html; personalize on; personalize_rules {rules(PROFILE_RULES)};
        personalize_redis unix:{redis.socket}; personalize_visitor $http_x_visitor; personalize_deadline 60s;
        location @shop {{ error_page 404 = @deeper; rewrite ^ /none.html break; }}
        location @deeper {{ rewrite ^ /page.html break; }}""",
        )
    )
    running.file("page.html", PAGE)
    for get in (ask, http2):
        answer = get(running, "/x", {"X-Visitor": "ann"})
        assert answer.body == named("Ann")
        assert answer.header("X-Profile") == "[found]"


def test_ssi_includes_are_put_together_before_the_page_is_personalized(shop):
    running = shop("ssi on;")
    before, after = PAGE.split(HERO)
    running.file("text.html", HERO)
    running.file(
        "ssi.html", before + b'<!--# include virtual="/text.html" -->' + after + b'<!--# echo var="uri" -->'
    )
    for get in (ask, http2):
        assert get(running, "/ssi.html").body == before + GREETING + after + b"/ssi.html"


def test_a_slot_that_comes_from_an_ssi_include_is_personalized_once(shop, origin):
    upstream = origin(lambda path, headers, send: send(harness.html_response(b"<i id=hero>part</i>")))
    running = shop(f"ssi on; location /part {{ proxy_pass http://127.0.0.1:{upstream.port}; }}")
    running.file("ssi.html", b'<p>a</p><!--# include virtual="/part" --><p>b</p>')
    assert ask(running, "/ssi.html").body == b"<p>a</p><i id=hero>" + GREETING + b"</i><p>b</p>"


def test_additions_around_a_page_do_not_confuse_it(shop):
    running = shop("location = /page.html { add_before_body /before.html; add_after_body /after.html; }")
    running.file("before.html", b"<header>before</header>")
    running.file("after.html", b"<footer>after</footer>")
    body = ask(running, "/page.html").body
    assert body.startswith(b"<header>before</header>") and body.endswith(b"<footer>after</footer>")
    assert body.count(GREETING) == 1


def test_a_subrequest_for_authorization_is_left_alone(shop, origin):
    asked = []

    def allow(path, headers, send):
        asked.append(path)
        send(
            harness.html_response(PAGE)
            if headers.get("x-visitor") != "evil"
            else harness.html_response(b"", status="403 No")
        )

    running = shop(
        f"location = /auth {{ internal; proxy_pass http://127.0.0.1:{origin(allow).port}; }}",
        "auth_request /auth;",
    )
    running.file("in/page.html", PAGE)
    assert ask(running, "/in/page.html").body == GREETED
    assert ask(running, "/in/page.html", {"X-Visitor": "evil"}).status == 403
    assert asked == ["/auth", "/auth"]


def test_access_rules_stay_in_force(shop):
    running = shop(
        "location /closed/ { deny all; } location /any/ { satisfy any; deny all; auth_basic closed; "
        "auth_basic_user_file FOLDER/html/page.html; }"
    )
    running.file("closed/page.html", PAGE)
    running.file("any/page.html", PAGE)
    assert ask(running, "/closed/page.html").status == 403
    assert ask(running, "/any/page.html").status == 401


def test_mirrored_requests_are_not_personalized_and_disturb_nothing(shop, origin):
    seen = []
    upstream = origin(lambda path, headers, send: (seen.append(path), send(harness.html_response(PAGE))))
    running = shop(
        f"location = /mirror {{ internal; proxy_pass http://127.0.0.1:{upstream.port}; }}", "mirror /mirror;"
    )
    assert ask(running, "/page.html").body == GREETED
    harness.wait_until(lambda: seen, "the mirrored request")


def test_other_body_filters_see_what_they_expect(shop):
    running = shop("sub_filter 'No offer' 'An offer'; sub_filter_once on;")
    assert ask(running, "/page.html").body == GREETED.replace(b"No offer", b"An offer")


def test_a_post_gets_its_answer_personalized_with_its_body_intact(shop, origin):
    upstream = origin(lambda path, headers, send: send(harness.html_response(PAGE)))
    running = shop(location=f"proxy_pass http://127.0.0.1:{upstream.port};")
    answer = running.get("/", method="POST", headers={"Content-Length": "0"})
    assert answer.body in (GREETED, PAGE) and answer.status == 200


def test_return_and_errors_of_nginx_itself_are_left_alone(shop):
    running = shop("location = /r { return 200 'plain text'; } location = /moved { return 301 /page.html; }")
    assert ask(running, "/r").body == b"plain text"
    assert ask(running, "/moved").status == 301
    assert b"nginx" in ask(running, "/nowhere").body


def test_every_variable_works_in_log_format(nginx, origin, rules, redis):
    redis.profile("ann", first_name="Ann")
    upstream = origin(PAGE)
    log = (
        "log_format p '$uri decisions=$personalize_decisions skipped=$personalize_skipped "
        "missed=$personalize_deadline_missed "
        "profile=$personalize_profile_status time=$personalize_time;';"
    )
    running = nginx(
        edge(
            f"""access_log FOLDER/logs/p.log p; personalize on; personalize_rules {rules(PROFILE_RULES)};
        personalize_redis unix:{redis.socket}; personalize_visitor $http_x_visitor; personalize_deadline 60s;
        proxy_pass http://127.0.0.1:{upstream.port};""",
            http=log,
            server=f"""
        location /off {{ access_log FOLDER/logs/p.log p; proxy_pass http://127.0.0.1:{upstream.port}; }}""",
        )
    )
    for path, headers in (
        ("/ann", {"X-Visitor": "ann"}),
        ("/bob", {"X-Visitor": "bob"}),
        ("/nobody", {}),
        ("/off", {}),
    ):
        ask(running, path, headers)
    path = running.folder / "logs/p.log"
    lines = harness.wait_until(
        lambda: (found := path.read_text().splitlines()) and len(found) == 4 and found, "four lines"
    )
    line = dict(zip(["ann", "bob", "nobody", "off"], lines))
    assert re.fullmatch(
        r"/ann decisions=hero=named skipped=-? missed=0?-? profile=found time=\d+;", line["ann"]
    ), line
    assert re.fullmatch(
        r"/bob decisions=hero=stranger skipped=-? missed=0?-? profile=not_found time=\d+;", line["bob"]
    ), line
    assert re.fullmatch(
        r"/nobody decisions=hero=stranger skipped=-? missed=0?-? profile=\S+ time=\d+;", line["nobody"]
    ), line
    assert re.match(r"/off decisions=-? skipped=\S+ ", line["off"]), line
    assert 0 < int(re.search(r"time=(\d+)", line["ann"])[1]) < 1_000_000


def test_every_variable_works_in_add_header(nginx, origin, rules, redis):
    redis.profile("ann", first_name="Ann")
    running = nginx(
        edge(
            f"""{SHOW} personalize on; personalize_rules {rules(PROFILE_RULES)};
        personalize_redis unix:{redis.socket}; personalize_visitor $http_x_visitor; personalize_deadline 60s;
        proxy_pass http://127.0.0.1:{origin(PAGE).port};"""
        )
    )
    for get in (ask, http2):
        answer = get(running, "/", {"X-Visitor": "ann"})
        assert answer.body == named("Ann")
        assert answer.header("X-Decisions") == "[hero=named]"
        assert answer.header("X-Profile") == "[found]"
        assert answer.header("X-Skipped") == "[]"
        assert answer.header("X-Deadline-Missed") in ("[0]", "[]")
        assert re.fullmatch(r"\[\d+\]", answer.header("X-Time"))
    answer = ask(running)
    assert answer.body == STRANGER and answer.header("X-Decisions") == "[hero=stranger]"


def test_variables_may_be_asked_before_there_is_an_answer(nginx, origin, rules):
    running = nginx(
        edge(
            f"""set $early "$personalize_decisions$personalize_skipped$personalize_time"; {SHOW}
        personalize on; personalize_rules {rules(RULES)}; proxy_set_header X-Early $early;
        proxy_pass http://127.0.0.1:{origin(PAGE).port};"""
        )
    )
    answer = ask(running)
    assert answer.body == GREETED and answer.header("X-Decisions") == "[hero=greeting]"
