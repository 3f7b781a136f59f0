// Any page, cut anywhere: without a matching edit every byte comes out as it was, and with edits the result
// does not depend on the cuts, and a splice plan of the page gives the same. The first bytes of the input choose edits
// and cuts, the rest is the page.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "tests/unit/html/guarded_buffer.h"
#include "tests/unit/html/rewriting.h"

namespace {

using namespace personalize::html;
using namespace personalize::html::testing;

constexpr std::size_t header_size = 8;
constexpr std::size_t max_piece = 1 << 16;

constexpr const char* some_selectors[] = {"p",
                                          "#a",
                                          ".b",
                                          "li:nth-child(2)",
                                          "td",
                                          "div > *",
                                          "[title]",
                                          "a + b",
                                          "body",
                                          "tr ~ tr",
                                          "svg *",
                                          "b:nth-of-type(2)",
                                          "li:last-child",
                                          "p:empty",
                                          "div:has(b)",
                                          "li",
                                          "table",
                                          ":not(p)",
                                          "select",
                                          "option:checked",
                                          "template",
                                          "title",
                                          "script",
                                          "*",
                                          "ul",
                                          "math > *",
                                          "[a='b&c']",
                                          "html",
                                          "h1, h2, h3",
                                          "head > *",
                                          "p:nth-last-child(2)",
                                          "i:only-child"};

constexpr const char* selectors_of_nothing[] = {
    "#this-id-is-in-no-page-that-a-fuzzer-finds-1", ".nor-is-this-class-name-of-any-element-2",
    "[data-attribute-that-nobody-has-3=x]",         "an-element-that-nobody-has-4 > p",
    "p + another-element-that-nobody-has-5",        "element-that-nobody-has-6:last-child"};

class ByLength : public ChildOrder {
 public:
  void describe(std::string&) const override {}
  std::int64_t key(std::string_view value) const override { return static_cast<std::int64_t>(value.size()); }
};
const ByLength by_length;

struct Edits {
  Selectors selectors;
  std::vector<Edit> edits;

  void add(const char* selector, std::uint8_t choice) {
    if (selectors.add(selector)) std::abort();
    Edit edit;
    edit.slot = static_cast<SlotId>(edits.size());
    edit.operation = static_cast<Operation>(std::min(choice % 16, 11));  // more often `reorder`
    edit.content = choice & 64 ? "<b>new &amp; \"improved\"</b>" : "text";
    edit.name = choice & 32 ? "class" : "data-x";
    edit.order = &by_length;
    edit.value = "a&b \"c\" <d>";
    edits.push_back(edit);
  }
};

class Cuts {
 public:
  explicit Cuts(std::uint32_t seed, std::uint32_t largest) : state_(seed | 1), largest_(largest) {}
  std::size_t operator()() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 17;
    state_ ^= state_ << 5;
    return 1 + state_ % largest_;
  }

 private:
  std::uint32_t state_, largest_;
};

[[noreturn]] void fail(const char* what, const std::string& a, const std::string& b) {
  std::fprintf(stderr, "%s\n--- whole:\n%s\n--- other:\n%s\n", what, a.c_str(), b.c_str());
  std::abort();
}

void compare(const char* what, const Rewritten& whole, const Rewritten& other) {
  if (whole.html != other.html) fail(what, whole.html, other.html);
  for (std::size_t i = 0; i < whole.results.size(); ++i) {
    const EditResult &a = whole.results[i], &b = other.results[i];
    if (a.matches != b.matches || a.applied != b.applied || a.reason != b.reason)
      fail(what, std::string(to_string(a.reason)), std::string(to_string(b.reason)));
    if (a.applied > a.matches) fail("more was applied than matched", whole.html, "");
  }
}

/// False if it cannot be told from the plan.
bool check_plan(const Edits& edits, std::string_view page, const RewriterOptions& options, TagSource tags,
                const Rewritten& whole) {
  SplicedString sink(page);
  Rewritten spliced;
  spliced.results.resize(edits.edits.size());
  std::vector<SlotId> sorted;
  for (const Edit& edit : edits.edits) {
    if (edit.operation == Operation::reorder) sorted.push_back(edit.slot);
  }
  const std::string plan = record_plan(edits.selectors, page, options, tags, sorted);
  const std::string_view at_hand = tags == TagSource::body ? page : std::string_view();
  if (!SplicePlan(plan).splice(edits.selectors, at_hand, edits.edits, sink, spliced.results, options)) return false;
  spliced.html = std::move(sink.text);
  compare("the plan made a difference", whole, spliced);
  return true;
}

void check(const Edits& edits, std::string_view page, std::uint32_t seed, bool unchanged) {
  static GuardedBuffer buffer(max_piece);
  RewriterOptions options;
  options.content_type = "text/html; charset=utf-8";
  options.max_held_token = 256;
  options.max_held_element = 512;
  const Rewritten whole = rewrite(
      edits.selectors, edits.edits, page, [] { return max_piece; },
      [](std::string_view piece) { return buffer.at_end(piece); }, options);
  if (unchanged && whole.html != page) fail("bytes were changed without an edit", std::string(page), whole.html);
  const Rewritten cut = rewrite(
      edits.selectors, edits.edits, page, Cuts(seed, seed % 3 == 0 ? 1 : seed % 64 + 1),
      [&](std::string_view piece) { return seed & 1 ? buffer.at_end(piece) : buffer.at_start(piece); }, options);
  compare("the cuts made a difference", whole, cut);
  const bool planned = check_plan(edits, page, options, TagSource::body, whole);
  if (check_plan(edits, page, options, TagSource::plan, whole) != planned)
    fail("the body made a difference", whole.html, "");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < header_size) return 0;
  const std::string_view page(reinterpret_cast<const char*>(data) + header_size, size - header_size);
  const std::uint32_t seed = data[0] | data[1] << 8 | data[2] << 16;

  Edits nothing;
  for (const char* selector : selectors_of_nothing) nothing.add(selector, data[3]);
  check(nothing, page, seed, true);

  Edits some;
  for (std::size_t i = 4; i < header_size; ++i)
    some.add(some_selectors[data[i] % std::size(some_selectors)], data[3] + data[i] * 7);
  check(some, page, seed, false);
  return 0;
}
