// Bun's HTMLRewriter (native lol-html) on the same pages and slots: medians in microseconds, as JSON.
//
//     bun bun_bench.js SLOTS.json PAGE.html…
import { readFileSync } from "node:fs";
import { basename } from "node:path";

const [slotsPath, ...pages] = process.argv.slice(2);
const fifty = JSON.parse(readFileSync(slotsPath, "utf8")).slots;
const content = '<p class="personal">For you: boots in your size, at your door tomorrow.</p>';

function rewriterFor(selectors) {
  const rewriter = new HTMLRewriter();
  for (const selector of selectors) {
    rewriter.on(selector, { element(element) { element.setInnerContent(content, { html: true }); } });
  }
  return rewriter;
}

function median(numbers) {
  numbers.sort((a, b) => a - b);
  return numbers[numbers.length >> 1];
}

/** Selectors that lol-html knows; the others are left out, in its favour. */
function supported(selectors) {
  return selectors.filter((selector) => {
    try {
      rewriterFor([selector]).transform("<p></p>");
      return true;
    } catch {
      return false;
    }
  });
}

function measure(selectors, page) {
  const rewriter = rewriterFor(selectors);
  const rounds = Math.max(20, Math.min(2000, Math.round(4e7 / page.length / 4)));
  for (let i = 0; i < rounds / 4; i++) rewriter.transform(page);
  const times = [];
  for (let i = 0; i < rounds; i++) {
    const start = Bun.nanoseconds();
    rewriter.transform(page);
    times.push(Bun.nanoseconds() - start);
  }
  return median(times) / 1000;
}

const known = supported(fifty);
const result = { version: Bun.version, slots: known.length, pages: {} };
for (const path of pages) {
  const page = readFileSync(path, "utf8");
  result.pages[basename(path, ".html")] = {
    "nothing matches": measure(["#not-on-this-page"], page),
    "one tag name": measure(["h1"], page),
    "one id": measure(["#hero"], page),
    "50 slots": measure(known, page),
  };
}
console.log(JSON.stringify(result));
