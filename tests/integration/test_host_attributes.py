"""What NGINX itself tells rules: header fields, its variables, the nonce of the response's policy."""
# Part: integration, sanitizers

import re

import pytest

import harness
from clients import ask, http2
from shop import HERO, PAGE, RULES, SHOW_PATH, edge, of_files
from splicing import spliced


def rule(when="true", content="yes"):
    return (
        'version: 1\nslots: { hero: { select: "#hero" } }\n'
        f"rules: [ {{ id: it, slot: hero, when: '{when}', do: {{ inner: '{content}' }} }} ]\n"
    )


def shown(answer):
    """What stands in the slot; None: what the page has there."""
    found = re.search(rb'<div class="box wide" id="hero">(.*?)</div>', answer.body)[1]
    return None if found == HERO else found.decode("utf-8", "replace")


@pytest.fixture
def shop(nginx, origin, rules):
    def start(text, location="", server="", http="", page=PAGE):
        return nginx(
            edge(
                f"""personalize on; personalize_rules {rules(text)}; {location}
                proxy_pass http://127.0.0.1:{origin(page).port};""",
                server,
                http,
            )
        )

    return start


def test_rules_read_the_header_fields_that_the_configuration_names(shop):
    server = shop(
        rule('request.headers["CF-IPCountry"] == "NO"', "{{request.headers.cf-ipcountry}} {{request.headers.x_segment}}"),
        "personalize_headers CF-IPCountry X-Segment;",
    )
    for get in (ask, http2):
        assert shown(get(server, headers={"cf-ipcountry": "NO", "X-segment": "<b>"})) == "NO &lt;b&gt;"
        assert shown(get(server, headers={"CF-IPCountry": "SE"})) is None
        assert shown(get(server)) is None
        assert shown(get(server, headers={"CF-IPCountry": "NO", "X-Segment": "x" * 3000})) == "NO "


def test_rules_in_lua_read_header_fields_in_any_case(shop, rules):
    script = rules(
        """
rule {
  id = "it", slot = "hero",
  when = function(c) return c.request.headers["CF-IPCountry"] == "NO" and c.request.headers.other == nil end,
  content = function(c) return c.request.headers["X_Segment"] .. c.nginx.share end,
}
""",
        "rules.lua",
    )
    server = shop(
        'version: 1\nslots: { hero: { select: "#hero" } }\nrules: []\n',
        f"personalize_rules {script}; personalize_headers CF-IPCountry X-Segment; personalize_attribute share $share;",
        http='split_clients "one" $share { 100% half; }',
    )
    assert shown(ask(server, headers={"CF-IPCOUNTRY": "NO", "X-Segment": "s"})) == "shalf"


def test_rules_read_variables_that_the_configuration_names(shop):
    server = shop(
        rule('nginx.share == "a" || has(nginx.who)', "{{nginx.share}}/{{nginx.who}}/{{nginx.both}}"),
        "personalize_attribute share $share; personalize_attribute who $who; "
        "personalize_attribute both $arg_visitor-$request_method; set $who $arg_who;",
        "location /plain/ { return 404; }",
        "split_clients $arg_visitor $share { 50% a; * b; }",
    )
    pages = [shown(ask(server, f"/?visitor={i}")) for i in range(30)]
    assert 2 < pages.count(None) < 28
    assert {page for page in pages if page} == {f"a//{i}-GET" for i, page in enumerate(pages) if page}
    assert shown(ask(server, "/?visitor=0&who=%3Cb%3E")).split("/", 1)[1] == "%3Cb%3E/0-GET"


def test_a_variable_is_what_it_is_when_the_response_has_come(shop):
    def handler(path, headers, send):
        send(harness.html_response(PAGE, f"X-Segment: s{path[-1]}"))

    server = shop(
        rule("true", "{{nginx.segment}} {{nginx.checked}}"),
        """personalize_attribute segment $upstream_http_x_segment; personalize_attribute checked $checked;
        auth_request /auth; auth_request_set $checked $upstream_http_x_checked;""",
        "location = /auth { internal; proxy_pass http://127.0.0.1:PORT/checked; }"
        "location = /checked { add_header X-Checked $remote_addr; return 204; }",
        page=handler,
    )
    assert [shown(ask(server, f"/{i}")) for i in range(3)] == [f"s{i} 127.0.0.1" for i in range(3)]


