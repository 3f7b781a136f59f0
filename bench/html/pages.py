"""The pages that are measured: generated ones, and those that come with npm packages."""
import random
from pathlib import Path

WORDS = ("rain coat boots umbrella wool linen summer winter light warm dry city trail garden river classic slim wide long "
         "short soft heavy blue green black sand stone").split()


def storefront(size, seed=1):
    """A shop's category page of about `size` bytes, one tag every 60 bytes; three of the 50 slots are on it."""
    rand = random.Random(seed)

    def text(words):
        return " ".join(rand.choice(WORDS) for _ in range(words))

    out = ["""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Outdoor wear</title>
<link rel="stylesheet" href="/static/site.css">
<script>window.shop = {"currency": "EUR", "cart": [], "note": "a < b && c > d"};</script>
<style>.card > .price { color: #333 } .grid { display: grid }</style>
</head>
<body class="page page--category">
<header class="site-header"><nav class="nav"><ul class="nav__list">
"""]
    for i in range(12):
        out.append(f'<li class="nav__item"><a class="nav__link" href="/c/{i}">{text(2)}</a></li>\n')
    out.append('</ul></nav></header>\n<main id="content">\n<section id="hero" class="hero"><h1>Made for weather</h1></section>\n')
    out.append('<aside class="offer" data-slot="offer"><p>Free delivery</p></aside>\n<div class="grid">\n')
    length, number = sum(map(len, out)), 0
    while length < size - 1200:
        number += 1
        card = (f'<article class="card card--product grid__cell" data-sku="{rand.randrange(10**7):07d}"'
                f' data-position="{number}">\n'
                f'  <a class="card__link stretched-link" href="/p/{text(1)}-{text(1)}-{number}?ref=grid&amp;pos={number}">'
                f'<img class="card__image lazy" src="/img/{number}-320.webp" srcset="/img/{number}-320.webp 320w, '
                f'/img/{number}-640.webp 640w" sizes="(min-width: 60em) 25vw, 50vw" alt="{text(4)}" width="320" height="320" '
                f'loading="lazy" decoding="async"></a>\n'
                f'  <h3 class="card__title text-truncate">{text(5)}</h3>\n'
                f'  <p class="card__text text-muted">{text(32)}</p>\n'
                f'  <div class="card__foot d-flex justify-content-between"><span class="price">{rand.randrange(10, 300)}.00 '
                f'&euro;</span><button class="btn btn-outline-dark btn--buy" type="button">Add to cart</button></div>\n'
                f'  <!-- product {number} -->\n</article>\n')
        out.append(card)
        length += len(card)
    out.append("""</div>
<section class="recommendations" aria-label="For you"><h2>For you</h2></section>
</main>
<footer class="site-footer"><p>&copy; The shop</p></footer>
<script>document.querySelectorAll("button").forEach(b => b.onclick = () => shop.cart.push(b.id));</script>
</body>
</html>
""")
    return "".join(out)


def write_pages(folder, packages):
    """Writes all pages into `folder`; returns their paths. `packages` is the node_modules folder, or None."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    pages = {"storefront, 120 kB": storefront(120_000), "storefront, 2 MB": storefront(2_000_000)}
    for package in ("startbootstrap-shop-homepage", "startbootstrap-shop-item"):
        path = Path(packages or "/nonexistent") / package / "dist" / "index.html"
        if path.exists():
            pages[package] = path.read_text(encoding="utf-8")
    paths = []
    for name, page in pages.items():
        path = folder / (name + ".html")
        path.write_text(page, encoding="utf-8")
        paths.append(path)
    return paths
