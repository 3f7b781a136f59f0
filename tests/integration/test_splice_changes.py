"""Pages that were spliced and then change: what is sent is always the page as it is now."""
# Part: integration, sanitizers

import os

import pytest

import harness
from clients import ask
from shop import BIG, CARD, HERO, PAGE, RULES, SHOW_PATH, edge, greeted, of_files, old_files_of, settled
from splicing import spliced

OTHER = BIG.replace(b"One", b"Uno")  # of the same size
CHANGES = {
    "replaced": OTHER,
    "overwritten": OTHER,
    "overwritten with its old times": OTHER,
    "made longer": BIG + CARD * 50,
    "made shorter": BIG.replace(CARD * 1000, CARD * 10),
}


@pytest.fixture(scope="module")
def old_pages(tmp_path_factory):
    """A file of its own for each change, old enough to be kept."""
    pages = {how: tmp_path_factory.mktemp("page") / "page.html" for how in (*CHANGES, "many times")}
    for path in pages.values():
        path.write_bytes(BIG)
    settled(path)
    return pages


@pytest.fixture
def serve(nginx, rules):
    """serve(path): a server of that file, which has been spliced."""

    def start(path, location=""):
        server = nginx(
            edge(f"{SHOW_PATH} root FOLDER/html; personalize on; personalize_rules {rules(RULES)}; {location}")
        )
        (server.folder / "html" / "page.html").symlink_to(path)
        assert spliced(server, "/page.html").body == greeted(BIG)
        return server

    return start


@pytest.mark.parametrize("how", CHANGES)
def test_a_changed_file_shows_at_once(serve, old_pages, how):
    path, page = old_pages[how], CHANGES[how]
    server = serve(path)
    times = os.stat(path)
    if how == "replaced":
        new = path.with_suffix(".new")
        new.write_bytes(page)
        os.replace(new, path)
    else:
        path.write_bytes(page)
    if how == "overwritten with its old times":
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    for _ in range(4):
        assert ask(server, "/page.html").body == greeted(page)


def test_a_file_that_changes_all_the_time_is_never_sent_as_it_was_before(serve, old_pages):
    path = old_pages["many times"]
    server = serve(path)
    for i in range(60):
        page = PAGE.replace(b"One", b"%03d" % i)
        path.write_bytes(page)
        for _ in range(2):
            assert ask(server, "/page.html").body == greeted(page), i
    path.unlink()
    assert ask(server, "/page.html").status == 404


def test_files_of_the_same_size_are_told_apart(nginx, rules):
    server = of_files(nginx, rules)
    pages = tuple(PAGE.replace(b"One", b"%03d" % i) for i in range(20))
    for i, path in enumerate(old_files_of(pages)):
        (server.folder / "html" / f"p{i}.html").symlink_to(path)
    for i, page in enumerate(pages):
        assert spliced(server, f"/p{i}.html").body == greeted(page)


def test_a_cached_page_that_was_fetched_anew_shows_at_once(nginx, origin, rules):
    pages = [BIG.replace(b"One", b"%03d" % i) for i in range(4)]
    current = [0]
    upstream = origin(lambda path, headers, send: send(harness.html_response(pages[current[0]])))
    server = nginx(
        edge(
            f"""{SHOW_PATH} personalize on; personalize_rules {rules(RULES)};
        proxy_cache pages; proxy_cache_valid 200 1h; proxy_cache_bypass $arg_new;
        proxy_cache_key one; proxy_pass http://127.0.0.1:{upstream.port};""",
            http="proxy_cache_path FOLDER/temp/cache keys_zone=pages:1m;",
        )
    )
    for i, page in enumerate(pages):
        current[0] = i
        assert ask(server, "/?new=1").body == greeted(page)
        assert ask(server, "/").body == greeted(page)
        assert spliced(server, "/").body == greeted(page)


def test_the_same_file_with_other_rules_is_another_page(nginx, rules):
    other = rules(RULES.replace("Hello you", "Other rules"))
    server = of_files(
        nginx,
        rules,
        server=f"location /other/ {{ alias FOLDER/html/; {SHOW_PATH} personalize on; personalize_rules {other}; }}"
        "location /off/ { alias FOLDER/html/; personalize off; }",
        page=BIG,
    )
    for _ in range(2):
        assert spliced(server, "/page.html").body == greeted(BIG)
        assert spliced(server, "/other/page.html").body == BIG.replace(HERO, b"<b>Other rules</b>")
        assert ask(server, "/off/page.html").body == BIG
