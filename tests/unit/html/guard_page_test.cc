// Every byte that is read belongs to the page: pieces are directly before (or after) memory without
// access.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/html/guarded_buffer.h"
#include "tests/unit/html/rewriting.h"

namespace personalize::html::testing {
namespace {

constexpr std::string_view guarded_page =
    "<!doctype html><html><head><title>a &amp; b</title><style>p > b { }</style></head><body class='one two'>"
    "<!-- comment --><div id=slot class=\"card highlighted long-class-name-beyond-sixteen\"><p>text<p "
    "title=\"x &lt; y\">more</div>"
    "<ul><li>1<li class=b>2<li>3</ul><script>if (a < b) c(\"</p>\");</script><svg><path d='M0 0'/></svg>"
    "<table><tr><td>1<td>2</table><a href=/x?a=1&b=2>link</a></body></html>";

struct GuardedSlots {
  Selectors selectors;
  std::vector<Edit> edits;
  GuardedSlots() {
    for (const char* selector :
         {"#slot", ".b", "td:nth-child(2)", "[title]", "a[href*='b=2']", "body > *", "li:last-child"}) {
      EXPECT_FALSE(selectors.add(selector));
      Edit edit;
      edit.slot = static_cast<SlotId>(edits.size());
      edit.operation = edits.size() % 2 ? Operation::add_class : Operation::append;
      edit.content = "<b>new</b>";
      edit.value = "new";
      edits.push_back(edit);
    }
  }
};

TEST(GuardPage, NothingIsReadPastTheEndOfAPiece) {
  const GuardedSlots slots;
  GuardedBuffer buffer(guarded_page.size());
  const std::string whole = rewrite(slots.selectors, slots.edits, guarded_page).html;
  for (std::size_t size = 1; size <= guarded_page.size(); ++size) {
    const auto piece = [size] { return size; };
    EXPECT_EQ(rewrite(slots.selectors, slots.edits, guarded_page, piece,
                      [&](std::string_view text) { return buffer.at_end(text); })
                  .html,
              whole)
        << size;
  }
}

TEST(GuardPage, NothingIsReadInFrontOfAPiece) {
  const GuardedSlots slots;
  GuardedBuffer buffer(guarded_page.size());
  const std::string whole = rewrite(slots.selectors, slots.edits, guarded_page).html;
  for (std::size_t size = 1; size <= guarded_page.size(); ++size) {
    const auto piece = [size] { return size; };
    EXPECT_EQ(rewrite(slots.selectors, slots.edits, guarded_page, piece,
                      [&](std::string_view text) { return buffer.at_start(text); })
                  .html,
              whole)
        << size;
  }
}

}  // namespace
}  // namespace personalize::html::testing
