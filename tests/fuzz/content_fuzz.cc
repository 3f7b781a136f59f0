// Any content: if it may be inserted, it stays where it was put. Read by the tree builder's own rules, what stands
// around it is where it was before: in an ordinary place, where everything that passes the check can be put, and in
// places that are particular about what they contain, where the rewriter may refuse it.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "html/rewriter.h"
#include "html/tree/extents.h"
#include "tests/unit/html/rewriting.h"

namespace {

using namespace personalize::html;
using namespace personalize::html::testing;

[[noreturn]] void fail(const char* what, const std::string& page) {
  std::fprintf(stderr, "%s\n%s\n", what, page.c_str());
  std::abort();
}

std::vector<Extent> elements_of(std::string_view page) {
  ExtentRecorder recorder;
  recorder.write(page);
  recorder.end();
  return recorder.elements();
}

bool operator==(const Extent& a, const Extent& b) {
  return a.name == b.name && a.start == b.start && a.content == b.content && a.content_end == b.content_end &&
         a.end == b.end;
}

/// `front` + `content` + `back` has the elements of `front` + `back`, and what the content brings.
void check_surroundings(const std::string& front, std::string_view content, const std::string& back) {
  const std::string page = front + std::string(content) + back;
  const std::size_t begin = front.size(), end = begin + content.size();
  const auto without_content = [&](std::size_t offset) {
    if (begin < offset && offset < end) fail("an element around the content ends in it", page);
    return offset <= begin ? offset : offset - content.size();
  };
  std::vector<Extent> around;
  for (Extent element : elements_of(page)) {
    if (begin <= element.start && element.start < end) {
      if (element.end > end) fail("an element of the content does not end in it", page);
      continue;
    }
    for (std::size_t* offset : {&element.start, &element.content, &element.content_end, &element.end})
      *offset = without_content(*offset);
    around.push_back(element);
  }
  const std::vector<Extent> before = elements_of(front + back);
  if (around.size() != before.size()) fail("there are other elements around the content", page);
  for (std::size_t i = 0; i < around.size(); ++i) {
    if (!(around[i] == before[i])) fail("an element around the content is not what it was", page);
  }
}

/// Without those that pages may leave to be implied: only with a tag they have an extent.
std::vector<std::string> names_in(std::string_view page) {
  const std::set<std::string_view> implied = {"html", "head", "body", "colgroup", "tbody", "tr"};
  std::vector<std::string> names;
  for (const Extent& element : elements_of(page)) {
    if (!implied.contains(element.name)) names.emplace_back(element.name);
  }
  return names;
}

/// Takes the tags off `put` that the rewriter writes before content which would not imply them.
std::string take_implied_tags(std::string_view& put, std::string_view content) {
  std::string taken;
  for (std::string_view tag : {"</head>", "<html>", "<head>", "<body>", "<colgroup>", "<tbody>", "<tr>"}) {
    if (!put.starts_with(tag) || content.starts_with(tag)) continue;
    taken += tag;
    put.remove_prefix(tag.size());
  }
  return taken;
}

/// The element `#x` is between `front` and `back`.
struct Place {
  std::string_view front, start, end, back;
};

constexpr Place places[] = {
    {"<!doctype html><head><title>t</title>", "<meta id=x>", "", "<link></head><body><p>p</p></body>"},
    {"<!doctype html>", "<head id=x>", "</head>", "<body><p>p</p></body>"},
    {"<!doctype html><head></head>", "<body id=x>", "</body>", "</html>"},
    {"<div><p>1</p>", "<p id=x>", "</p>", "<p>2</p></div>"},
    {"<!doctype html><ul><li>1</li>", "<li id=x>", "</li>", "<li>2</li></ul>"},
    {"<dl><dt>1</dt>", "<dd id=x>", "</dd>", "<dt>2</dt></dl>"},
    {"<h1>1", "<span id=x>", "</span>", "</h1><h2>2</h2>"},
    {"<a href=x>1", "<i id=x>", "</i>", "</a><b>2</b>"},
    {"<button>1", "<em id=x>", "</em>", "</button><button>2</button>"},
    {"<form>1", "<label id=x>", "</label>", "</form><form>2</form>"},
    {"<p><b><nobr>1</p>", "<div id=x>", "</div>", "</nobr></b>2<nobr>3</nobr>"},
    {"<table>", "<tbody id=x>", "</tbody>", "<tr><td>2</td></tr></table><p>p"},
    {"<table><tr><td>1</td></tr>", "<tr id=x>", "</tr>", "<tr><td>2</td></tr></table>"},
    {"<!doctype html><p><table><tr><td>1</td>", "<td id=x>", "</td>", "<td>2</td></tr></table></p>"},
    {"<table>", "<caption id=x>", "</caption>", "<col><tr><td>2</td></tr></table>"},
    {"<table>", "<colgroup id=x>", "</colgroup>", "<tr><td>2</td></tr></table>"},
    {"<select><optgroup><option>1</option>", "<option id=x>", "</option>", "<option>2</option></optgroup></select>"},
    {"<table><tr><td>", "<select id=x>", "</select>", "</td><td>2</td></tr></table>"},
    {"<div><svg><g></g>", "<g id=x>", "</g>", "<g/></svg><p>p</p></div>"},
    {"<div><svg>", "<foreignObject id=x>", "</foreignObject>", "<g/></svg><p>p</p></div>"},
    {"<math><mrow>", "<mi id=x>", "</mi>", "<mo/></mrow></math><p>p</p>"},
    {"<ruby>1", "<rt id=x>", "</rt>", "<rp>2</rp></ruby>"},
    {"<object><param>", "<ins id=x>", "</ins>", "</object><marquee>2</marquee>"},
    {"<noscript>1</noscript>", "<pre id=x>", "</pre>", "<listing>2</listing>"},
};
constexpr Operation operations[] = {Operation::before, Operation::prepend, Operation::append,
                                    Operation::inner,  Operation::after,   Operation::replace};

/// One place and operation, chosen by the content.
void check_place(std::string_view content) {
  std::uint32_t choice = 2166136261u;
  for (char c : content) choice = (choice ^ static_cast<std::uint8_t>(c)) * 16777619u;
  const Place& place = places[(choice >> 16) % std::size(places)];
  Edit edit;
  edit.operation = operations[(choice >> 8) % std::size(operations)];
  edit.content = content;
  Selectors selectors;
  if (selectors.add("#x")) std::abort();

  const std::string tags = std::string(place.start) + std::string(place.end);
  const std::string page = std::string(place.front) + tags + std::string(place.back);
  RewriterOptions options;
  options.content_type = "text/html; charset=utf-8";
  const Rewritten rewritten = rewrite(
      selectors, {&edit, 1}, page, [&] { return page.size(); }, {}, options);
  if (rewritten.results[0].matches != 1) fail("the place was not found", page);
  if (rewritten.results[0].applied == 0) {
    if (rewritten.html != page) fail("bytes were changed although the edit was skipped", rewritten.html);
    return;
  }
  std::string front(place.front), back(place.back);
  switch (edit.operation) {
    case Operation::before: back = tags + back; break;
    case Operation::after: front += tags; break;
    case Operation::replace: break;
    default:
      front += place.start;
      back = std::string(place.end) + back;
      break;
  }
  // Bytes that are not UTF-8 have been replaced.
  std::string_view put = rewritten.html;
  if (put.size() < front.size() + back.size() || !put.starts_with(front) || !put.ends_with(back))
    fail("more than the content was put there", rewritten.html);
  put = put.substr(front.size(), put.size() - front.size() - back.size());
  const std::string without_tags = front + back;
  front += take_implied_tags(put, content);
  if (names_in(front + back) != names_in(without_tags)) fail("tags were written that nothing implied", rewritten.html);
  check_surroundings(front, put, back);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view content(reinterpret_cast<const char*>(data), size);
  if (check_content(content)) return 0;
  check_surroundings("<!doctype html><html><head></head><body><main><section>", content,
                     "</section><aside></aside></main></body></html>");
  check_place(content);
  return 0;
}
