"""What `check --page` says about edits is what `explain --page` and NGINX do."""
# Part: integration

import json
import random
import re
import subprocess

import pytest

import harness
from clients import ask
from shop import SHOW_PATH, edge, settled

SEED = 20261129
TOOL = harness.BUILD / "personalize"
PAGE = b"""<!doctype html>
<html><head><meta charset=utf-8><title id=title>Old</title><link id=link rel=icon href=x></head>
<body id=body><div id=div>old</div><p id=p>old</p><ul id=ul><li id=li data-k=1>1</li><li data-k=2>2</li></ul>
<table id=table><caption id=caption>c</caption><colgroup id=colgroup><col id=col></colgroup>
<thead id=thead><tr><th>h</th></tr></thead>
<tbody id=tbody><tr id=tr><td id=td>1</td></tr></tbody></table>
<select id=select><optgroup id=optgroup><option id=option>1</option></optgroup></select>
<textarea id=textarea>t</textarea>
<dl id=dl><dt>a</dt><dd>b</dd></dl><img id=img src=x><pre id=pre>p</pre><button id=button>b</button><a id=a href=x>link</a>
<svg id=svg><title id=svgtitle>t</title><g id=g></g></svg><script id=script>s()</script><style id=style>s{}</style>
<form id=form><input id=input></form><iframe id=iframe></iframe><noscript id=noscript>n</noscript><video id=video></video>
</body></html>
"""
ELEMENTS = ["head"] + re.findall(r"id=(\w+)", PAGE.decode())
CONTENTS = [
    "x", "<b>x</b>", "<p>x</p>", "<meta name=x>", "<title>x</title>", "<script>x()</script>", "<li>x</li>",
    "<tr><td>x</td></tr>", "<td>x</td>",
    "<tbody><tr><td>x</td></tr></tbody>", "<caption>x</caption>", "<col>", "<option>x</option>", "<dt>x</dt>", "<!-- x -->",
    "<form><input></form>", "<a href=/x>x</a>", "<svg><path/></svg>",
    "{{request.query.e}}", "<tr><td>{{request.query.e}}</td></tr>", "{{#request.query.e}}<li>{{.}}</li>{{/request.query.e}}",
    "{{^request.query.none}}text{{/request.query.none}}", "<link rel=x title='{{request.query.e}}'>",
]  # fmt: skip
OPERATIONS = ["before", "prepend", "append", "after", "inner", "replace"]
OTHERS = ["remove: true", "add_class: x", "reorder: { by: data-k, order: ['2', '1'] }", "reorder: { by: data-none, order: [x] }"]


def select(name):
    return name if name == "head" else "#" + name


SURE = {
    ("title", "replace"), ("title", "after"), ("title", "inner"), ("head", "append"), ("head", "prepend"), ("tbody", "append"),
    ("table", "prepend"), ("tr", "append"), ("ul", "reorder"), ("textarea", "inner"),
}  # fmt: skip


def cases():
    """Some of all of them, and those that are done most."""
    every = [
        (name, do)
        for name in ELEMENTS
        for do in [f"{operation}: {json.dumps(content)}" for operation in OPERATIONS for content in CONTENTS] + OTHERS
    ]
    chosen = random.Random(SEED).sample(every, 300)
    return chosen + [case for case in every if (case[0], case[1].split(":")[0]) in SURE and case not in chosen]


def run(*arguments):
    return subprocess.run([TOOL, *arguments], capture_output=True, check=False)


def rules_of(pairs):
    """Each edit is a slot and a rule of its own, which wins for its number."""
    slots = "".join(f"  s{i}: {{ select: '{select(name)}' }}\n" for i, (name, _) in pairs)
    edits = "".join(
        f"  - {{ id: r{i}, slot: s{i}, when: 'request.query[\"e\"] == \"{i}\"', do: {{ {do} }} }}\n" for i, (_, do) in pairs
    )
    return f"version: 1\nslots:\n{slots}rules:\n{edits}"


def test_check_explain_and_nginx_agree_about_every_edit(nginx, origin, rules, tmp_path):
    page = tmp_path / "page.html"
    page.write_bytes(PAGE)
    pairs = list(enumerate(cases()))
    file = rules(rules_of(pairs))
    assert run("check", file).returncode == 0, run("check", file).stderr
    checked = run("check", file, "--page", page).stderr.decode()
    warned = set()
    text = file.read_text().splitlines()
    for message in checked.splitlines():
        if "cannot be edited with" in message:
            line = int(message.split(":")[1])
            warned.add(int(re.match(r" *s(\d+):", text[line - 1]).group(1)))
    upstream = origin(PAGE)
    on = f"personalize on; personalize_rules {file}; {SHOW_PATH}"
    server = nginx(
        edge(
            f"{on} proxy_pass http://127.0.0.1:{upstream.port};",
            f"location /file/ {{ alias FOLDER/html/; {on} }}",
        )
    )
    settled(server.file("page.html", PAGE))
    wrong = []
    for i, (name, do) in pairs:
        explained = run("explain", "--rules", file, "--url", f"http://x/?e={i}", "--page", page, "--json")
        edit = json.loads(explained.stderr)["edits"][0]
        made = edit["reason"] == "none"
        if made == (i in warned):
            wrong.append((name, do, edit["reason"], "warned" if i in warned else "not warned"))
        streamed = ask(server, f"/?e={i}").body
        if streamed != explained.stdout or ask(server, f"/file/page.html?e={i}").body != streamed:
            wrong.append((name, do, "NGINX writes another page"))
    assert not wrong, (SEED, wrong)


