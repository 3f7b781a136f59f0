"""Payment forms are left alone unless a slot says otherwise, and whoever edits them is told."""
# Part: integration

import subprocess

import pytest

import harness
from clients import ask, http2
from shop import SHOW_PATH, STATUS_PAGE, counters, edge, settled
from splicing import spliced

CARD = '<input autocomplete="section-x billing CC-Number">'
PAGES = {
    "after": f"<form><p id=x>old</p>{CARD}</form>",
    "before": f"<form>{CARD}<p id=x>old</p></form>",
    "outside": '<form id=pay><p id=x>old</p></form><p>b</p><input form=pay autocomplete="cc-csc">',
    "on": '<input id=x autocomplete="cc-number" title=old>',
    "around": f"<div id=x>old{CARD}</div>",
    "search": f"<form><p id=x>old</p><input name=q></form><form>{CARD}</form>",
}
SAFE = {"search"}


def rules_of(allow=False, do="{ replace: <b>new</b> }"):
    extra = ", allow_payment: true" if allow else ""
    return f"version: 1\nslots:\n  it: {{ select: '#x'{extra} }}\nrules:\n  - {{ id: it, slot: it, do: {do} }}\n"


def page_of(name):
    return f"<!doctype html><html><head><title>t</title></head><body>{PAGES[name]}</body></html>".encode()


@pytest.mark.parametrize("allow", [False, True])
def test_payment_forms_are_left_alone_unless_the_slot_allows_it(nginx, origin, rules, allow):
    upstream = origin(lambda path, headers, send: send(harness.html_response(page_of(path.strip("/")))))
    on = f"personalize on; personalize_rules {rules(rules_of(allow))}; {SHOW_PATH}"
    server = nginx(
        edge(
            f"{on} proxy_pass http://127.0.0.1:{upstream.port};",
            f"location /file/ {{ alias FOLDER/html/; {on} }} {STATUS_PAGE}",
        )
    )
    for name in PAGES:
        settled(server.file(f"{name}.html", page_of(name)))
        edited = allow or name in SAFE
        skipped = None if edited else "it=payment"
        streamed = ask(server, f"/{name}")
        assert streamed.header("X-Path") == "stream"
        assert (streamed.body == page_of(name)) == (not edited), (name, streamed.body)
        assert http2(server, f"/{name}").body == streamed.body
        again = spliced(server, f"/file/{name}.html")
        assert again.body == streamed.body, name
        assert again.header("X-Skipped") == skipped, name
    assert (counters(server)["payment_guarded"] >= 2 * len(PAGES) - 2) == (not allow)


@pytest.mark.parametrize("name", sorted(PAGES))
def test_check_and_explain_say_it(rules, tmp_path, name):
    page = tmp_path / "page.html"
    page.write_bytes(page_of(name))

    def tool(*arguments):
        return subprocess.run(
            [harness.BUILD / "personalize", *arguments, "--page", page], capture_output=True, text=True, check=False
        )

    for allow in (False, True):
        file = rules(rules_of(allow))
        checked = tool("check", "--strict", file)
        explained = tool("explain", "--rules", file, "--url", "http://x/")
        refused = not allow and name not in SAFE
        assert ("payment cards" in checked.stderr) == refused == (checked.returncode == 1), checked.stderr
        assert ("0 of 1 matches edited: payment" in explained.stderr) == refused, explained.stderr


def test_a_misspelt_key_is_found(rules):
    text = rules_of(True).replace("allow_payment", "allow_payments")
    checked = subprocess.run([harness.BUILD / "personalize", "check", rules(text)], capture_output=True, text=True, check=False)
    assert checked.returncode == 1 and "did you mean allow_payment?" in checked.stderr, checked.stderr
