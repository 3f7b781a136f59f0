// Makes a failing page smaller as long as it fails.
import { Page } from "./judge.mjs";
import { rewritten } from "./rewriter.mjs";

const split = (page) => page.match(/<!--.*?-->|<[a-z!/][^>]*>?|[^<]+|</gis) ?? [];

async function failing(binary, rows) {
  const replies = await rewritten(binary, rows);
  return rows.findIndex((row, i) => new Page(row.html).fault(row.edits, replies[i]) !== "");
}

/** The smallest page with fewest edits that can be found by leaving tokens out. */
export async function shrunk(binary, row) {
  let best = { ...row, chunk: undefined };
  if ((await failing(binary, [best])) < 0) return row;
  for (let i = 0; best.edits.length > 1 && i < best.edits.length;) {
    const fewer = { ...best, edits: best.edits.filter((_, k) => k !== i) };
    if ((await failing(binary, [fewer])) < 0) ++i;
    else best = fewer;
  }
  let tokens = split(best.html);
  for (let size = Math.ceil(tokens.length / 2); size >= 1;) {
    const candidates = [];
    for (let at = 0; at < tokens.length; at += size) candidates.push([...tokens.slice(0, at), ...tokens.slice(at + size)]);
    const rows = candidates.map((candidate) => ({ ...best, html: candidate.join("") }));
    const found = await failing(binary, rows);
    if (found >= 0) tokens = candidates[found];
    else size = size === 1 ? 0 : Math.ceil(size / 2);
  }
  return { ...best, html: tokens.join("") };
}
