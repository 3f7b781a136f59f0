// Content in titles and textareas, where it shows as text.
#include <gtest/gtest.h>

#include "tests/unit/html/splicing/splicing.h"

namespace personalize::html {
namespace {

using testing::rewrite;
using testing::Rewritten;

/// Edits `title`, or what has the id x, whole, in pieces and from a plan, all of which must give the same.
Rewritten edit_text(const std::string& page, Operation operation, std::string_view content,
                    std::string_view content_type = "text/html; charset=utf-8") {
  Selectors selectors;
  EXPECT_FALSE(selectors.add("#x, title:not(#y)"));
  const RewriterOptions options{.content_type = content_type};
  const std::vector<Edit> edits = {{0, operation, content, {}, {}, nullptr}};
  const auto in_pieces = [&](std::size_t size) {
    return rewrite(
        selectors, edits, page, [size] { return size; }, {}, options);
  };
  Rewritten whole = in_pieces(page.size() + 1);
  EXPECT_EQ(whole.results[0].matches, 1u) << page;
  for (std::size_t size : {1, 2, 3, 7}) {
    const Rewritten pieces = in_pieces(size);
    EXPECT_EQ(pieces.html, whole.html) << page;
    EXPECT_EQ(pieces.results[0].reason, whole.results[0].reason) << page;
  }
  for (TagSource source : {TagSource::body, TagSource::plan}) {
    const std::string plan = record_plan(selectors, page, options, source);
    const testing::Spliced spliced = testing::splice(plan, selectors, page, edits, options);
    EXPECT_TRUE(spliced.done) << page;
    testing::expect_equal(spliced, whole, page);
  }
  return whole;
}

std::string edited_text(const std::string& page, Operation operation, std::string_view content) {
  return edit_text(page, operation, content).html;
}

Skip why_no_text(const std::string& page, Operation operation, std::string_view content) {
  const Rewritten result = edit_text(page, operation, content);
  if (result.results[0].reason != Skip::none) {
    EXPECT_EQ(result.html, page);
  }
  return result.results[0].reason;
}

TEST(TextElement, TakesContentAsText) {
  const std::string page = "<head><title>old</title><meta name=a></head><body>b";
  const auto with = [&](const std::string& title) {
    return "<head><title>" + title + "</title><meta name=a></head><body>b";
  };
  EXPECT_EQ(edited_text(page, Operation::inner, "Tom &amp; Jerry"), with("Tom &amp; Jerry"));
  EXPECT_EQ(edited_text(page, Operation::prepend, "New: "), with("New: old"));
  EXPECT_EQ(edited_text(page, Operation::append, " | Shop"), with("old | Shop"));
  EXPECT_EQ(edited_text(page, Operation::inner, ""), with(""));
  EXPECT_EQ(edited_text("<title></title>", Operation::inner, "new"), "<title>new</title>");
  EXPECT_EQ(edited_text("<body><textarea id=x>old</textarea>", Operation::inner, "new"),
            "<body><textarea id=x>new</textarea>");
  EXPECT_EQ(edited_text("<body><textarea id=x>old</textarea>", Operation::append, " new"),
            "<body><textarea id=x>old new</textarea>");
}

TEST(TextElement, ShowsMarkupAsItIsWritten) {
  for (const char* tag : {"title", "textarea"}) {
    const std::string start = std::string("<") + tag + " id=x>", end = std::string("</") + tag + ">";
    const std::string page = start + "old" + end + "<p>b</p>";
    EXPECT_EQ(edited_text(page, Operation::inner, "<b>new</b>"), start + "&lt;b>new&lt;/b>" + end + "<p>b</p>");
    EXPECT_EQ(edited_text(page, Operation::append, "<svg><title>t</title></svg>"),
              start + "old&lt;svg>&lt;title>t&lt;/title>&lt;/svg>" + end + "<p>b</p>");
    EXPECT_EQ(edited_text(page, Operation::inner, "a < b<!-- c -->"),
              start + "a &lt; b&lt;!-- c -->" + end + "<p>b</p>");
  }
}

TEST(TextElement, KeepsTheFirstLineEndOfATextarea) {
  EXPECT_EQ(edited_text("<textarea id=x>old</textarea>", Operation::inner, "\nnew"),
            "<textarea id=x>\n\nnew</textarea>");
  EXPECT_EQ(edited_text("<textarea id=x>\nold</textarea>", Operation::inner, "\r\nnew"),
            "<textarea id=x>\n\r\nnew</textarea>");
  EXPECT_EQ(edited_text("<textarea id=x>\nold</textarea>", Operation::append, "new"),
            "<textarea id=x>\noldnew</textarea>");
  EXPECT_EQ(edited_text("<title>old</title>", Operation::inner, "\nnew"), "<title>\nnew</title>");
  // Whether the text begins with a line end, or is empty, shows too late.
  EXPECT_EQ(why_no_text("<textarea id=x>\nold</textarea>", Operation::prepend, "new"), Skip::unsafe_region);
  EXPECT_EQ(why_no_text("<textarea id=x></textarea>", Operation::append, "\nnew"), Skip::unsafe_region);
}

TEST(TextElement, IsNotEndedByContentTogetherWithWhatIsThere) {
  for (const char* text : {"a<", "a</", "a</ti", "a</title"})
    EXPECT_EQ(why_no_text("<title>" + std::string(text) + "</title>", Operation::append, "tle >b"),
              Skip::unsafe_region);
  EXPECT_EQ(why_no_text("<title>a &am</title>", Operation::append, "p; b"), Skip::unsafe_region);
  EXPECT_EQ(why_no_text("<title>a\r</title>", Operation::append, "\nb"), Skip::unsafe_region);
  EXPECT_EQ(why_no_text("<title>a < b</title>", Operation::append, "/title>"), Skip::none);
  EXPECT_EQ(why_no_text("<title>a", Operation::append, "b"), Skip::truncated);
}

TEST(TextElement, IsReplacedAndRemovedAsOthersAre) {
  const std::string page = "<head><title>old</title></head><body>b";
  EXPECT_EQ(edited_text(page, Operation::replace, "<title>new</title>"), "<head><title>new</title></head><body>b");
  EXPECT_EQ(edited_text(page, Operation::remove, ""), "<head></head><body>b");
  EXPECT_EQ(edited_text(page, Operation::before, "<meta name=a>"),
            "<head><meta name=a><title>old</title></head><body>b");
  EXPECT_EQ(edited_text(page, Operation::after, "<meta name=a>"),
            "<head><title>old</title><meta name=a></head><body>b");
  EXPECT_EQ(edited_text("<body><form><textarea id=x>a</textarea>b</form>", Operation::replace, "<p>n</p>"),
            "<body><form><p>n</p>b</form>");
}

TEST(TextElement, InSvgIsAnElementLikeOthers) {
  EXPECT_EQ(edited_text("<svg><title id=x>old</title></svg>", Operation::prepend, "new"),
            "<svg><title id=x>newold</title></svg>");
  EXPECT_EQ(edited_text("<svg><title id=x>old</title></svg>", Operation::inner, "a > b"),
            "<svg><title id=x>a > b</title></svg>");
  EXPECT_EQ(why_no_text("<svg><title id=x>old</title></svg>", Operation::inner, "<b>new</b>"), Skip::foreign);
  EXPECT_EQ(why_no_text("<svg><title id=x>old</title></svg>", Operation::append, "<b>new</b>"), Skip::foreign);
  EXPECT_EQ(why_no_text("<svg><textarea id=x>old</textarea></svg>", Operation::inner, "<b>new</b>"), Skip::foreign);
}

TEST(TextElement, AreNotScriptsStylesAndFrames) {
  for (const std::string tag : {"script", "style", "xmp", "iframe", "noembed", "noframes", "noscript"}) {
    const std::string page = "<body><" + tag + " id=x>old</" + tag + ">b";
    for (Operation operation : {Operation::inner, Operation::prepend, Operation::append})
      EXPECT_EQ(why_no_text(page, operation, "new"), Skip::raw_text) << tag;
  }
  EXPECT_EQ(why_no_text("<body><plaintext id=x>old", Operation::append, "new"), Skip::raw_text);
}

TEST(TextElement, IsWrittenInThePagesEncoding) {
  EXPECT_EQ(edit_text("<title>old</title>", Operation::inner, "é €ł <b>", "text/html; charset=iso-8859-15").html,
            "<title>&#233; &#8364;&#322; &lt;b></title>");
}

TEST(TextElement, ComposesItsEdits) {
  Selectors selectors;
  ASSERT_FALSE(selectors.add("title"));
  const auto edit = [](Operation operation, std::string_view content) {
    return Edit{0, operation, content, {}, {}, nullptr};
  };
  const std::vector<Edit> edits = {edit(Operation::append, "<c>"), edit(Operation::inner, "b"),
                                   edit(Operation::prepend, "a"), edit(Operation::before, "<meta>")};
  const std::string page = "<title>old</title>";
  const Rewritten whole = rewrite(selectors, edits, page);
  EXPECT_EQ(whole.html, "<meta><title>ab&lt;c></title>");
  testing::expect_equal(testing::splice(record_plan(selectors, page), selectors, page, edits), whole, page);
}

}  // namespace
}  // namespace personalize::html