def test_each_location_has_its_own_variables_also_after_a_redirect(nginx, rules):
    path = rules(rule("true", "{{nginx.a}} {{nginx.b}}"))
    server = nginx(
        edge(
            "personalize_attribute a $uri; try_files /no @other;",
            f"""personalize on; personalize_rules {path}; personalize_attribute b $scheme; root FOLDER/html;
            location @other {{ personalize_attribute a $request_method; try_files /page.html =404; }}
            location /as/ {{ try_files /page.html =404; }}""",
        )
    )
    server.file("page.html", PAGE)
    assert shown(ask(server, "/")) == "GET "
    assert shown(ask(server, "/as/")) == " http", "together they replace those of the level above"


def test_variables_of_the_module_itself_do_not_harm(shop):
    server = shop(
        rule("true", "[{{nginx.a}}{{nginx.b}}]"),
        "personalize_attribute a $mapped; personalize_attribute b $sent_http_x_skipped; add_header X-Skipped $mapped;",
        http='map "$personalize_decisions$personalize_skipped$personalize_path" $mapped { default "$personalize_decisions"; }',
    )
    assert shown(ask(server)) == "[]"


SCRIPT = '<script nonce="{{page.csp_nonce}}">window.rain = true</script>'
NONCE = re.compile(rb'<script nonce="(.*?)">window.rain')


def nonce(answer):
    return NONCE.search(answer.body)[1].decode()


def with_policy(*policies):
    answers = iter(range(1_000_000))

    def handler(path, headers, send):
        number = next(answers)
        send(harness.html_response(PAGE, *(policy.replace("#", str(number)) for policy in policies)))

    return handler


@pytest.mark.parametrize(
    "policies, expected",
    [
        (["Content-Security-Policy: script-src 'nonce-r4nd0m'"], "r4nd0m"),
        (["content-security-policy: default-src 'self'; script-src 'nonce-a+/b='"], "a+/b="),
        (["Content-Security-Policy: img-src *", "Content-Security-Policy: script-src 'nonce-two'"], "two"),
        (["Content-Security-Policy-Report-Only: script-src 'nonce-r4nd0m'"], ""),
        (["Content-Security-Policy: script-src 'nonce-a\"><script>alert(1)</script>'"], ""),
        (["X-Content-Security-Policy: script-src 'nonce-r4nd0m'"], ""),
        ([], ""),
    ],
)
def test_scripts_of_rules_carry_the_nonce_of_the_response_s_policy(shop, policies, expected):
    page = PAGE.replace(b"<head>", b"<head><meta http-equiv=Content-Security-Policy content=\"script-src 'nonce-meta'\">")

    def handler(path, headers, send):
        send(harness.html_response(page.replace(b"<script>", b"<script nonce=page>"), *policies))

    server = shop(rule("true", SCRIPT), page=handler)
    for get in (ask, http2):
        assert nonce(get(server)) == expected


def test_a_policy_that_does_not_reach_the_browser_gives_no_nonce(shop):
    server = shop(
        rule("true", SCRIPT),
        "proxy_hide_header Content-Security-Policy;",
        page=with_policy("Content-Security-Policy: script-src 'nonce-a'"),
    )
    assert nonce(ask(server)) == ""


def test_each_response_has_its_own_nonce(shop):
    server = shop(rule("true", SCRIPT), page=with_policy("Content-Security-Policy: script-src 'nonce-n#'"))
    answers = [ask(server) for _ in range(5)]
    assert [nonce(answer) for answer in answers] == [f"n{i}" for i in range(5)]
    for answer in answers:
        assert f"'nonce-{nonce(answer)}'" in answer.header("Content-Security-Policy")


