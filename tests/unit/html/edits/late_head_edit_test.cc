// Edits of a head that continues after its end tag.
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/html/splicing/splicing.h"

namespace personalize::html::testing {
namespace {

Rewritten edit(const std::string& page, const std::vector<Edit>& edits, std::string_view selector = "head",
               const RewriterOptions& options = {}) {
  Selectors selectors;
  EXPECT_FALSE(selectors.add(selector));
  const auto in_pieces = [&](std::size_t size) {
    return rewrite(
        selectors, edits, page, [size] { return size; }, {}, options);
  };
  Rewritten whole = in_pieces(page.size() + 1);
  for (const std::size_t size : {1, 3, 8}) EXPECT_EQ(in_pieces(size).html, whole.html) << page;
  for (const TagSource source : {TagSource::body, TagSource::plan}) {
    const Spliced spliced = splice(record_plan(selectors, page, options, source), selectors, page, edits, options);
    EXPECT_TRUE(spliced.done) << page;
    expect_equal(spliced, whole, page);
  }
  return whole;
}

std::string appended(const std::string& page, std::string_view content = "<meta name=n>") {
  return edit(page, {{.operation = Operation::append, .content = content}}).html;
}

TEST(LateHead, WhatIsAppendedStandsAfterWhatFollowsTheEndTag) {
  EXPECT_EQ(appended("<head></head><script>1</script><body>"), "<head></head><script>1</script><meta name=n><body>");
  EXPECT_EQ(appended("<title>1</title></head> <!--c--><link><p>2"),
            "<title>1</title></head> <!--c--><link><meta name=n><p>2");
  EXPECT_EQ(appended("<head></head><style>1</style> text"), "<head></head><style>1</style> text");
  EXPECT_EQ(appended("<head></head><template>1</template>"), "<head></head><template>1</template><meta name=n>");
  EXPECT_EQ(appended("<head></head><meta></br>"), "<head></head><meta><meta name=n></br>");
}

TEST(LateHead, NothingElseThatFollowsMovesIt) {
  for (const std::string rest :
       {"<body>", " ", "<!--c--><p>1", "text", "</body>", "<frameset>", "</html>", "<noscript>"})
    EXPECT_EQ(appended("<head></head>" + rest), "<head><meta name=n></head>" + rest);
  EXPECT_EQ(appended("<head><body><script></script>"), "<head><meta name=n><body><script></script>");
}

TEST(LateHead, ContentThatWouldNotFollowIsRefused) {
  for (const std::string_view content : {"<!--n-->", "<meta> ", "\n<link>", "<meta><!--n-->"}) {
    const Rewritten result = edit("<head></head><link><body>", {{.operation = Operation::append, .content = content}});
    EXPECT_EQ(result.html, "<head></head><link><body>") << content;
    EXPECT_EQ(result.results[0].applied, 0u);
    EXPECT_EQ(result.results[0].reason, Skip::unsafe_region);
  }
  EXPECT_EQ(appended("<head></head><body>", "<!--n-->"), "<head><!--n--></head><body>");
}

TEST(LateHead, AHeadIsNotEmptiedByHalves) {
  const Rewritten late =
      edit("<head><title>1</title></head><link><p>2", {{.operation = Operation::inner, .content = "<meta>"}});
  EXPECT_EQ(late.html, "<head><title>1</title></head><link><p>2");
  EXPECT_EQ(late.results[0].reason, Skip::unsafe_region);
  const Rewritten whole =
      edit("<head><title>1</title></head><p>2", {{.operation = Operation::inner, .content = "<meta>"}});
  EXPECT_EQ(whole.html, "<head><meta></head><p>2");
}

TEST(LateHead, SeveralEditsAreTakenBackOneByOne) {
  const std::vector<Edit> edits{{.operation = Operation::inner, .content = "<base>"},
                                {.operation = Operation::prepend, .content = "<meta>"},
                                {.operation = Operation::append, .content = "<link>"},
                                {.operation = Operation::append, .content = "<!--n-->"}};
  EXPECT_EQ(edit("<head><title>1</title></head><body>", edits).html, "<head><meta><base><link><!--n--></head><body>");
  const Rewritten late = edit("<head><title>1</title></head><style></style><body>", edits);
  EXPECT_EQ(late.html, "<head><meta><title>1</title></head><style></style><link><body>");
  EXPECT_EQ(late.results[0].applied, 0u);
  EXPECT_EQ(late.results[1].applied, 1u);
  EXPECT_EQ(late.results[2].applied, 1u);
  EXPECT_EQ(late.results[3].applied, 0u);
}

TEST(LateHead, APageThatEndsWithinItTakesNothing) {
  for (const std::string rest : {"<script>1", "<template>1", "<style>1"}) {
    const Rewritten result = edit("<head></head>" + rest, {{.operation = Operation::append, .content = "<link>"}});
    EXPECT_EQ(result.html, "<head></head>" + rest);
    EXPECT_EQ(result.results[0].applied, 0u);
    EXPECT_EQ(result.results[0].reason, Skip::truncated);
  }
}

TEST(LateHead, WhatIsTooLargeToWaitForIsNotHeld) {
  RewriterOptions options;
  options.max_held_element = 64;
  const std::string comment = "<!--" + std::string(200, 'c') + "-->";
  const std::vector<Edit> append{{.operation = Operation::append, .content = "<link>"}};
  EXPECT_EQ(edit("<head></head>" + comment + "<script></script><body>", append, "head", options).html,
            "<head><link></head>" + comment + "<script></script><body>");
}

TEST(LateHead, ASecondBodyAddsItsAttributesToOneThatIsReplaced) {
  const std::vector<Edit> inner{{.operation = Operation::inner, .content = "new"}};
  EXPECT_EQ(edit("<body>1</body>2<body class=a>3", inner, "body").html, "<body>new</body><body class=a>");
  const std::vector<Edit> remove{{.operation = Operation::remove}};
  EXPECT_EQ(edit("<html><body>1</body>2<body class=a>3", remove, "body").html, "<html>");
}

TEST(LateHead, ABodyThatItsEndTagBeginsEndsWithThePage) {
  const std::vector<Edit> append{{.operation = Operation::append, .content = "<b>n</b>"}};
  EXPECT_EQ(edit("</body></body>1", append, "body").html, "</body></body>1<b>n</b>");
}

}  // namespace
}  // namespace personalize::html::testing
