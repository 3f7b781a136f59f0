// A page as a browser's parser sees it, and the DOM's operations on its tree.
import * as parse5 from "parse5";

export const html = "http://www.w3.org/1999/xhtml";

let made = 0;
/** Tells the element of a tag from clones that are made of it, which may come first in the tree. */
const numbering = {
  ...parse5.defaultTreeAdapter,
  createElement: (...parts) => Object.assign(parse5.defaultTreeAdapter.createElement(...parts), { made: ++made }),
};

export const parse = (page) => parse5.parse(page, { treeAdapter: numbering });

export function* elementsOf(node) {
  for (const child of node.childNodes ?? []) {
    if (child.tagName) yield child;
    yield* elementsOf(child);  // not into the content of <template>
  }
}

export const attribute = (element, name) => element.attrs.find((a) => a.name === name)?.value;

function setAttribute(element, name, value) {
  const known = element.attrs.find((a) => a.name === name);
  if (known) known.value = value;
  else element.attrs.push({ name, value });
}

const words = (text) => text.split(/[ \t\n\f\r]+/).filter(Boolean);

function editAttributes(element, { op, name, value }) {
  const classes = words(attribute(element, "class") ?? "");
  switch (op) {
    case "set_attribute": return setAttribute(element, name, value);
    case "remove_attribute": element.attrs = element.attrs.filter((a) => a.name !== name); return;
    case "add_class":
      if (words(value).every((word) => classes.includes(word))) return;
      return setAttribute(element, "class", [...new Set([...classes, ...words(value)])].join(" "));
    case "remove_class":
      if (!words(value).some((word) => classes.includes(word))) return;
      return setAttribute(element, "class", [...new Set(classes.filter((word) => !words(value).includes(word)))].join(" "));
  }
}

/** Does `edit` to `element`. `mark`: if it is a child of it, `append` puts content before it, see `judge.mjs`. */
export function editTree(element, edit, mark = null) {
  const parent = element.parentNode;
  const fragment = (context, owner) =>
    parse5.parseFragment(context, edit.content ?? "").childNodes.map((node) => Object.assign(node, { parentNode: owner }));
  const index = parent.childNodes.indexOf(element);
  const children = (element.content ?? element).childNodes;
  const end = children.includes(mark) ? children.indexOf(mark) : children.length;
  switch (edit.op) {
    case "before": parent.childNodes.splice(index, 0, ...fragment(parent, parent)); break;
    case "after": parent.childNodes.splice(index + 1, 0, ...fragment(parent, parent)); break;
    case "replace": parent.childNodes.splice(index, 1, ...fragment(parent, parent)); break;
    case "remove": parent.childNodes.splice(index, 1); break;
    case "prepend": children.unshift(...fragment(element, element)); break;
    case "append": children.splice(end, 0, ...fragment(element, element)); break;
    case "inner": children.splice(0, children.length, ...fragment(element, element)); break;
    default: editAttributes(element, edit);
  }
}

/**
 * The tree as lines, adjacent texts as one. What no visitor can tell apart is written alike: no head and an empty one (a
 * parser makes one in any case), no body and an empty one, blanks between them and at the end of the body, and blanks
 * between classes.
 */
export function describe(document) {
  const lines = [];
  let text = "";
  const flush = () => {
    if (text) lines.push(JSON.stringify(text));
    text = "";
  };
  const visit = (node, depth) => {
    if (node.nodeName === "#text") {
      if (node.parentNode.nodeName !== "html" || node.value.trim()) text += node.value;
      return;
    }
    flush();
    const half = node.nodeName === "head" || node.nodeName === "body";
    if (half && node.attrs.length === 0 && node.childNodes.every((child) => child.nodeName === "#text" && !child.value.trim())) return;
    const indent = " ".repeat(depth);
    if (node.nodeName === "#comment") lines.push(`${indent}<!--${node.data}-->`);
    if (node.tagName) {
      const space = node.namespaceURI === html ? "" : `${node.namespaceURI.slice(-6)} `;
      const value = (a) => JSON.stringify(a.name === "class" ? words(a.value).join(" ") : a.value);
      const attributes = node.attrs.map((a) => ` ${a.prefix ?? ""}:${a.name}=${value(a)}`).sort();
      lines.push(`${indent}<${space}${node.tagName}${attributes.join("")}>`);
    }
    for (const child of node.content?.childNodes ?? node.childNodes ?? []) visit(child, depth + 1);
    if (node.nodeName === "body") text = text.trimEnd();
    flush();
    if (node.tagName) lines.push(`${indent}.`);
  };
  visit(document, 0);
  return lines;
}