def test_spliced_pages_carry_the_nonce_of_their_cached_policy(nginx, origin, rules):
    upstream = origin(with_policy("Content-Security-Policy: script-src 'nonce-n#'"))
    server = nginx(
        edge(
            f"""personalize on; personalize_rules {rules(rule("true", SCRIPT))}; {SHOW_PATH}
            proxy_cache pages; proxy_cache_valid 200 1h; proxy_pass http://127.0.0.1:{upstream.port};""",
            http="proxy_cache_path FOLDER/temp/cache keys_zone=pages:1m;",
        )
    )
    answer = spliced(server)
    assert nonce(answer) == "n0" and "'nonce-n0'" in answer.header("Content-Security-Policy")


@pytest.mark.parametrize("how", ["", "gzip on; gzip_min_length 1;"])
def test_a_nonce_that_nginx_itself_adds_is_that_of_each_response(nginx, rules, how):
    server = of_files(
        nginx,
        rules,
        f"""{how} add_header Content-Security-Policy "script-src 'nonce-$request_id'";""",
        rule("true", SCRIPT),
    )
    seen = set()
    for number in range(6):
        for method in ("GET", "HEAD"):
            answer = ask(server, "/page.html", {"If-None-Match": '"x"'}, method=method)
            assert answer.status == 200
            if method == "GET":
                seen.add(nonce(answer))
                assert f"'nonce-{nonce(answer)}'" in answer.header("Content-Security-Policy")
                assert answer.body == PAGE.replace(HERO, SCRIPT.replace("{{page.csp_nonce}}", nonce(answer)).encode())
    assert len(seen) == 6 and "" not in seen


def test_pages_whose_rules_read_no_nonce_are_spliced_beside_a_policy(nginx, rules):
    server = of_files(
        nginx, rules, """add_header Content-Security-Policy "script-src 'nonce-$request_id'";""", RULES
    )
    assert b"Hello you" in spliced(server, "/page.html").body


@pytest.mark.parametrize(
    "directive, complaint",
    [
        ("personalize_headers;", "number of arguments"),
        ("personalize_headers 'CF IPCountry';", "cannot be the name of a header field; write it like CF-IPCountry"),
        ("personalize_headers X-A: ;", "cannot be the name of a header field"),
        ("personalize_headers Cookie;", "name those that rules may see: personalize_cookies"),
        ("personalize_headers X-A AUTHORIZATION;", "passwords and tokens"),
        ("personalize_headers proxy_authorization;", "passwords and tokens"),
        ("personalize_attribute a;", "number of arguments"),
        ("personalize_attribute $a a;", '"$a" cannot be a name in rules; write it like segment'),
        ("personalize_attribute a.b $uri;", '"a.b" cannot be a name in rules'),
        ("personalize_attribute 1a $uri;", '"1a" cannot be a name in rules'),
        ("personalize_attribute a uri;", '"uri" contains no variable; write it like $jwt_claim_sub'),
        ("personalize_attribute a $http_authorization;", "has passwords and sessions"),
        ("personalize_attribute a $http_cookie;", "has passwords and sessions"),
        ("personalize_attribute a ${http_cookie};", "has passwords and sessions"),
        ("personalize_attribute a $scheme-$http_authorization-;", "has passwords and sessions"),
        ("personalize_attribute a a${personalize_decisions};", "and not before"),
        ("personalize_attribute a $uri; personalize_attribute a $args;", 'there are two values for "a"'),
        ("personalize_attribute a x$personalize_decisions;", "is known when rules have been decided"),
        ("personalize_attribute a ${personalize_path};", "is known when rules have been decided"),
    ],
)
def test_a_mistake_in_these_directives_fails_the_check_with_its_place(tmp_path, directive, complaint):
    status, said = harness.Nginx(tmp_path / "checked", edge("", server=directive)).check()
    assert status != 0 and complaint in said and "nginx.conf:" in said, said
