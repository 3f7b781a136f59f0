// Memory that ends in the middle of a page: the page goes on without edits, and nothing of it is lost.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>
#include <string>

#include "tests/unit/html/rewriting.h"

namespace {

/// How many allocations succeed before one fails; negative: all do.
long allocations_left = -1;

}  // namespace

// For this whole program, and plain but for the counter. Not inlined, or GCC sees `free` where `new` was called.
void* operator new(std::size_t size) {
  if (allocations_left == 0) {
    allocations_left = -1;
    throw std::bad_alloc();
  }
  if (allocations_left > 0) --allocations_left;
  if (void* memory = std::malloc(size != 0 ? size : 1)) return memory;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  try {
    return operator new(size);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }

namespace personalize::html::testing {
namespace {

constexpr std::string_view long_page =
    "<!doctype html><html><head><title>t</title></head><body><p id=a class='x &amp; y'>1<p class=b>2</p>"
    "<ul><li data-k=1>1<li data-k=2>2<li data-k=3>3</ul><table><tr><td>1<td>2</table><!-- a comment -->"
    "<div title=\"a > b\"><div><b>deep</b></div></div><script>if (a < b) c();</script><form id=f>"
    "<p class=b>1<p>2</form><form><p>3<input autocomplete=cc-number></form><i>last</i></body></html>";
constexpr std::string_view inserted_content = "[[inserted by an edit]]";

class SameOrder : public ChildOrder {
 public:
  void describe(std::string&) const override {}
  std::int64_t key(std::string_view) const override { return 0; }
};

struct FailingSlots {
  Selectors selectors;
  std::vector<Edit> edits;
  SameOrder order;

  explicit FailingSlots(bool looks_ahead) {
    add("#a", Operation::before);
    add("p", Operation::append);
    add("td", Operation::prepend);
    add("ul", Operation::reorder);
    add("li:nth-child(2)", Operation::append);
    add("div > div", Operation::after);
    add("body", Operation::append);
    if (!looks_ahead) return;
    add("li:last-child", Operation::prepend);
    add("div:has(b)", Operation::before);
  }
  void add(const char* selector, Operation operation) {
    EXPECT_FALSE(selectors.add(selector));
    Edit edit;
    edit.slot = static_cast<SlotId>(edits.size());
    edit.operation = operation;
    edit.content = inserted_content;
    edit.name = "data-k";
    edit.order = &order;
    edits.push_back(edit);
  }
};

/// Rewrites the page in pieces while allocation `number` fails. Returns the output without what edits inserted; sets
/// `reached` to whether there were that many (the failure itself may have had no effect).
std::string rewrite_without_memory(const FailingSlots& slots, std::size_t size, long number, bool& reached) {
  StringSink sink;
  sink.text.reserve(4 * long_page.size());
  bool failed = false;
  allocations_left = number;
  try {
    Rewriter rewriter(slots.selectors, slots.edits, sink);
    for (std::size_t at = 0; at < long_page.size(); at += size) {
      const std::string_view piece = long_page.substr(at, size);
      if (failed) {
        sink.pass(piece);
        continue;
      }
      try {
        rewriter.write(piece);
      } catch (const std::bad_alloc&) {
        failed = true;
        rewriter.abandon(piece);
      }
    }
    try {
      if (!failed) rewriter.end();
    } catch (const std::bad_alloc&) {
      failed = true;
      rewriter.abandon({});
    }
  } catch (const std::bad_alloc&) {  // it could not even begin
    failed = true;
    sink.pass(long_page);
  }
  reached = allocations_left < 0;
  allocations_left = -1;
  std::string text = sink.text;
  for (std::size_t at; (at = text.find(inserted_content)) != std::string::npos;)
    text.erase(at, inserted_content.size());
  // End tags that an edit needed.
  for (std::string_view written : {"1</p>", "2</p></p>"}) {
    if (const std::size_t at = text.find(written);
        at != std::string::npos && long_page.find(written) == std::string::npos)
      text.erase(at + 1, 4);
  }
  return text;
}

TEST(NoMemory, NothingOfThePageIsLostWhereverMemoryEnds) {
  for (bool looks_ahead : {false, true}) {
    const FailingSlots slots(looks_ahead);
    for (std::size_t size : {std::size_t{1}, std::size_t{7}, std::size_t{50}, long_page.size()}) {
      bool reached = true;
      long number = 0;
      for (; reached; ++number) {
        const std::string text = rewrite_without_memory(slots, size, number, reached);
        ASSERT_EQ(text, long_page) << "allocation " << number << ", pieces of " << size;
      }
      EXPECT_GT(number, 20);
    }
  }
}

}  // namespace
}  // namespace personalize::html::testing
