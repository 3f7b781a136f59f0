// Whether the rewriter's page is right: its tree is the one that one gets by parsing the page and editing that tree.
import { describe, editTree, elementsOf, attribute, parse } from "./dom.mjs";

export const changesTag = (op) => op.endsWith("_attribute") || op.endsWith("_class");

/** What a selector of ours names: the elements that come from the marked tag, its own first, or the only body, head or html. */
function named(elements, selector) {
  if (selector[0] !== "[") return elements.filter((element) => element.tagName === selector).slice(0, 1);
  const mark = selector.slice(1, -1);
  return elements.filter((element) => attribute(element, mark) !== undefined).sort((a, b) => a.made - b.made);
}

/** The tree after the edits, in the way in which `edit_one(element, edit, clones)` does each. Leaves the tree as it was. */
function edited(document, edits, everywhere) {
  const undo = [];
  const elements = [...elementsOf(document)];
  for (const edit of edits) {
    let these = named(elements, edit.selector);
    // Content goes where the tag is, or to all the clones that the parser made of its element; attributes to all.
    if (!everywhere && !changesTag(edit.op)) these = these.slice(0, 1);
    for (const element of these) {
      for (const node of [element, element.parentNode, element.content].filter(Boolean)) {
        const children = node.childNodes;
        undo.push(() => (node.childNodes = children));
        node.childNodes = [...children];
      }
      const attrs = element.attrs;
      undo.push(() => (element.attrs = attrs));
      element.attrs = attrs.map((a) => ({ ...a }));
      editTree(element, edit);
    }
  }
  const lines = describe(document);
  undo.reverse().forEach((step) => step());
  return lines.join("\n");
}

/** `append` to the body stands in front of `</body>`, where the page's author ended it, although more may follow. */
function appendedAtEndTag(page, edits, wanted) {
  if (!edits.some((edit) => edit.op === "append")) return false;
  for (const match of page.matchAll(/<\/body/gi)) {
    const document = parse(`${page.slice(0, match.index)}<!--here-->${page.slice(match.index)}`);
    const body = [...elementsOf(document)].find((element) => element.tagName === "body");
    const mark = body?.childNodes.find((node) => node.data === "here");
    if (!mark) continue;
    for (const edit of edits) {
      const [element] = named([...elementsOf(document)], edit.selector);
      editTree(element, edit, mark);
    }
    if (body.childNodes.includes(mark)) body.childNodes.splice(body.childNodes.indexOf(mark), 1);
    if (describe(document).join("\n") === wanted) return true;
  }
  return false;
}

/** Where the start tags of the edited elements are. */
const tagOf = (page, selector) => {
  const mark = selector[0] === "[" ? page.indexOf(` ${selector.slice(1, -1)}`) : -1;
  return { begin: mark < 0 ? 0 : page.lastIndexOf("<", mark), end: mark < 0 ? page.length : mark };
};

/** Bytes that no edit can have taken away, of a page with one edit in it. */
function changedBytes(page, answer, { selector, op }) {
  if (page === answer) return "";
  let begin = 0;
  while (begin < page.length && page[begin] === answer[begin]) ++begin;
  let same = 0;
  while (same < page.length - begin && same < answer.length - begin && page.at(-1 - same) === answer.at(-1 - same)) ++same;
  const end = page.length - same;
  const tag = tagOf(page, selector);
  if (["before", "after", "append", "prepend"].includes(op)) return end > begin ? `bytes ${begin} to ${end} are gone` : "";
  if (begin < tag.begin) return `the byte ${begin}, in front of the tag, is another one`;
  const limit = tag.end === page.length ? page.length : page.indexOf(">", tag.end) + 2;
  if (changesTag(op) && end > limit + 200) return `bytes to ${end}, behind the tag, are others`;
  return "";
}

/** The base of all edits of one page. */
export class Page {
  constructor(bytes) {
    this.bytes = bytes;
    this.document = parse(bytes);
  }

  /** What is wrong with the rewriter's answer to these edits, or "". */
  fault(edits, reply) {
    if (reply.error !== undefined) return reply.html === undefined ? "" : reply.error;
    const done = edits.filter((_, i) => reply.edits[i].applied > 0);
    if (done.length === 0) return reply.html === this.bytes ? "" : "nothing was applied, but the page is another one";
    const bytes = done.length === 1 ? changedBytes(this.bytes, reply.html, done[0]) : "";
    if (bytes) return bytes;
    const is = describe(parse(reply.html)).join("\n");
    if (is === edited(this.document, done, false) || is === edited(this.document, done, true)) return "";
    return appendedAtEndTag(this.bytes, done, is) ? "" : "wrong tree";
  }

  /** For messages: the first lines that differ. */
  difference(edits, reply) {
    const done = edits.filter((_, i) => reply.edits[i].applied > 0);
    return { is: describe(parse(reply.html)), right: edited(this.document, done, false).split("\n") };
  }
}
