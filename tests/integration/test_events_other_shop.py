"""A shop of another shape than the demo's: as WooCommerce makes it, with nothing but the preset. A product is called by its slug
in the address, by its sku in the markup, and by its number in forms."""
# Part: integration, sanitizers

import json
import re

import pytest

import harness
from clients import Answer, ask, exchange

# Rules are the shop's own, events are the preset's.
RULES = """
version: 1
include: personalize:woocommerce
slots:
  promise: { select: .promise, pages: ["/product/*", "/", "/about/"] }
rules:
  - { id: free-delivery, slot: promise, do: { inner: "<b>Free delivery</b>" } }
"""
KEY = "0123456789abcdef0123456789abcdef01234567"
FORM = "application/x-www-form-urlencoded; charset=UTF-8"


class Product:
    def __init__(self, number, slug, sku, name, price, theme, variations=()):
        self.number, self.slug, self.sku, self.name = number, slug, sku, name
        self.price, self.theme, self.variations = price, theme, variations

    def markup(self):
        """What WC_Structured_Data writes."""
        specification = {"@type": "UnitPriceSpecification", "price": self.price, "priceCurrency": "EUR"}
        offer = {"@type": "Offer", "priceSpecification": [specification], "availability": "https://schema.org/InStock"}
        if self.variations:
            offer = {"@type": "AggregateOffer", "lowPrice": self.price, "highPrice": "219.00", "priceCurrency": "EUR"}
        url = f"https://shop.example/product/{self.slug}/"
        about = {"@context": "https://schema.org/", "@type": "Product", "@id": f"{url}#product",
                 "name": self.name, "url": url, "sku": self.sku, "offers": [offer]}  # fmt: skip
        return f'<script type="application/ld+json">{json.dumps(about)}</script>'

    def form(self):
        quantity = '<input type="number" name="quantity" value="1">'
        if self.variations:
            return f"""<form class="variations_form cart" method="post" data-product_id="{self.number}">
                <select name="attribute_size"><option>S</option></select>{quantity}<button type="submit">Add to cart</button>
                <input type="hidden" name="add-to-cart" value="{self.number}">
                <input type="hidden" name="product_id" value="{self.number}">
                <input type="hidden" name="variation_id" class="variation_id" value="0"></form>"""
        button = f'<button type="submit" name="add-to-cart" value="{self.number}">Add to cart</button>'
        return f'<form class="cart" action="/product/{self.slug}/" method="post">{quantity}{button}</form>'

    def page(self):
        name, theme = self.name.replace("&", "&amp;"), self.theme
        if theme == "blocks":
            title = f'<h1 class="wp-block-post-title">{name}</h1>'
            return page(f"single single-product postid-{self.number}", f'{title}{self.form()}{self.markup()}')
        box = f'<div id="product-{self.number}" class="product type-product post-{self.number}">'
        related = '<section class="related"><a href="?add-to-cart=9" data-product_id="9">Add</a></section>'
        return page(f"single single-product postid-{self.number}",
                    f'{box}<h1 class="product_title">{name}</h1>{self.form()}{related}</div>{self.markup()}')  # fmt: skip


BOOTS = Product(4711, "tide-boots", "TIDE-42", "Tide Boots & Laces", "129.00", "classic")
COAT = Product(4720, "rain-coat", "COAT", "Rain Coat", "199.00", "classic", variations=(4721, 4722))
SCARF = Product(88, "scarf", "SC-1", "Scarf", "39.00", "blocks")


def page(body_class, content):
    return f"""<!DOCTYPE html><html lang="en-US"><head><meta charset="UTF-8"><title>Shop</title></head>
<body class="wp-theme woocommerce {body_class}"><p class="promise">Delivered in two days</p>{content}</body></html>"""


PAGES = {
    "/": page("home page-template-default woocommerce-no-js", "<h1>Welcome</h1>"),
    "/about/": page("page page-id-2", "<h1>Who we are</h1>"),
    "/shop/": page("post-type-archive-product", '<p class="woocommerce-result-count">Showing 1–12 of 40</p>'),
    "/product-category/boots/": page("archive tax-product_cat term-boots", "<ul class=products></ul>"),
    "/cart/": page("page woocommerce-cart woocommerce-page", "<form class=woocommerce-cart-form></form>"),
    "/checkout/": page("page woocommerce-checkout woocommerce-page", "<form name=checkout></form>"),
    "/checkout/order-received/1042/": page(
        "page woocommerce-checkout woocommerce-page woocommerce-order-received",
        """<ul class="woocommerce-order-overview">
        <li class="woocommerce-order-overview__order order">Order number: <strong>1042</strong>
        <li class="woocommerce-order-overview__total total">Total: <strong><span class="woocommerce-Price-amount amount"><bdi>
        <span class="woocommerce-Price-currencySymbol">&euro;</span>1,287.00</bdi></span></strong></ul>""",
    ),
    "/checkout/order-received/1043/": page(
        "page woocommerce-checkout woocommerce-page woocommerce-order-received",
        '<p class="woocommerce-thankyou-order-failed">Unfortunately your order cannot be processed</p>',
    ),
    **{f"/product/{product.slug}/": product.page() for product in (BOOTS, COAT, SCARF)},
}
SEARCH = page("search search-results post-type-archive post-type-archive-product",
              '<p class="woocommerce-result-count">Showing 1–16 of 1,096 results</p>')  # fmt: skip


