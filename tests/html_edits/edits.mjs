// Random edits.

const contents = [
  "new", "new", "<b>new</b>", "<p>new</p>", "<div>new</div>", "<a href=/n>new</a>", "<span>new</span>", "<li>new</li>", "<tr><td>new</td></tr>",
  "<td>new</td>", "<option>new</option>", "<br>", "<img src=/n>", "<h2>new</h2>", "<ul><li>new</ul>", "<table><tr><td>new</table>", "<dd>new</dd>",
  "<svg><path/></svg>", "<script>n()</script>", "<form><input></form>", "<input type=hidden>", "<button>new</button>", "<tbody><tr><td>new</tbody>",
  "<i>n</i>ew", "<select><option>n</select>", "<template>new</template>", "<!--new-->", "<nobr>new</nobr>", "<style>n{}</style>",
];
const fitting = {
  head: ["<script>n()</script>", "<style>n{}</style>", "<meta name=n>", "<link rel=n>", "<template>new</template>", "<!--new-->", "<meta name=n> <link rel=n>"],
  table: ["<tr><td>new</td></tr>", "<tbody><tr><td>new</tbody>", "<caption>new</caption>"], tbody: ["<tr><td>new</td></tr>"], thead: ["<tr><td>new</td></tr>"],
  tr: ["<td>new</td>", "<th>new</th>"], ul: ["<li>new</li>"], ol: ["<li>new</li>"], dl: ["<dt>new</dt>", "<dd>new</dd>"], select: ["<option>new</option>"],
  title: ["new", "a &amp; b", "<b>new</b>", "</title>", "\nnew", "&lt"], textarea: ["new", "\nnew", "<p>new", "</textarea>", "a &amp b"],
  optgroup: ["<option>new</option>"], svg: ["<path/>", "new"], option: ["new"], p: ["new", "<b>new</b>", "<img src=/n>"],
};
const operations = ["before", "prepend", "append", "after", "inner", "replace", "remove", "set_attribute", "remove_attribute", "add_class", "remove_class"];
const around = ["before", "after", "replace"];

/** An edit of what `selector` names, an element called `name` in one called `parent`. */
export function randomEdit(random, selector, name, parent) {
  const op = random.chance(85) ? random.pick(operations.slice(0, 7)) : random.pick(operations.slice(7));
  const edit = { selector, op };
  if (op === "set_attribute") return { ...edit, name: random.pick(["title", "class", "href"]), value: random.pick(["v", "a \"b\" & <c>", ""]) };
  if (op === "remove_attribute") return { ...edit, name: random.pick(["class", "href", "id"]) };
  if (op === "add_class" || op === "remove_class") return { ...edit, value: random.pick(["a", "b", "c d", "a c"]) };
  if (op === "remove") return edit;
  const kin = fitting[around.includes(op) ? parent : name];
  return { ...edit, content: kin && random.chance(70) ? random.pick(kin) : random.pick(contents) };
}
