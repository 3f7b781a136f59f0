// Pages that no one would write on purpose: random soup, and every formatting element misnested with every block.

export const formatting = ["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"];
export const blocks = [
  "address", "article", "aside", "blockquote", "button", "caption", "center", "dd", "details", "dialog", "dir", "div", "dl", "dt",
  "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "header", "hgroup", "label", "li", "listing", "main",
  "marquee", "menu", "nav", "object", "ol", "optgroup", "option", "p", "pre", "search", "section", "select", "span", "summary",
  "svg", "table", "tbody", "td", "template", "th", "tr", "ul",
];
// No frameset: one takes the place of a body that has begun, if what is in that is no more than blanks.
const others = ["body", "br", "col", "colgroup", "head", "hr", "html", "img", "input", "math", "mi", "desc", "foreignObject",
  "rb", "rp", "rt", "ruby", "script", "style", "textarea", "tfoot", "thead", "title", "x-y", "noscript", "iframe", "meta", "xmp"];
const parts = {
  table: ["tr", "tbody", "td", "caption", "colgroup", "thead"], tbody: ["tr"], thead: ["tr"], tr: ["td", "th"],
  ul: ["li"], ol: ["li"], dl: ["dt", "dd"], select: ["option", "optgroup"], optgroup: ["option"], ruby: ["rt", "rp"], svg: ["g", "desc", "path"],
};
const raw = ["script", "style", "textarea", "title", "iframe", "xmp", "noscript"];

export class Soup {
  constructor(random) {
    this.random = random;
    this.targets = 0;
  }

  /** A start tag, marked as one that can be edited. */
  start(name, percent = 60) {
    const { random } = this;
    const mark = random.chance(percent) && this.targets < 6 ? ` data-t${this.targets++}` : "";
    const css = random.chance(15) ? ` class="${random.pick(["a", "a b", "b"])}"` : "";
    const type = name === "input" && random.chance(40) ? " type=hidden" : "";
    return `<${name}${mark}${css}${type}${random.chance(3) ? "/" : ""}>`;
  }

  text() {
    return this.random.pick(["x", "y ", " z", "1 2", " ", "\n", "&amp;", "&am", "p;", "<!--c-->", "", ""]);
  }

  name(open) {
    const { random } = this;
    const kin = parts[open.at(-1)];
    if (kin && random.chance(75)) return random.pick(kin);
    const dice = random.below(100);
    if (dice < 30) return random.pick(formatting);
    if (dice < 85) return random.pick(blocks);
    return random.pick(others);
  }

  body(length) {
    const { random } = this;
    const open = [];
    let page = "";
    for (let i = 0; i < length; ++i) {
      const dice = random.below(100);
      if (dice < 45) {
        const name = this.name(open);
        page += this.start(name);
        if (raw.includes(name)) page += `${random.pick(["", "x", "<b>", "a<"])}${random.chance(90) ? `</${name}>` : ""}`;
        else open.push(name);
      } else if (dice < 70) {
        page += this.text();
      } else if (dice < 90 && open.length) {
        page += `</${open.pop()}>`;
      } else if (open.length && random.chance(70)) {
        page += `</${open.splice(random.below(open.length), 1)[0]}>`;  // not the innermost one
      } else {
        page += `</${random.pick([...formatting, ...blocks, ...others])}>`;
      }
    }
    if (random.chance(60)) while (open.length) page += `</${open.pop()}>`;
    return page;
  }

  around(content) {
    const { random } = this;
    const doctype = random.chance(70) ? "<!doctype html>" : "";
    const head = random.pick(["", "<html><head><title>t</title></head>", "<head><meta charset=utf-8><div>stray</div></head>", "<title>t</title>"]);
    const body = random.pick(["", "<body>", "<body class=a>"]);
    const end = random.pick(["", "</body></html>", "</body>", "</body></html>\n", "</body><p>late</p>", "</body>late</html>"]);
    return doctype + head + body + content + end;
  }

  page() {
    return this.around(this.body(3 + this.random.below(24)));
  }

  /** What belongs around a body, in any order and number: heads after heads, two pages in one. */
  edges() {
    const { random } = this;
    const root = (name) => `<${name}${random.pick(["", "", " lang=en", " class=a", ` data-r=${random.below(3)}`])}>`;
    const inHead = () => random.pick([
      () => `${this.start("title")}t</title>`, () => `${this.start("script")}s</script>`, () => `${this.start("style")}s{}</style>`,
      () => this.start("meta"), () => this.start("link"), () => `${this.start("template")}<p>t</template>`, () => `${this.start("noscript")}n</noscript>`,
    ])();
    const inBody = () => random.pick([() => `${this.start("p")}p</p>`, () => `${this.start("div")}<b>d</b></div>`, () => "x", () => this.start("br"),
      () => `${this.start("table")}<tr><td>c</table>`, () => `${this.start("b")}b`, () => `${this.start("form")}f`])();
    const piece = () => random.pick([
      () => root("html"), () => root("head"), () => root("body"), () => "</head>", () => "</body>", () => "</html>",
      inHead, inHead, inBody, () => random.pick([" ", "\n", "<!--c-->", "</p>", "</br>", "</template>"]),
    ])();
    const some = (make, most) => Array.from({ length: random.below(most + 1) }, make).join("");
    const head = random.chance(60) ? `${root("html")}${root("head")}${some(inHead, 2)}</head>` : "";
    return `${random.chance(70) ? "<!doctype html>" : ""}${head}${some(piece, 8)}${some(inBody, 2)}${some(piece, 6)}`;
  }

  /** One formatting element and one block, or more of them, that overlap in one of the ways in which they can. */
  misnested(inline, block) {
    const { random } = this;
    const kin = parts[block];
    const content = kin ? `<${random.pick(kin)}>c` : "c";
    const f = () => this.start(inline, 70);
    const b = () => this.start(block, 90);
    const t = () => random.pick(["t", "t", "", " ", "<br>", "<i>t</i>"]);
    const wrap = random.pick([["", ""], ["", ""], ["<div>", "</div>"], ["<p>", "</p>"], ["<table><tr><td>", "</table>"], ["<table>", "</table>"],
      ["<table><tr>", "</tr></table>"], ["<ul><li>", "</ul>"], ["<form>", "</form>"], ["<button>", "</button>"], ["<section>", "</section>"], ["<select>", "</select>"]]);
    const middle = random.pick([
      () => `${f()}${t()}${b()}${content}</${inline}>${t()}</${block}>`,
      () => `${b()}${t()}${f()}${content}</${block}>${t()}</${inline}>`,
      () => `${f()}${b()}${f()}${content}</${inline}></${block}>${t()}</${inline}>`,
      () => `${f()}${b()}${content}${t()}`,
      () => `${b()}${f()}${content}</${block}>`,
      () => `${f()}${b()}${content}${b()}${t()}</${inline}></${block}>`,
      () => `${f()}${this.start("div")}${b()}${content}</${inline}></${block}>${t()}</div>`,
      () => `${f()}${f()}${b()}${content}</${inline}></${block}>`,
      () => `${f()}${t()}</${inline}>${b()}${content}</${block}>`,
      () => `${b()}${f()}${t()}</${inline}>${content}</${block}>`,
      () => `${f()}${b()}${content}</${block}></${inline}>`,
    ])();
    return this.around(`${t()}${wrap[0]}${middle}${wrap[1]}${t()}${this.start("p", 50)}end</p>${t()}`);
  }
}
