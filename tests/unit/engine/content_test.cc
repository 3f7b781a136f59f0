// Slots that plugins fill.
#include <gmock/gmock.h>

#include "tests/unit/engine/third_party.h"

namespace personalize::engine {
namespace {

using plugins::Reply;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> words(const plugins::Fetch& fetch) { return {fetch.command.begin(), fetch.command.end()}; }

class Content : public ThirdParty {
 protected:
  /// A rule with content of the faulty plugin, and one without any.
  std::shared_ptr<const Engine> load_faulty(const std::string& when = "true") {
    auto engine = load_text(
        "version: 1\nslots: { a: { select: a }, b: { select: b } }\nrules:\n"
        "  - { id: filled, slot: a, when: '" +
        when +
        "', content: faulty, do: { inner: \"<i title='{{content}}'>{{content}}</i>\" } }\n"
        "  - { id: fixed, slot: b, do: { inner: always } }\n");
    EXPECT_TRUE(engine) << ::testing::PrintToString(mistakes_);
    return engine;
  }
  static std::vector<std::string> texts(const Evaluation& evaluation) {
    std::vector<std::string> texts;
    for (const html::Edit& edit : evaluation.edits()) texts.emplace_back(edit.content);
    return texts;
  }
};

TEST_F(Content, IsMadeOfASecondRoundThatIsAskedForOnceRulesAreDecided) {
  use(built("plugin_faulty.so"), {{"command", "HGET"}});
  Evaluation evaluation(load_faulty("faulty.before"), request());
  EXPECT_EQ(evaluation.resolve().size(), 1u);
  EXPECT_TRUE(evaluation.content_due());
  EXPECT_TRUE(evaluation.fetch_content().empty());  // the first round is not over
  evaluation.receive(0, {.kind = Reply::Kind::string, .text = "x"});
  const auto fetches = evaluation.fetch_content();
  ASSERT_EQ(fetches.size(), 1u);
  EXPECT_THAT(words(fetches[0]), ElementsAre("LRANGE", "personalize:{alice}:list", "a", "3"));
  EXPECT_FALSE(evaluation.content_due());
  EXPECT_EQ(evaluation.pending(), 1u);
  evaluation.receive(1, {.kind = Reply::Kind::string, .text = "<b>\"&"});
  evaluation.decide();
  EXPECT_THAT(texts(evaluation), ElementsAre("<i title='&lt;b&gt;&quot;&amp;'>&lt;b&gt;&quot;&amp;</i>", "always"));
  EXPECT_EQ(evaluation.plugin_failures(), 0u);
}

TEST_F(Content, IsNotAskedForIfTheRuleDoesNotWin) {
  use(built("plugin_faulty.so"));
  Evaluation evaluation(load_faulty("request.path == \"/elsewhere\""), request());
  evaluation.resolve();
  EXPECT_TRUE(evaluation.fetch_content().empty());
  evaluation.decide();
  EXPECT_THAT(texts(evaluation), ElementsAre("always"));
}

TEST_F(Content, ThatDoesNotComeInTimeLeavesThePageAsItIs) {
  for (const bool asked : {true, false}) {
    settings_.plugins.clear();
    use(built("plugin_faulty.so"));
    Evaluation evaluation(load_faulty(), request());
    evaluation.resolve();
    if (asked) {
      EXPECT_EQ(evaluation.fetch_content().size(), 1u);
    }
    evaluation.decide();
    EXPECT_THAT(texts(evaluation), ElementsAre("always"));
    EXPECT_EQ(evaluation.decisions().size(), 2u);
    EXPECT_EQ(evaluation.plugin_failures(), 0u);
  }
}

TEST_F(Content, ThatFailsLeavesThePageAsItIsAndIsCounted) {
  for (const char* where : {"content_needs", "content"}) {
    for (const auto& [what, message] :
         {std::pair{"std", "broken on purpose"}, {"int", "failed for an unknown reason"}}) {
      settings_.plugins.clear();
      use(built("plugin_faulty.so"), {{"where", where}, {"what", what}});
      Evaluation evaluation(load_faulty(), request());
      evaluation.resolve();
      evaluation.fetch_content();
      evaluation.decide();
      EXPECT_THAT(texts(evaluation), ElementsAre("always")) << where;
      EXPECT_EQ(evaluation.plugin_failures(), 1u) << where;
      EXPECT_EQ(evaluation.plugin_failure(), std::string("faulty: ") + message);
    }
  }
}

TEST_F(Content, ThatIsNoTextIsAFailure) {
  use(built("plugin_faulty.so"), {{"what", "not_utf8"}});
  Evaluation evaluation(load_faulty(), request());
  evaluation.resolve();
  evaluation.decide();
  EXPECT_THAT(texts(evaluation), ElementsAre("always"));
  EXPECT_THAT(std::string(evaluation.plugin_failure()), HasSubstr("not UTF-8"));
}

TEST_F(Content, OfTheVisitorIsNotReadWithoutConsent) {
  use(built("plugin_faulty.so"));
  settings_.consent.required = true;
  Evaluation evaluation(load_faulty(), request());
  evaluation.resolve();
  EXPECT_TRUE(evaluation.fetch_content().empty());
  evaluation.decide();
  EXPECT_THAT(texts(evaluation), ElementsAre("always"));
}

TEST_F(Content, ComesFromThePluginThatTheRuleNames) {
  use(built("plugin_faulty.so"));
  use(built("loyalty.so"));
  const auto rule = [](const std::string& plugin) {
    return "version: 1\nslots: { a: { select: a } }\nrules:\n  - { id: r, slot: a, content: " + plugin +
           ", do: { inner: '{{content}}' } }\n";
  };
  EXPECT_FALSE(load_text(rule("fualty")));
  EXPECT_FALSE(load_text(rule("loyalty")));
  EXPECT_FALSE(
      load_text("version: 1\nslots: { a: { select: a } }\nrules:\n"
                "  - { id: r, slot: a, do: { inner: '{{content}}' } }\n"));
  EXPECT_THAT(mistakes_, ElementsAre(HasSubstr("rules.yaml:4:32: there is no plugin `fualty`, did you mean faulty?"),
                                     HasSubstr("rules.yaml:4:32: plugin `loyalty` does not fill slots"),
                                     HasSubstr("unknown attribute `content`")));
}

TEST_F(Content, OfTheExampleIsAListWithoutThePageItself) {
  use(example("recommend.lua"), {{"most", "2"}});
  Evaluation evaluation(
      load_text("version: 1\nslots: { a: { select: a } }\nrules:\n  - id: r\n    slot: a\n    content: recommend\n"
                "    do: { inner: '{{#content.products}}<a href=\"{{url}}\">{{title}}</a>{{/content.products}}' }\n"),
      request());
  evaluation.resolve();
  ASSERT_EQ(evaluation.fetch_content().size(), 1u);
  const Reply list[] = {{.kind = Reply::Kind::string, .text = "/ Here"},
                        {.kind = Reply::Kind::string, .text = "no_title"},
                        {.kind = Reply::Kind::string, .text = "/p/boots Dry & warm"},
                        {.kind = Reply::Kind::string, .text = "javascript:alert(1) Bad"}};
  evaluation.receive(0, {.kind = Reply::Kind::array, .elements = list});
  evaluation.decide();
  EXPECT_THAT(texts(evaluation), ElementsAre("<a href=\"/p/boots\">Dry &amp; warm</a><a href=\"#\">Bad</a>"))
      << evaluation.plugin_failure();
}

TEST_F(Content, MayComeFromAFileOfLuaAmongTheRules) {
  const std::string provider = write("hello.lua", R"(
    return { name = "hello", content = function(request, slot, replies, c) return slot .. " " .. c.request.path end })");
  Evaluation evaluation(load_text("version: 1\nslots: { a: { select: a } }\nrules:\n"
                                  "  - { id: r, slot: a, content: hello, do: { inner: '{{content}}' } }\n",
                                  {provider}),
                        request());
  evaluation.resolve();
  evaluation.decide();
  EXPECT_THAT(texts(evaluation), ElementsAre("a /")) << evaluation.plugin_failure();
}

}  // namespace
}  // namespace personalize::engine
