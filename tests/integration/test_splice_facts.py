"""Facts of pages that have a splice plan: they are kept with it, and change nothing of the page."""
# Part: integration, sanitizers

import pytest

from clients import ask
from shop import BIG, GREETING, HERO, RULES, SHOW_PATH, counters, of_files
from splicing import only_root, spliced, zone_memory

PAGE = BIG.replace(
    b"</body>",
    b"<p data-order-id='A&amp;1001'></p><script type='application/ld+json'>"
    b'{"@type": "Product", "name": "T\\u0069de Boots", "sku": "T-1"}</script></body>',
)
EVENTS = """
events:
  view_item: { pages: ["/p/*"], item_id: "request.path_segment[1]" }
"""
FACTS = """
  purchase: { pages: ["/page.html"], transaction_id: page.order }
facts:
  order: { select: "[data-order-id]", attribute: data-order-id }
"""
ZONE = 8 * 1024 * 1024


@pytest.fixture
def serve(nginx, rules):
    """serve(): the page with rules of several kinds, by path."""

    def start():
        texts = {"none": RULES, "events": RULES + EVENTS, "facts": RULES + EVENTS + FACTS}
        locations = "".join(
            f"location /{name}/ {{ alias FOLDER/html/; {SHOW_PATH} personalize on; personalize_rules {rules(text)}; }}\n"
            for name, text in texts.items()
        )
        return of_files(nginx, rules, server=locations, page=PAGE, http="personalize_zone plans:8m;")

    return start


def test_a_page_is_the_same_with_facts_and_without_streamed_and_spliced(serve):
    server = serve()
    etags = set()
    for name in ("none", "events", "facts"):
        assert ask(server, f"/{name}/page.html").body == PAGE.replace(HERO, GREETING)
        page = spliced(server, f"/{name}/page.html")
        assert page.body == PAGE.replace(HERO, GREETING)
        etags.add(page.header("ETag"))
    assert len(etags) == 1, "what is read from a page is no part of its ETag"


def test_other_facts_need_another_plan(serve):
    server = serve()
    spliced(server, "/none/page.html")
    spliced(server, "/page.html")
    assert counters(server)["plans_built"] == 1, "rules that read nothing from pages have plans in common"
    for built, name in ((2, "events"), (3, "facts")):
        spliced(server, f"/{name}/page.html")
        assert counters(server)["plans_built"] == built, name


@only_root
def test_facts_are_kept_with_the_plan(serve):
    server = serve()

    def kept():
        with zone_memory(min(server.worker_pids()), ZONE) as (memory, _):
            return b"Tide Boots" in memory, b"A&1001" in memory

    spliced(server, "/none/page.html")
    assert kept() == (False, False)
    spliced(server, "/events/page.html")
    assert kept() == (True, False)
    spliced(server, "/facts/page.html")
    assert kept() == (True, True)