def respond(path, headers, send):
    """The shop's backend."""
    bare, _, query = path.partition("?")
    if "wc-ajax=" in query:
        send(harness.html_response(b'{"fragments": {}, "cart_hash": "0"}', content_type="application/json; charset=UTF-8"))
    elif "add-to-cart=" in query or "remove_item=" in query:
        send(b"HTTP/1.1 302 Found\r\nLocation: /cart/\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n")
    elif "s=" in query:
        send(harness.html_response(SEARCH.encode()))
    elif bare in PAGES:
        send(harness.html_response(PAGES[bare].encode()))
    else:
        send(harness.html_response(page("error404", "Nothing here").encode(), status="404 Not Found"))


class Visitor:
    """A browser without scripts, and the events that it makes."""

    def __init__(self, server):
        self.server, self.cookies, self.read, self.pages = server, "", 0, []

    def events(self, path, form=None, referer="https://shop.example/", **headers):
        headers = {"Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "same-origin", "Referer": referer, **headers}
        body = (form or "").encode()
        lines = [f"{'GET' if form is None else 'POST'} {path} HTTP/1.1", "Host: shop.example", "Connection: close"]
        if self.cookies:
            lines.append(f"Cookie: {self.cookies}")
        if form is not None:
            lines += [f"Content-Type: {FORM}", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        answer = Answer(exchange(self.server.port, "\r\n".join(lines).encode() + b"\r\n\r\n" + body))
        given = answer.header("Set-Cookie")
        self.cookies = given.partition(";")[0] if given else self.cookies
        self.pages.append(answer.body.decode())
        ask(self.server, "/status")  # after it the log has what came before
        log = self.server.folder / "events"
        lines = log.read_text("utf-8").splitlines() if log.exists() else []
        new, self.read = lines[self.read :], len(lines)
        return [json.loads(line) for line in new]

    def by_script(self, path, form):
        return self.events(path, form, **{"Sec-Fetch-Dest": "empty", "X-Requested-With": "XMLHttpRequest"})

    @property
    def id(self):
        return self.cookies.partition("=")[2][:22]


@pytest.fixture
def visitor(nginx, origin, rules, tmp_path):
    (tmp_path / "keys").write_text(KEY)
    (tmp_path / "keys").chmod(0o600)
    server = nginx(
        f"""server {{
    listen 127.0.0.1:PORT;
    personalize_rules {rules(RULES)};
    personalize_visitor_cookie seen secret={tmp_path}/keys;
    personalize_events_log FOLDER/events;
    location = /status {{ personalize_status json; access_log off; }}
    location / {{ personalize on; proxy_pass http://127.0.0.1:{origin(respond).port}; }}
}}"""
    )
    return Visitor(server)


def said(events):
    """What events say, without what each has: when, who, with what."""
    apart = ("id", "time", "visitor", "confirmed", "referrer", "shown")
    return [{name: value for name, value in event.items() if name not in apart} for event in events]


def the_only(events, **expected):
    assert said(events) == [expected]
    return events[0]


FREE = [{"slot": "promise", "rule": "free-delivery", "applied": True}]


def test_what_a_visitor_does_is_in_the_log_in_its_order(visitor):
    """Each step, and all that it writes. What was ordered is known by the cart's events: the thank-you page does not say it."""
    boots = {"item_id": "4711", "item_name": "Tide Boots & Laces", "price": 129}
    steps = [
        (("/", None, "https://www.google.com/"), {"name": "page_view", "path": "/"}, FREE),
        (("/shop/",), {"name": "view_item_list", "path": "/shop/"}, None),
        (("/?s=rain+b%C3%B6ots&post_type=product",),
         {"name": "view_search_results", "path": "/", "search_term": "rain böots", "results": 1096}, FREE),
        (("/product/tide-boots/",),
         {"name": "view_item", "path": "/product/tide-boots/", "currency": "EUR", "items": [boots]}, FREE),
        (("/product/tide-boots/", "quantity=2&add-to-cart=4711"),
         {"name": "add_to_cart", "path": "/product/tide-boots/", "items": [{"item_id": "4711", "quantity": 2}]}, None),
        (("/?wc-ajax=add_to_cart", "product_sku=SC-1&product_id=88&quantity=1"),
         {"name": "add_to_cart", "path": "/", "items": [{"item_id": "88", "quantity": 1}]}, None),
        (("/shop/?add-to-cart=9",),
         {"name": "add_to_cart", "path": "/shop/", "items": [{"item_id": "9", "quantity": 1}]}, None),
        (("/cart/",), {"name": "view_cart", "path": "/cart/"}, None),
        (("/cart/?remove_item=3c59dc048e&_wpnonce=secret",), {"name": "remove_from_cart", "path": "/cart/"}, None),
        (("/checkout/",), {"name": "begin_checkout", "path": "/checkout/"}, None),
        (("/?wc-ajax=checkout", "billing_email=ann%40shop.example&payment_method=bacs"), None, None),
        (("/checkout/order-received/1042/?key=wc_order_secret",),
         {"name": "purchase", "path": "/checkout/order-received/1042/", "transaction_id": "1042", "value": 1287}, None),
        (("/about/",), {"name": "page_view", "path": "/about/"}, FREE),
    ]  # fmt: skip
    made = []
    for step, expected, shown in steps:
        events = visitor.events(*step)
        assert said(events) == [expected] * (expected is not None), step
        assert [event.get("shown") for event in events] == [shown] * len(events), step
        made += events
    assert {event["visitor"] for event in made} == {visitor.id} and len(visitor.id) == 22
    assert [event["confirmed"] for event in made] == [False] + [True] * (len(made) - 1)
    assert made[0]["referrer"] == "search" and len({event["id"] for event in made}) == len(made)
    text = (visitor.server.folder / "events").read_text()
    assert not re.search(r"secret|billing|shop\.example|Mozilla|127\.0\.0\.1", text), "nobody's business"


def test_the_shop_has_no_script_of_ours_in_its_pages(visitor):
    for path in PAGES:
        visitor.events(path)
    assert any("Free delivery" in page for page in visitor.pages)
    for page_text in visitor.pages:
        scripts = re.findall(r"<script[^>]*>", page_text)
        assert set(scripts) <= {'<script type="application/ld+json">'} and not re.search(r"\son\w+=|javascript:", page_text)


@pytest.mark.parametrize("product", [BOOTS, COAT, SCARF], ids=lambda product: product.slug)
def test_a_product_has_one_id_wherever_it_is_named(visitor, product):
    """The address says its slug and the markup its sku, but all events say its number, as forms do: in classic themes it is the
    number of the product's box, and of its form's button in block themes."""
    number, path = str(product.number), f"/product/{product.slug}/"
    [view] = visitor.events(path)
    assert view["name"] == "view_item" and view["items"][0]["item_id"] == number and view["path"] == path
    assert view["items"][0]["item_name"] == product.name and view["items"][0]["price"] == float(product.price)
    ways = [
        visitor.events(path, f"quantity=3&add-to-cart={number}"),
        visitor.events(path, f"attribute_size=S&quantity=3&add-to-cart={number}&product_id={number}&variation_id=0"),
        visitor.by_script("/?wc-ajax=add_to_cart", f"product_sku={product.sku}&product_id={number}&quantity=3"),
        visitor.by_script("/wp/?wc-ajax=add_to_cart", f"quantity=3&product_id={number}"),
        visitor.events(f"{path}?add-to-cart={number}&quantity=3"),
    ]
    for events in ways:
        [event] = events
        assert event["name"] == "add_to_cart" and event["items"] == [{"item_id": number, "quantity": 3}]
    text = (visitor.server.folder / "events").read_text()
    assert f'"{product.sku}"' not in text and f'"item_id":"{product.slug}"' not in text.replace(" ", "")


def test_a_variation_is_said_beside_its_product(visitor):
    form = "attribute_size=M&quantity=1&add-to-cart=4720&product_id=4720&variation_id=4722"
    the_only(visitor.events("/product/rain-coat/", form), name="add_to_cart", path="/product/rain-coat/",
             items=[{"item_id": "4720", "item_variant": "4722", "quantity": 1}])  # fmt: skip


def test_what_did_not_happen_is_not_in_the_log(visitor):
    visitor.events("/about/")
    for path in ("/checkout/order-received/1043/?key=wc_order_secret", "/product/tide-boots-old/?add-to-cart=", "/?s=boots"):
        names = [event["name"] for event in visitor.events(path)]
        assert not set(names) & {"purchase", "view_item", "view_search_results"}, path
    assert visitor.by_script("/?wc-ajax=get_refreshed_fragments", "time=1") == []
    assert visitor.events("/product/tide-boots/", **{"Sec-Purpose": "prefetch"}) == []
    assert visitor.events("/wp-login.php", "log=ann&pwd=secret") == []
    assert visitor.events("/product/gone/") == []
    assert json.loads(ask(visitor.server, "/status").body)["events"]["purchase"] == 0
