// Edits of and around formatting elements, which browsers open again by themselves.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/html/splicing/splicing.h"

namespace personalize::html::testing {
namespace {

/// What becomes of a page, however it is cut, and from its plan.
Rewritten edit_all_ways(const std::string& page, Operation operation, std::string_view content,
                        const char* selector = "#t") {
  Selectors selectors;
  EXPECT_FALSE(selectors.add(selector));
  const std::vector<Edit> edits{{.operation = operation, .content = content}};
  Rewritten whole = rewrite(selectors, edits, page);
  for (const std::size_t size : {1, 3, 8}) EXPECT_EQ(rewrite(selectors, edits, page, size).html, whole.html) << size;
  const Spliced spliced = splice(record_plan(selectors, page), selectors, page, edits);
  if (spliced.done) expect_equal(spliced, whole, page);
  return whole;
}

std::string edited(const std::string& page, Operation operation, std::string_view content) {
  return edit_all_ways(page, operation, content).html;
}

Skip why(const std::string& page, Operation operation, std::string_view content) {
  return edit_all_ways(page, operation, content).results[0].reason;
}

TEST(FormattingEdit, PutsContentInFrontAndInPlaceOfEveryFormattingElement) {
  for (const std::string name :
       {"a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"}) {
    const std::string start = "<" + name + " id=t href=x>", element = start + "x</" + name + ">";
    for (const std::string content : {"text", "<span>now</span> ", "<b>n</b>", "<i><u>n</u></i>", "<img src=y>",
                                      "<nobr>n</nobr>", "<a href=y>n</a>", "<object>n</object>"}) {
      EXPECT_EQ(edited("<p>a" + element + "z</p>", Operation::before, content), "<p>a" + content + element + "z</p>");
      EXPECT_EQ(edited("<p>a" + element + "z</p>", Operation::replace, content), "<p>a" + content + "z</p>");
      EXPECT_EQ(edited("<p>a" + element + "z</p>", Operation::after, content), "<p>a" + element + content + "z</p>");
    }
    EXPECT_EQ(edited("<div>" + element + "</div>", Operation::before, "<p>n</p>"),
              "<div><p>n</p>" + element + "</div>");
  }
  const std::string again = "<b><b><b>1</b></b></b><b id=t>x</b>";
  EXPECT_EQ(edited(again, Operation::before, "<b>n</b>"), "<b><b><b>1</b></b></b><b>n</b><b id=t>x</b>");
}

TEST(FormattingEdit, PutsNoLinkAtTheEndOfALink) {
  for (const std::string page : {"<a id=t>x</a>", "<p><a id=t>x</a> y", "<p><a id=t><b>x</a> y"}) {
    for (const std::string content : {"<a href=y>n</a>", "<u><a href=y>n</a></u>"})
      EXPECT_EQ(why(page, Operation::append, content), Skip::unsafe_region) << page << content;
  }
  EXPECT_EQ(why("<nobr id=t>x</nobr>", Operation::append, "<nobr>n</nobr>"), Skip::unsafe_region);
}

TEST(FormattingEdit, KnowsWhatTheTagOpensAgain) {
  // The <b> of the first paragraph goes on in the second, but only from the tag on.
  const std::string page = "<p><b>1</p><p><i id=t>2</i></p>";
  EXPECT_EQ(edited(page, Operation::before, "text"), "<p><b>1</p><p>text<i id=t>2</i></p>");
  EXPECT_EQ(edited(page, Operation::replace, "<u>n</u>"), "<p><b>1</p><p><u>n</u></p>");
  EXPECT_EQ(why(page, Operation::remove, ""), Skip::unsafe_region);
  const std::string blocks = "<div><b><i>1</div><div><img id=t>2</div>";
  EXPECT_EQ(edited(blocks, Operation::before, "text"), "<div><b><i>1</div><div>text<img id=t>2</div>");
  EXPECT_EQ(why(blocks, Operation::before, "<section>n</section>"), Skip::unsafe_region);
  EXPECT_EQ(why(blocks, Operation::before, "<!-- n -->"), Skip::unsafe_region);
  EXPECT_EQ(edited(blocks, Operation::after, "text"), "<div><b><i>1</div><div><img id=t>text2</div>");
}

TEST(FormattingEdit, KnowsWhatTheTagTakesOffTheList) {
  const std::string three = "<b><b><b>", page = three + "<b>x</b>y";
  const char* fourth = "b > b > b > b";
  EXPECT_EQ(edit_all_ways(page, Operation::replace, "n", fourth).results[0].reason, Skip::unsafe_region);
  EXPECT_EQ(edit_all_ways(page, Operation::inner, "n", fourth).html, three + "<b>n</b>y");
  const std::string links = "<div><a>1</div><a id=t>2</a>3";
  EXPECT_EQ(why(links, Operation::before, "n"), Skip::unsafe_region);
  EXPECT_EQ(why(links, Operation::remove, ""), Skip::unsafe_region);
  EXPECT_EQ(edited("<a>1<a id=t>2</a>", Operation::before, "n"), "<a>1</a>n<a id=t>2</a>");
}

TEST(FormattingEdit, DoesNotTakeTheElementsOwnMarkerOrFormForOneAroundIt) {
  EXPECT_EQ(why("<b><div></b><object id=t></object></div>", Operation::before, "n"), Skip::none);
  EXPECT_EQ(why("<p><b>1</p><object id=t></object>", Operation::replace, "n"), Skip::none);
  EXPECT_EQ(why("<div><b>1</div><div><template id=t></template>2</div>", Operation::before, "n"), Skip::unsafe_region);
  EXPECT_EQ(edited("<form id=t>1</form>2", Operation::replace, "<form>n</form>"), "<form>n</form>2");
  EXPECT_EQ(edited("<form id=t>1</form>2", Operation::before, "<form>n</form>"), "<form>n</form><form id=t>1</form>2");
  EXPECT_EQ(why("<form><p id=t>1</p></form>", Operation::before, "<form>n</form>"), Skip::unsafe_region);
}

TEST(FormattingEdit, WritesNoEndTagThatWouldDoMoreThanEndTheElement) {
  EXPECT_EQ(why("<p><b id=t>1</p><p>2</p>", Operation::after, "n"), Skip::unsafe_region);
  EXPECT_EQ(edited("<p><b id=t>1", Operation::after, "n"), "<p><b id=t>1</b>n");
  EXPECT_EQ(why("<div><form id=t>1</div><form>2</form>", Operation::after, "n"), Skip::unsafe_region);
  EXPECT_EQ(why("<div id=t><form>1</div><form>2</form>", Operation::append, "n"), Skip::unsafe_region);
  EXPECT_EQ(why("<div id=t><b>1", Operation::after, "n"), Skip::unsafe_region);
}

TEST(FormattingEdit, TextInFrontOfWhatIsRemovedMakesNoTagOfWhatFollows) {
  const std::string page = "a <<i id=t>x</i>b>c";
  EXPECT_EQ(edited(page, Operation::remove, ""), page);
}

}  // namespace
}  // namespace personalize::html::testing
