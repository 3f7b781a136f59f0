"""Whatever a page comes out of, however it is sent and in whatever coding: what is put together from a plan is, when it
is unpacked, what streaming gives, byte for byte."""
# Part: browser

import gzip
import itertools
import pathlib
import shutil
import subprocess
import sys

import pytest

import harness
from certificates import Certificates
from clients import ask
from shop import BIG, http2_too, settled

sys.path.insert(0, str(harness.ROOT / "bench" / "html"))
import pages as generated  # noqa: E402

LONG = "All that we sell is made to last, and what does not last is mended. " * 8
RULES = f"""
version: 1
slots:
  title: {{ select: h1 }}
  links: {{ select: "a:nth-of-type(2)" }}
  foot: {{ select: footer }}
  body: {{ select: body }}
  sections: {{ select: "section, main, div.box" }}
  lists: {{ select: "main, header, ul, .row" }}
  picks: {{ select: "#picks" }}
rules:
  - {{ id: a, slot: title, do: {{ inner: "For {{{{request.query.a}}}}" }}, when: 'request.query["a"] != ""' }}
  - {{ id: b, slot: links, do: {{ add_class: hot }}, when: 'request.query["b"] != ""' }}
  - {{ id: c, slot: foot, do: {{ before: "<p>{LONG}</p>" }}, when: 'request.query["c"] != ""' }}
  - {{ id: d, slot: body, do: {{ append: "<p>é {{{{request.query.d}}}}</p>" }}, when: 'request.query["d"] != ""' }}
  - {{ id: e, slot: sections, do: {{ prepend: "<i>{{{{request.query.e}}}}</i>" }}, when: 'request.query["e"] != ""' }}
  - id: f
    slot: lists
    do: {{ reorder: {{ by: data-sku, order: ["2", "1"] }} }}
    when: 'request.query["f"] != ""'
  - id: g
    slot: picks
    do: {{ reorder: {{ by: data-category, order: [camp, coffee, rain, boots] }} }}
    when: 'request.query["f"] != ""'
"""
QUERIES = ["a=you", "b=1&c=1", "a=x&c=1&e=slots+in+slots&f=1", "a=%26&c=1&d=" + "+".join(f"word{i}" for i in range(200))]

# How the bytes get from where they are to the client.
WAYS = {
    "sendfile": "sendfile on;",
    "memory": "sendfile off;",
    "threads": "sendfile on; aio threads; tcp_nopush on;",
    "directio": "sendfile on; aio threads; directio 4k; output_buffers 2 32k;",
    "tls": "ssl_certificate FOLDER/tls.crt; ssl_certificate_key FOLDER/tls.key;",
}
SOURCES = ("file", "cache", "packed")
CODINGS = {"identity": "splice", "gzip": "splice_gzip", "br": "splice_br"}

pytestmark = pytest.mark.skipif(harness.BROTLI is None, reason="libnginx-mod-http-brotli-filter is missing")


def demo_pages(folder):
    subprocess.run([harness.ROOT / "conf/demo/storefront/build", folder], check=True, stdout=subprocess.DEVNULL)
    return {"home": (folder / "index.html").read_bytes(), "boots": (folder / "p/tide-boots.html").read_bytes()}


def npm_pages():
    """Bootstrap's shop templates; skips the test where npm cannot fetch them."""
    folder = harness.BUILD / "npm-pages"
    found = [folder / "node_modules" / f"startbootstrap-shop-{name}/dist/index.html" for name in ("homepage", "item")]
    if not all(path.exists() for path in found):
        if shutil.which("npm") is None:
            pytest.skip("npm is missing")
        folder.mkdir(exist_ok=True)
        shutil.copy(pathlib.Path(__file__).with_name("package.json"), folder)
        if subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund"], cwd=folder).returncode != 0:
            pytest.skip("npm cannot fetch Bootstrap's templates")
    return {path.parts[-3]: path.read_bytes() for path in found}


