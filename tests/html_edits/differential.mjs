// Edits pages at random, by the rewriter and by a browser's parser and the DOM: see README.md.
//
//     node differential.mjs PERSONALIZE [--long] [--seed N] [--kind pages|soup|edges|misnested] [--only I]
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { randomEdit } from "./edits.mjs";
import { Page, changesTag } from "./judge.mjs";
import { markedPage, realPages } from "./pages.mjs";
import { Random } from "./random.mjs";
import { rewritten } from "./rewriter.mjs";
import { shrunk } from "./shrink.mjs";
import { Soup, blocks, formatting } from "./soup.mjs";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { long: { type: "boolean" }, seed: { type: "string", default: "1" }, kind: { type: "string" }, only: { type: "string" }, most: { type: "string", default: "5" } },
});
const [binary] = positionals;
const seed = Number(options.seed);
const factor = options.long ? 10 : 1;
const edits_of_real_page = 5;
const here = dirname(fileURLToPath(import.meta.url));
const pages = realPages(join(here, "node_modules"), options.long ? 1 << 20 : 60_000);

const wholes = { name: "div", parent: "body" };
const marks = (bytes) => [...bytes.matchAll(/<([a-z0-9-]+) (data-t\d+)/gi)].map(([, name, mark]) => ({ selector: `[${mark}]`, name, parent: "div" }));

/**
 * An edit of a target. Attributes of html and body are left alone where a second tag may add some: that comes when the
 * first one has been sent.
 */
function editOf(random, bytes, { selector, name, parent }) {
  for (;;) {
    const edit = randomEdit(random, selector, name, parent);
    const tags = bytes.match(new RegExp(`<${selector}[ >/]`, "gi")) ?? [];
    if (selector[0] === "[" || tags.length < 2 || !changesTag(edit.op)) return edit;
  }
}

/** Rows of one generated page: an edit, or two or three at once. */
function rowsOfSoup(random, bytes) {
  const targets = marks(bytes);
  if (targets.length === 0 || random.chance(8)) targets.push({ ...wholes, selector: random.pick(["body", "body", "head", "html"]) });
  const count = random.chance(85) ? 1 : Math.min(targets.length, 2 + random.below(2));
  const edits = [];
  for (let i = 0; i < count; ++i) {
    const [target] = targets.splice(random.below(targets.length), 1);
    edits.push(editOf(random, bytes, target));
  }
  const chunk = random.chance(20) ? 1 + random.below(7) : undefined;
  return [{ html: bytes, edits, chunk }];
}

/** Most edits are of the head and the body. */
function rowsOfEdges(random, bytes) {
  if (random.chance(30)) return rowsOfSoup(random, bytes);
  const selector = random.pick(["head", "head", "body", "body", "html"]);
  const chunk = random.chance(20) ? 1 + random.below(7) : undefined;
  return [{ html: bytes, edits: [editOf(random, bytes, { selector, name: selector === "body" ? "div" : selector, parent: "body" })], chunk }];
}

const kinds = {
  pages: {
    count: 200 * factor,
    rows(random, i) {
      const { bytes, targets } = markedPage(random, pages[i % pages.length], edits_of_real_page - 1);
      if (targets.length === 0 || random.chance(10)) targets.push({ ...wholes, selector: random.pick(["body", "body", "head"]) });
      while (targets.length < edits_of_real_page) targets.push(random.pick(targets));
      return targets.map((target) => ({ html: bytes, edits: [editOf(random, bytes, target)] }));
    },
  },
  soup: { count: 5000 * factor, rows: (random) => rowsOfSoup(random, new Soup(random).page()) },
  edges: {
    count: 2000 * factor,
    rows: (random) => rowsOfEdges(random, new Soup(random).edges()),
  },
  misnested: {
    count: 5000 * factor,
    rows(random, i) {
      const block = blocks[Math.floor(i / formatting.length) % blocks.length];
      return rowsOfSoup(random, new Soup(random).misnested(formatting[i % formatting.length], block));
    },
  },
};

class Tally {
  edits = 0;
  applied = 0;
  refused = new Map();
  failures = 0;

  add(row, reply) {
    row.edits.forEach((_, i) => {
      ++this.edits;
      const result = reply.edits?.[i];
      if (result?.applied > 0) return ++this.applied;
      const reason = result?.reason ?? reply.error.replace(/^[^:]*: /, "");
      this.refused.set(reason, (this.refused.get(reason) ?? 0) + 1);
    });
  }

  print(kind, seconds) {
    const share = (n) => `${((100 * n) / this.edits).toFixed(1)} %`;
    console.log(`${kind}: ${this.edits} edits, ${share(this.applied)} applied, ${this.failures} wrong; ${seconds.toFixed(0)} s`);
    for (const [reason, n] of [...this.refused].sort((a, b) => b[1] - a[1])) console.log(`    refused ${share(n).padStart(7)}  ${reason}`);
  }
}

async function report(kind, i, row, reply, fault) {
  console.log(`FAILED: ${fault}; again with --seed ${seed} --kind ${kind} --only ${i}`);
  const small = await shrunk(binary, row);
  const [answer] = await rewritten(binary, [small]);
  console.log(`    page   ${small.html.slice(0, 2000)}\n    edits  ${JSON.stringify(small.edits)}\n    answer ${(answer.html ?? answer.error).slice(0, 2000)}`);
  const { is, right } = new Page(small.html).difference(small.edits, answer);
  const at = is.findIndex((line, k) => line !== right[k]);
  const lines = (list) => list.slice(Math.max(0, at - 4), at + 6).map((line) => `        ${line}`).join("\n");
  if (at >= 0) console.log(`    tree is\n${lines(is)}\n    and should be\n${lines(right)}`);
}

/** The pages of a kind, in batches of up to a few megabytes. */
function* batches(kind) {
  const { count, rows } = kinds[kind];
  let batch = [];
  let size = 0;
  for (let i = 0; i < count; ++i) {
    if (options.only !== undefined && i !== Number(options.only)) continue;
    const random = new Random(Math.imul(seed, 0x9e3779b1) ^ Math.imul(i + 1, 0x85ebca6b) ^ kind.length);
    for (const row of rows(random, i)) {
      batch.push({ i, row });
      size += row.html.length;
    }
    if (size < 4e6 && batch.length < 2000) continue;
    yield batch;
    [batch, size] = [[], 0];
  }
  if (batch.length) yield batch;
}

async function run(kind) {
  const tally = new Tally();
  const started = Date.now();
  let page;
  for (const batch of batches(kind)) {
    const replies = await rewritten(binary, batch.map(({ row }) => row));
    for (const [at, { i, row }] of batch.entries()) {
      tally.add(row, replies[at]);
      if (page?.bytes !== row.html) page = new Page(row.html);
      const fault = page.fault(row.edits, replies[at]);
      if (fault && ++tally.failures <= Number(options.most)) await report(kind, i, row, replies[at], fault);
    }
  }
  tally.print(kind, (Date.now() - started) / 1000);
  return tally.failures;
}

console.log(`seed ${seed}, ${pages.length} real pages`);
let failures = 0;
for (const kind of options.kind ? [options.kind] : Object.keys(kinds)) {
  failures += await run(kind);
}
console.log(failures ? `${failures} edits are wrong` : "no wrong tree");
process.exit(failures ? 1 : 0);
