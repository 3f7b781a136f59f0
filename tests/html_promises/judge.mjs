// What the rewriter makes of a page is what a browser's parser and the DOM's operations make of it: parse5 is the judge.
//
//     node judge.mjs PERSONALIZE
//
// For each case: (1) the rewriter gives the expected bytes, whole and cut into pieces of 1, 2, 3 and 7 bytes; (2) parsed,
// the expected page is the tree that one gets by parsing the page and editing the tree. So neither the rewriter nor
// the author of an expectation can be wrong alone.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

let parse5;
try {
  parse5 = await import("parse5");
} catch {
  console.log("skipped: parse5 is not installed (npm install in tests/html_promises)");
  process.exit(77);
}

const here = dirname(fileURLToPath(import.meta.url));
const cases = JSON.parse(readFileSync(join(here, "cases.json"), "utf8"));
const binary = process.argv[2];

function* elementsOf(node) {
  for (const child of node.childNodes ?? []) {
    if (child.tagName) yield child;
    yield* elementsOf(child);  // not into the content of <template>
  }
}

const attribute = (element, name) => element.attrs.find((a) => a.name === name)?.value;

/** As much of selectors as the cases need, decided on the finished tree. */
function matches(element, selector) {
  const parts = selector.split(" > ");
  const own = parts.pop();
  if (parts.length > 0 && !(element.parentNode?.tagName && matches(element.parentNode, parts.join(" > ")))) return false;
  const siblings = element.parentNode.childNodes.filter((node) => node.tagName);
  for (const [test] of own.matchAll(/:has\(\w+\)|:[\w-]+(\(\d+\))?|\[[^\]]*\]|[#.]?[\w-]+/g)) {
    if (test[0] === "#" && attribute(element, "id") !== test.slice(1)) return false;
    if (test[0] === "." && !(attribute(element, "class") ?? "").split(/\s+/).includes(test.slice(1))) return false;
    if (/^\w/.test(test) && element.tagName !== test) return false;
    if (test[0] === "[") {
      const [, name, value] = /^\[(\w+)=["'](.*)["']\]$/.exec(test);
      if (attribute(element, name) !== value) return false;
    }
    if (test === ":last-child" && siblings.at(-1) !== element) return false;
    if (test.startsWith(":nth-child") && siblings.indexOf(element) + 1 !== Number(/\d+/.exec(test)[0])) return false;
    if (test.startsWith(":has")) {
      const name = /\((\w+)\)/.exec(test)[1];
      if (![...elementsOf(element)].some((inner) => inner.tagName === name)) return false;
    }
  }
  return true;
}

function edit(element, { op, content = "", name, value }) {
  const fragmentIn = (context) => {
    const nodes = parse5.parseFragment(context, content).childNodes;
    return nodes;
  };
  const setAttribute = (key, text) => {
    const known = element.attrs.find((a) => a.name === key);
    if (known) known.value = text;
    else element.attrs.push({ name: key, value: text });
  };
  const adopt = (nodes, parent) => nodes.map((node) => Object.assign(node, { parentNode: parent }));
  const parent = element.parentNode;
  const index = parent.childNodes.indexOf(element);
  switch (op) {
    case "inner": element.childNodes = adopt(fragmentIn(element), element); break;
    case "append": element.childNodes.push(...adopt(fragmentIn(element), element)); break;
    case "after": parent.childNodes.splice(index + 1, 0, ...adopt(fragmentIn(parent), parent)); break;
    case "replace": parent.childNodes.splice(index, 1, ...adopt(fragmentIn(parent), parent)); break;
    case "set_attribute": setAttribute(name, value); break;
    case "add_class": setAttribute("class", [attribute(element, "class"), value].filter(Boolean).join(" ")); break;
    default: throw new Error(`no such operation here: ${op}`);
  }
}

/** Adjacent texts are one text, as they are after parsing. */
function joinTexts(node) {
  const children = [];
  for (const child of node.childNodes ?? []) {
    const last = children.at(-1);
    if (child.nodeName === "#text" && last?.nodeName === "#text") last.value += child.value;
    else children.push(child);
  }
  if (node.childNodes) node.childNodes = children;
  children.forEach(joinTexts);
}

function browsersAnswer({ html, edits, skipped = [] }) {
  const document = parse5.parse(html);
  edits.forEach((one, i) => {
    if (skipped.includes(i)) return;
    for (const element of [...elementsOf(document)]) if (matches(element, one.selector)) edit(element, one);
  });
  joinTexts(document);
  return parse5.serialize(document);
}

function rewritten(rows) {
  const input = rows.map((row) => JSON.stringify(row)).join("\n") + "\n";
  const done = spawnSync(binary, ["probe", "rewrite"], { input, maxBuffer: 1 << 26 });
  return done.stdout.toString().trim().split("\n").map((line) => JSON.parse(line));
}

let wrong = 0;
for (const one of cases) {
  const faults = [];
  const answer = browsersAnswer(one);
  const parsed = parse5.serialize(parse5.parse(one.expect));
  if (answer !== parsed) faults.push(`the expectation is wrong:\n  browser  ${answer}\n  expected ${parsed}`);
  if (binary) {
    const chunks = [undefined, 1, 2, 3, 7];
    rewritten(chunks.map((chunk) => ({ html: one.html, edits: one.edits, chunk }))).forEach((reply, i) => {
      if (reply.html !== one.expect) faults.push(`chunk ${chunks[i] ?? "whole"}: ${JSON.stringify(reply)}`);
      (one.skipped ?? []).forEach((number) => {
        const result = reply.edits?.[number];
        if (!result || result.applied !== 0 || result.matches === 0) faults.push(`edit ${number} should be skipped: ${JSON.stringify(result)}`);
      });
    });
  }
  console.log(`${faults.length ? "FAILED" : "ok"}  ${one.name}`);
  for (const fault of faults) console.log("   ", fault);
  wrong += faults.length > 0;
}
console.log(`${cases.length - wrong} of ${cases.length} promises kept`);
process.exit(wrong ? 1 : 0);