class Shop:
    """One NGINX that has every page in every way: /stream/, /file/, /cache/ and /packed/ of each server."""

    def __init__(self, nginx, origin, rules, folder, pages, ways, zone="32m"):
        self.pages, self.ports = pages, {way: (harness.free_port(), harness.free_port()) for way in ways}
        packed = {name: gzip.compress(page) for name, page in pages.items()}

        def answer(path, headers, send):
            name = path.partition("?")[0].rpartition("/")[2].removesuffix(".html")
            if name not in pages:
                send(harness.html_response(b"", status="404 Not Found"))
            elif "gzip" in headers.get("accept-encoding", ""):
                send(harness.html_response(packed[name], "Content-Encoding: gzip"))
            else:
                send(harness.html_response(pages[name]))

        port = origin(answer).port
        upstream = f"proxy_pass http://127.0.0.1:{port}/; proxy_set_header Accept-Encoding"
        certificate, key = Certificates(folder / "certificates").server
        listen_too, beside = http2_too()
        servers = [
            f"""server {{
                listen 127.0.0.1:{one} {"ssl" if way == "tls" else ""};
                listen 127.0.0.1:{two} {"ssl" if way == "tls" else ""} {listen_too}; {beside}
                {settings.replace("FOLDER/tls.crt", str(certificate)).replace("FOLDER/tls.key", str(key))}
                charset utf-8;
                location /stream/ {{ {upstream} ""; }}
                location /file/ {{ alias FOLDER/html/; }}
                location /cache/ {{ {upstream} ""; proxy_cache pages; proxy_cache_key plain$uri; }}
                location /packed/ {{ {upstream} gzip; proxy_cache pages; proxy_cache_key packed$uri; }}
                location /only_gzip/ {{ alias FOLDER/html/; brotli off; }}
            }}"""
            for way, settings in WAYS.items()
            if way in ways
            for one, two in [self.ports[way]]
        ]
        self.server = nginx(
            f"""
            proxy_cache_path FOLDER/temp/cache keys_zone=pages:1m; proxy_cache_valid 200 1h;
            personalize_zone plans:{zone}; gzip on; gzip_min_length 0; gzip_vary on; brotli on; brotli_min_length 0;
            personalize on; personalize_rules {rules(RULES)};
            add_header X-Path $personalize_path; add_header X-Skipped $personalize_skipped;
            {"".join(servers)} server {{ listen 127.0.0.1:PORT; location / {{ root FOLDER/html; }} }}""",
            before=f"load_module {harness.BROTLI};",
        )
        for name, page in pages.items():
            path = self.server.file(f"{name}.html", page)
        settled(path)

    def ask(self, way, path, headers=None):
        self.server.port, before = self.ports[way][0], self.server.port
        try:
            return ask(self.server, path, headers)
        finally:
            self.server.port = before

    def paths(self, *sources):
        return [f"/{s}/{name}.html?{query}" for s, name, query in itertools.product(sources, self.pages, QUERIES)]

    def streamed(self):
        """What each page is for each query: {"home.html?a=you": …}."""
        found = {}
        for path in self.paths("stream"):
            answer = self.ask("sendfile", path)
            assert (answer.status, answer.header("X-Path")) == (200, "stream"), path
            found[path.removeprefix("/stream/")] = answer.body
        return found

    def warm(self, way, sources):
        """Until all is known, and compressed."""
        for path in self.paths(*sources):
            for coding, wanted in CODINGS.items():
                harness.wait_until(
                    lambda: self.ask(way, path, {"Accept-Encoding": coding}).header("X-Path") == wanted,
                    f"{wanted} of {path}",
                )

    def curl(self, way, version, coding, paths, folder):
        """All of them, unpacked by curl: [(version, X-Path, body)]. Each has a host of its own: curl 7.88 does not get along
        with a second request on a connection of HTTP/2 without TLS."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        scheme, port = "https" if way == "tls" else "http", self.ports[way][version == 2]
        flag = {1: "--http1.1", 2: "--http2" if way == "tls" else "--http2-prior-knowledge"}[version]
        lines = [
            f'url = "{scheme}://shop{i}.example{path}"\noutput = "{folder}/{i}"' for i, path in enumerate(paths)
        ]
        done = subprocess.run(
            ["curl", "-sSk", flag, "--compressed", "-H", f"Accept-Encoding: {coding}", "--max-time", "60", "-K", "-"]
            + ["--connect-to", f"::127.0.0.1:{port}"]
            + ["-w", "%{http_version} %header{x-path} %{stderr}%{errormsg}\n%{stdout}\n"],
            input="\n".join(lines), capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        told = [line.split() for line in done.stdout.splitlines() if line]
        return [(float(v), how, (folder / str(i)).read_bytes()) for i, (v, how) in enumerate(told)]


def check_all(shop, tmp_path, sources=SOURCES):
    expected = shop.streamed()
    ways = list(shop.ports)
    paths = shop.paths(*sources)
    shop.warm(ways[0], sources)
    for way in ways:
        for path in paths[:: len(QUERIES)]:  # each location finds out for itself what other filters do
            for _ in range(2):
                shop.ask(way, path) if way != "tls" else shop.curl(way, 1, "identity", [path], tmp_path / "curl")
    for way, version, (coding, wanted) in itertools.product(ways, (1, 2), CODINGS.items()):
        for path, (spoken, how, body) in zip(paths, shop.curl(way, version, coding, paths, tmp_path / "curl")):
            assert (spoken, how) == (1.1 if version == 1 else 2, wanted), (way, path)
            assert body == expected[path.split("/")[2]], (way, version, coding, path)
    return expected


def check_tools(shop, folder):
    """gzip and brotli find nothing wrong with what their formats were made of."""
    for coding, ending in (("gzip", "gz"), ("br", "br")):
        files = []
        for i, path in enumerate(shop.paths(*SOURCES)):
            files.append(folder / f"{i}.{ending}")
            answer = shop.ask("sendfile", path, {"Accept-Encoding": coding})
            assert answer.header("Content-Encoding") == coding and answer.header("Vary") == "Accept-Encoding"
            assert answer.header("Content-Length") == str(len(answer.body))
            files[-1].write_bytes(answer.body)
        subprocess.run(["gzip" if coding == "gzip" else "brotli", "-t", *files], check=True)


CHECK = """<!doctype html><meta charset=utf-8><title>Are they equal?</title><pre id=result>…</pre><script>
const text = async url => { const r = await fetch(url); return [r.headers.get("X-Path"), await r.text()]; };
const wanted = PATHS;
(async () => {
  const wrong = [];
  let right = 0;
  for (const [name, source, how] of wanted) {
    const [, streamed] = await text("/stream/" + name);
    const [path, body] = await text("/" + source + "/" + name);
    if (body === streamed && path === how) right++; else wrong.push(`${source}/${name}: ${path}`);
  }
  result.textContent = wrong.length ? "wrong: " + wrong.join("\\n") : `all ${right} are right`;
})();
</script>"""


def check_chromium(shop, folder):
    wanted = [
        [path.removeprefix("/stream/"), source, how]
        for path in shop.paths("stream")
        for source, how in [("file", "splice_br"), ("packed", "splice_br"), ("only_gzip", "splice_gzip")]
    ]
    for name, source, how in wanted:
        accepted = {"Accept-Encoding": "gzip, br"}
        harness.wait_until(
            lambda: shop.ask("sendfile", f"/{source}/{name}", accepted).header("X-Path") == how, f"{source}/{name}"
        )
    shop.server.file("check.html", CHECK.replace("PATHS", str(wanted)).encode())
    url = f"http://127.0.0.1:{shop.ports['sendfile'][0]}/file/check.html"
    done = subprocess.run(
        ["chromium", "--headless", "--disable-gpu", "--no-sandbox", f"--user-data-dir={folder}/chromium"]
        + ["--virtual-time-budget=30000", "--dump-dom", url],
        capture_output=True, text=True, timeout=harness.PATIENCE,
    )  # fmt: skip
    assert f"all {len(wanted)} are right" in done.stdout, done.stdout[:2000] + done.stderr[-2000:]


def test_every_way_gives_the_same_bytes(nginx, origin, rules, tmp_path):
    pages = {**demo_pages(tmp_path / "shop"), "big": BIG, "store": generated.storefront(120_000).encode()}
    pages["bare"] = b"<!doctype html><title>Bare</title>" + b"<p>There is no slot on this page.</p>\n" * 40
    shop = Shop(nginx, origin, rules, tmp_path, pages, WAYS)
    check_all(shop, tmp_path)
    check_tools(shop, tmp_path)
    if shutil.which("chromium") is None:
        pytest.skip("all is well, but Chromium was not asked: it is missing")
    check_chromium(shop, tmp_path)


def test_bootstrap_s_shop_templates_too(nginx, origin, rules, tmp_path):
    shop = Shop(nginx, origin, rules, tmp_path, npm_pages(), ["sendfile", "memory"])
    check_all(shop, tmp_path)
    check_tools(shop, tmp_path)


def test_pages_too_large_for_the_zone_too(nginx, origin, rules, tmp_path):
    more = b"<p>And much more of all that we sell.</p>\n" * 20_000
    pages = {name: page.replace(b"</body>", more + b"</body>") for name, page in demo_pages(tmp_path / "shop").items()}
    shop = Shop(nginx, origin, rules, tmp_path, pages, WAYS, zone="1m")
    check_all(shop, tmp_path, ["cache"])
