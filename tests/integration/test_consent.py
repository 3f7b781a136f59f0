"""Profiles are looked up only with the visitor's consent."""
# Part: integration, sanitizers

import json

import pytest

from clients import ask
from shop import PAGE, PROFILE_RULES, STRANGER, edge, named

# A core segment with consent to purposes 1, 5, 6 and 8, and one with purposes 1 to 4; no vendors.
TCF_YES = "CQuG2NAQuG2NAAHABBENDyEgAI0AAAAAABAgAAAAAAAA"
TCF_NO = "CQuG2NAQuG2NAAHABBENDyEgAPAAAAAAABAgAAAAAAAA"
IN_NEW_YORK, IN_HAMBURG = {"X-Forwarded-For": "198.51.100.1"}, {"X-Forwarded-For": "192.0.2.65"}


@pytest.fixture
def shop(nginx, origin, rules, redis, geo_database):
    redis.profile("ann", first_name="Ann")

    def start(directive=""):
        return nginx(
            edge(
                f"""personalize on; personalize_rules {rules(PROFILE_RULES)};
            personalize_redis unix:{redis.socket}; personalize_visitor $http_x_visitor; personalize_deadline 60s;
            personalize_geo {geo_database}; {directive}
            add_header X-Profile $personalize_profile_status;
            proxy_pass http://127.0.0.1:{origin(PAGE).port};""",
                """location = /status { personalize_status json; }
            set_real_ip_from 127.0.0.1; real_ip_header X-Forwarded-For;""",
            ),
            consent="",
        )

    return start


def known(server, **headers):
    """True if the visitor is greeted by name."""
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = ask(server, headers={"X-Visitor": "ann", **headers})
    assert answer.body in (named("Ann"), STRANGER)
    found = answer.body != STRANGER
    assert answer.header("X-Profile") == ("found" if found else "no_consent")
    return found


def queries(server):
    return json.loads(server.get("/status").body)["redis_queries"]


def test_without_a_word_about_consent_nobody_is_known(shop):
    server = shop()
    assert not known(server)
    assert not known(server, Cookie="consent=yes")
    assert queries(server) == 0, "somebody was looked up"


def test_a_shop_may_see_to_consent_elsewhere(shop):
    server = shop("personalize_consent off;")
    assert known(server) and known(server, Sec_GPC="1")


def test_browsers_refuse_whatever_the_cookies_say(shop):
    server = shop("personalize_consent required cookie=consent;")
    assert not known(server, Cookie="consent=yes", Sec_GPC="1")
    assert not known(server, Cookie="consent=yes", DNT="1")
    assert queries(server) == 0
    assert known(server, Cookie="consent=yes", Sec_GPC="0", DNT="null")


def test_the_shops_own_cookies_are_understood_as_configured(shop):
    server = shop("""personalize_consent required cookie=choice "expression=cookie == 'all'"
                                                  cookie=points "expression=int(cookie) > 3";""")  # fmt: skip
    assert known(server, Cookie="choice=all")
    assert not known(server, Cookie="choice=none")
    assert known(server, Cookie="points=4")
    assert not known(server, Cookie="points=3")
    for broken in ("points=many", "points=", "choice=\xff", "choice=" + "all" * 2000, "points=99999999999999999999"):
        assert not known(server, Cookie=broken)


def test_a_tcf_string_decides_over_the_shops_cookie(shop):
    server = shop("personalize_consent required cookie=consent countries=US;")
    assert known(server, Cookie=f"euconsent-v2={TCF_YES}")
    assert known(server, Cookie=f"euconsent-v2={TCF_YES}.YAAAAAAAAAAA")
    assert not known(server, Cookie=f"euconsent-v2={TCF_NO}; consent=yes")
    before = queries(server)
    for broken in (TCF_YES[:30], TCF_YES + "!", "B" + TCF_YES[1:], TCF_YES + ".a=b", "=" * 60, "A" * 5000):
        assert not known(server, **IN_NEW_YORK, Cookie=f"euconsent-v2={broken}; consent=yes"), broken
    assert queries(server) == before


def test_silence_is_consent_only_in_the_countries_named(shop):
    server = shop("personalize_consent required countries=US,CA;")
    assert known(server, **IN_NEW_YORK)
    assert not known(server, **IN_HAMBURG)
    assert not known(server), "no country, no consent"
    assert not known(server, **IN_NEW_YORK, Sec_GPC="1")