@pytest.mark.parametrize(
    "name, do",
    [
        ("title", "replace: <title>New</title>"),
        ("title", "after: <meta name=x>"),
        ("title", "inner: New"),
        ("head", "append: <meta name=x>"),
        ("head", "prepend: <link rel=x href=/x>"),
        ("table", "prepend: <caption>x</caption>"),
        ("tbody", "append: <tr><td>x</td></tr>"),
        ("tbody", 'append: "<tr><td>{{request.query.e}}</td></tr>"'),
        ("tbody", 'append: "{{#request.query.e}}<tr><td>x</td></tr>{{/request.query.e}}"'),
        ("tr", "append: <td>x</td>"),
        ("select", "append: <option>x</option>"),
    ],
)
def test_edits_that_work_are_not_warned_of(rules, tmp_path, name, do):
    page = tmp_path / "page.html"
    page.write_bytes(PAGE)
    text = f"version: 1\nslots: {{ it: {{ select: '{select(name)}' }} }}\nrules:\n  - {{ id: it, slot: it, do: {{ {do} }} }}\n"
    checked = run("check", "--strict", rules(text), "--page", page)
    assert checked.returncode == 0 and not checked.stderr, checked.stderr


def warning(rules, tmp_path, page, selector, do="inner: x"):
    file = tmp_path / "page.html"
    file.write_text(page)
    path = rules(f"version: 1\nslots: {{ it: {{ select: '{selector}' }} }}\nrules:\n  - {{ id: it, slot: it, do: {{ {do} }} }}\n")
    checked = run("check", path, "--page", file).stderr.decode()
    explained = run("explain", "--rules", path, "--url", "http://x/", "--page", file).stderr.decode()
    return checked, explained


def test_tags_in_a_title_are_warned_of(rules, tmp_path):
    checked, _ = warning(rules, tmp_path, "<title>t</title>", "title", "inner: <b>x</b>")
    assert "matches a `<title>`" in checked and "tags show as they are written" in checked
    checked, _ = warning(rules, tmp_path, "<body><svg><title id=x>t</title></svg>", "#x", "inner: x")
    assert not checked


def test_a_reorder_by_what_no_child_has_is_said(rules, tmp_path):
    for page in ("<ul><li data-a=1>a<li>b</ul>", "<ul></ul>", "<ul>text</ul>", "<ul><li><b data-b=1>c</b></ul>"):
        checked, explained = warning(rules, tmp_path, page, "ul", "reorder: { by: data-b, order: [x] }")
        assert "no child of it has the attribute `data-b`" in checked, page
        assert "0 of 1 matches edited: no_key" in explained, page
    checked, explained = warning(rules, tmp_path, "<ul><li>a<li data-b=1>b</ul>", "ul", "reorder: { by: data-b, order: [x] }")
    assert not checked and "matches edited" not in explained


HIDDEN = """<!doctype html>
<body>
<noscript><p class=lazy>
<img class=hero></p></noscript>
<template><div class=card>
<p class=price>1</p></div></template>
<x-shop><template shadowrootmode=open>
<p class=inside>s</p></template></x-shop>
<noscript><template><i class=deep></i></template></noscript>
<textarea><p class=text></p></textarea>
<!-- <p class=comment> -->
<p class=real></p>
"""


@pytest.mark.parametrize(
    "selector, line, where",
    [
        (".hero", 4, "`<noscript>`"),
        ("noscript > p", 3, "`<noscript>`"),
        (".card > .price", 6, "`<template>`"),
        ("template .card", 5, "`<template>`"),
        ("x-shop .inside", 8, "a shadow root"),
        (".deep", 9, "`<template>`"),
        (".text", None, None),
        (".comment", None, None),
        (".nowhere", None, None),
    ],
)
def test_what_would_match_in_a_hidden_part_of_the_page_is_said(rules, tmp_path, selector, line, where):
    checked, explained = warning(rules, tmp_path, HIDDEN, selector)
    assert f"`{selector}` matches nothing in" in checked and "0 of 0 matches edited: no_match" in explained
    for said in (checked, explained):
        assert (f"it would match in line {line}, but that is in" in said) == (line is not None), said
        assert where is None or where in said, said
    checked, explained = warning(rules, tmp_path, HIDDEN, ".real")
    assert not checked and "would match" not in explained
