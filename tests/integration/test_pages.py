"""What merchandisers write is what visitors see: every operation on real pages, through NGINX."""
# Part: integration, sanitizers

import html

import pytest

import harness
from clients import ask, http2
from shop import GREETED, HERO, PAGE, RULES, edge


@pytest.fixture
def show(nginx, origin, rules):
    """show(slots, rule operations, page, content type) → the personalized page."""

    def run(select, do, page=PAGE):
        slots = f"version: 1\nslots:\n  it: {{ select: '{select}' }}\n"
        text = f"{slots}rules:\n  - id: it\n    slot: it\n    do: {do}\n"
        upstream = origin(page) if isinstance(page, bytes) else origin(page)
        server = nginx(
            edge(
                f"personalize on; personalize_rules {rules(text)};"
                f"proxy_pass http://127.0.0.1:{upstream.port};"
            )
        )
        first = ask(server)
        assert http2(server).body == first.body and first.complete
        return first.body

    return run


BOX = b'<div class="box wide" id="hero">'


@pytest.mark.parametrize(
    "do, before, after",
    [
        ('{ inner: "<b>new</b>" }', HERO, b"<b>new</b>"),
        ('{ prepend: "<b>new</b>" }', HERO, b"<b>new</b>" + HERO),
        ('{ append: "<b>new</b>" }', HERO, HERO + b"<b>new</b>"),
        ('{ before: "<b>new</b>" }', BOX, b"<b>new</b>" + BOX),
        ('{ after: "<b>new</b>" }', HERO + b"</div>", HERO + b"</div><b>new</b>"),
        ('{ replace: "<b>new</b>" }', BOX + HERO + b"</div>", b"<b>new</b>"),
        ("{ remove: true }", BOX + HERO + b"</div>", b""),
        ('{ set_attribute: { name: title, value: "a \\"b\\" & <c>" } }', BOX, None),
        ("{ remove_attribute: class }", BOX, None),
        ('{ add_class: "hot wide" }', BOX, None),
        ("{ remove_class: wide }", BOX, None),
    ],
)
def test_each_operation_changes_its_place_and_not_a_byte_elsewhere(show, do, before, after):
    page = show("#hero", do)
    head, tail = PAGE.split(before)
    assert page.startswith(head) and page.endswith(tail)
    changed = page[len(head) : len(page) - len(tail)]
    if after is not None:
        assert changed == after
    elif "set_attribute" in do:
        assert b'title="a &quot;b&quot; &amp; ' in changed and b'id="hero"' in changed
    elif "remove_attribute" in do:
        assert b"class" not in changed and b'id="hero"' in changed
    elif "add_class" in do:
        assert b'"box wide hot"' in changed
    else:
        assert b"wide" not in changed and b"box" in changed


def test_children_are_reordered(show):
    page = b"<ul id=hero><li data-sku=1>One</li><li data-sku=2>Two</li><li data-sku=3>Three</li></ul>"
    body = show("#hero", '{ reorder: { by: data-sku, order: ["3", "1"] } }', page)
    assert body == b"<ul id=hero><li data-sku=3>Three</li><li data-sku=1>One</li><li data-sku=2>Two</li></ul>"


@pytest.mark.parametrize(
    "select, marks",
    [
        ("li", 2),
        ("li.item", 2),
        ("ul li", 2),
        ("ul > li", 2),
        ("body li.item", 2),
        ('[data-sku="2"]', 1),
        ("[data-sku]", 2),
        ("#hero", 1),
        (".box.wide", 1),
        ("p.offer", 1),
        ("div.offer", 0),
        ("#Hero", 0),
        ("DIV#hero", 1),
        ("html body.shop #hero", 1),
        ("#hero li", 0),
        ("title", 1),
        ("script div", 0),
        ("ul li, p.offer", 3),
        ("li + li", 1),
        ("li:first-child", 1),
        ("li:nth-child(2)", 1),
        (":not(li).item", 0),
    ],
)
def test_selectors_find_elements_as_in_a_browser(show, select, marks):
    assert show(select, "{ add_class: marked }").count(b"marked") == marks


def test_end_tags_that_are_left_out_end_where_a_browser_ends_them(show):
    body = show('[data-sku="1"]', '{ inner: "new" }')
    assert body == PAGE.replace(b">One<", b">new<")


