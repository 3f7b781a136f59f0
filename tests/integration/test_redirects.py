"""Internal redirects into a location where other profiles, or another visitor's, are to be used."""
# Part: integration, sanitizers

import time

import pytest

import harness
from clients import ask, http2
from fake_redis import FakeRedis
from shop import PAGE, PROFILE_RULES, SHOW, STRANGER, edge, named, old_file

ANN = {"X-Visitor": "ann", "X-Other-Visitor": "bob"}


@pytest.fixture
def second_redis(tmp_path):
    server = harness.Redis(tmp_path / "redis2").start()
    yield server
    server.stop()


@pytest.fixture
def shop(nginx, rules, origin, redis):
    """shop(location of the page, other locations): every visitor has a profile; page.html is in /in/."""
    redis.profile("ann", first_name="Ann")
    redis.profile("bob", first_name="Bob")

    def start(inside, outside="", server="", visitor="$http_x_visitor"):
        accel = origin(
            lambda path, headers, send: send(
                b"HTTP/1.1 200 OK\r\nX-Accel-Redirect: /in/page.html\r\nContent-Length: 0\r\n\r\n"
            )
        )
        running = nginx(
            edge(
                f"root FOLDER/html; {inside}",
                f"""{SHOW} root FOLDER/html; personalize on; personalize_rules {rules(PROFILE_RULES)};
                personalize_redis unix:{redis.socket}; personalize_visitor {visitor}; personalize_deadline 60s; {server}
                location = /direct {{ try_files /in/page.html =404; }}
                location = /try_files {{ try_files /nothing /in/page.html; }}
                location = /index/ {{ index /in/page.html; }}
                location = /error_page {{ error_page 404 =200 /in/page.html; }}
                location = /x_accel {{ proxy_pass http://127.0.0.1:{accel.port}; }}
                location @named {{ rewrite ^ /in/page.html last; }}
                location = /named {{ try_files /nothing @named; }}
                location = /rewrite {{ rewrite ^ /in/page.html last; }}
                {outside}""",
                path="/in/",
            )
        )
        running.file("in/page.html", PAGE)
        return running

    return start


WAYS = ["/try_files", "/index/", "/error_page", "/x_accel", "/named", "/rewrite", "/in/page.html"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "inside, shown, status",
    [
        ("personalize_redis off;", STRANGER, "unavailable"),
        ("personalize_visitor $http_x_other_visitor;", named("Bob"), "found"),
        ("personalize_visitor $cookie_nobody;", STRANGER, "not_needed"),
        ("personalize_redis unix:{other};", named("Other Ann"), "found"),
        ("personalize_redis unix:{same} prefix=eu:;", named("European Ann"), "found"),
        ("personalize_redis unix:{same} db=1;", STRANGER, "not_found"),
        ("personalize_consent required;", STRANGER, "no_consent"),
    ],
)
def test_the_profile_is_the_one_of_the_location_that_the_page_comes_from(
    shop, redis, second_redis, way, inside, shown, status
):
    second_redis.profile("ann", first_name="Other Ann")
    redis.profile("ann", prefix="eu:", first_name="European Ann")
    server = shop(inside.replace("{other}", second_redis.socket).replace("{same}", redis.socket))
    assert ask(server, "/direct", ANN).body == named("Ann")
    for get in (ask, http2):
        answer = get(server, way, ANN)
        assert (answer.body, answer.header("X-Profile")) == (shown, f"[{status}]")


@pytest.mark.parametrize("way", WAYS)
def test_the_same_directives_may_mean_another_visitor_after_a_redirect(shop, way):
    server = shop(
        "set $who bob;", server="set $who ann;", visitor="$who"
    )
    assert ask(server, "/direct").body == named("Ann")
    assert ask(server, way).body == named("Bob")


def test_a_redirect_within_one_location_may_change_the_visitor(shop):
    server = shop("if ($uri ~ /page) { set $who bob; } try_files $uri /in/page.html;", server="set $who ann;", visitor="$who")
    assert ask(server, "/in/nothing").body == named("Bob")


def test_a_profile_is_asked_for_once_where_directives_agree(shop, redis):
    server = shop(
        f"personalize_redis unix:{redis.socket}; personalize_visitor $http_x_visitor; personalize_deadline 60s;"
    )
    for way in WAYS:
        before = int(redis.command("INFO", "commandstats").partition("cmdstat_hmget:calls=")[2].split(",")[0] or 0)
        assert ask(server, way, ANN).body == named("Ann")
        after = int(redis.command("INFO", "commandstats").partition("cmdstat_hmget:calls=")[2].split(",")[0])
        assert after == before + 1, way


def test_the_cache_of_profiles_is_the_one_of_the_location_that_the_page_comes_from(shop, redis):
    server = shop(
        "personalize_profile_cache off;",
        server="personalize_profile_cache zone=p:1m valid=1h;",
    )
    assert ask(server, "/direct", ANN).body == named("Ann")
    redis.profile("ann", first_name="Anna")
    assert ask(server, "/direct", ANN).body == named("Ann")
    for way in WAYS:
        assert ask(server, way, ANN).body == named("Anna"), way


def test_a_redirect_does_not_give_profiles_more_time(shop, origin):
    """The deadline of an hour would keep the page until the client gives up."""
    store = FakeRedis(lambda command, _: time.sleep(60))

    def slow(path, headers, send):
        time.sleep(0.3)
        send(b"HTTP/1.1 200 OK\r\nX-Accel-Redirect: /in/page.html\r\nContent-Length: 0\r\n\r\n")

    server = shop(
        f"personalize_redis {store.address}; personalize_deadline 1h;",
        f"location = /slow {{ personalize_deadline 1ms; proxy_pass http://127.0.0.1:{origin(slow).port}; }}",
    )
    answer = ask(server, "/slow", ANN)
    assert (answer.body, answer.header("X-Profile")) == (STRANGER, "[deadline]")
    store.stop()


@pytest.mark.parametrize("way", [way for way in WAYS if way != "/x_accel"])  # what an upstream names is streamed
def test_a_page_that_the_visitor_has_is_not_sent_again_after_a_redirect(shop, second_redis, way):
    second_redis.profile("ann", first_name="Other Ann")
    server = shop(f"personalize_redis unix:{second_redis.socket};")
    page = server.folder / "html/in/page.html"
    page.unlink()
    page.symlink_to(old_file(PAGE))
    etag = harness.wait_until(lambda: ask(server, way, ANN).header("ETag"), "a spliced page")
    answer = ask(server, way, {**ANN, "If-None-Match": etag})
    assert (answer.status, answer.body) == (304, b"")