def test_slots_inside_scripts_comments_and_titles_do_not_exist(show):
    page = (
        b"<!DOCTYPE html><title><div id=hero></title><script>'<div id=hero></div>'</script>"
        b"<!-- <div id=hero></div> -->"
        b"<textarea><div id=hero></div></textarea><style><div id=hero></style><p>end</p>"
    )
    assert show("#hero", '{ inner: "new" }', page) == page


@pytest.mark.parametrize(
    "charset, text",
    [
        ("utf-8", "Grüße ☂"),
        ("iso-8859-1", "Grüße"),
        ("windows-1251", "Привет"),
        ("shift_jis", "こんにちは"),
        ("gb18030", "你好"),
    ],
)
def test_pages_of_other_encodings_stay_readable(show, charset, text):
    page = f"<!DOCTYPE html><p>{text}</p><div id=hero>old</div>".encode(charset)
    body = show(
        "#hero",
        '{ inner: "Grüße ☂" }',
        lambda path, headers, send: send(
            harness.html_response(page, content_type=f"text/html; charset={charset}")
        ),
    )
    shown = html.unescape(body.decode(charset))
    assert shown == f"<!DOCTYPE html><p>{text}</p><div id=hero>Grüße ☂</div>"


def test_utf_16_pages_pass_untouched(show):
    page = "\ufeff<!DOCTYPE html><div id=hero>old</div>".encode("utf-16-le")
    assert (
        show(
            "#hero",
            '{ inner: "new" }',
            lambda path, headers, send: send(harness.html_response(page, content_type="text/html")),
        )
        == page
    )


@pytest.mark.parametrize(
    "page",
    [
        b"",
        b" ",
        b"no markup at all",
        b"<",
        b"<div id=hero",
        b"\x00\x00\x00",
        bytes(range(256)) * 20,
        b"<" * 5000,
        b"<a" * 5000,
        b"</div>" * 5000,
        b"<div>" * 5000,
        b"<!--" * 5000,
        b"<table>" * 2000 + b"<td id=x>" * 2000,
    ],
)
def test_pages_without_the_slot_come_out_byte_for_byte(show, page):
    assert show("#elsewhere", '{ inner: "new" }', page) == page


def test_a_slot_at_the_end_of_a_very_long_page_is_found(nginx, origin, rules):
    filler = b"<p>text <a href='/x?y=1&amp;z'>link</a></p>\n" * 100000
    server = nginx(
        edge(
            f"personalize on; personalize_rules {rules(RULES)};"
            f"proxy_pass http://127.0.0.1:{origin(filler + PAGE).port};"
        )
    )
    assert ask(server).body == filler + GREETED


def test_an_attribute_of_a_megabyte_streams_through(nginx, origin, rules):
    image = b"<img alt=x src='data:image/png;base64," + b"QUJD" * 250000 + b"'>"
    server = nginx(
        edge(
            f"personalize on; personalize_rules {rules(RULES)};"
            f"proxy_pass http://127.0.0.1:{origin(image + PAGE + image).port};"
        )
    )
    assert ask(server).body == image + GREETED + image


def test_many_slots_on_one_page_are_all_filled(nginx, origin, rules):
    count = 200
    page = b"<!DOCTYPE html>" + b"".join(b"<div id=s%d>old</div>\n" % i for i in range(count))
    text = (
        "version: 1\nslots:\n"
        + "".join(f'  s{i}: {{ select: "#s{i}" }}\n' for i in range(count))
        + "rules:\n"
        + "".join(f"  - {{ id: r{i}, slot: s{i}, do: {{ inner: 'new {i}' }} }}\n" for i in range(count))
    )
    server = nginx(
        edge(
            f"""personalize on; personalize_rules {rules(text)};
                            add_header X-Decisions $personalize_decisions;
                            proxy_pass http://127.0.0.1:{origin(page).port};"""
        )
    )
    answer = ask(server)
    assert answer.body == b"<!DOCTYPE html>" + b"".join(
        b"<div id=s%d>new %d</div>\n" % (i, i) for i in range(count)
    )
    assert answer.header("X-Decisions") == ",".join(f"s{i}=r{i}" for i in range(count))
