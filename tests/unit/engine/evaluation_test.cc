#include "engine/evaluation.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace personalize::engine {
namespace {

using plugins::Reply;

/// A rule file that lives as long as the test.
class RuleFile {
 public:
  explicit RuleFile(const std::string& text) {
    path_ = std::filesystem::temp_directory_path() /
            ("visit_test." + std::to_string(getpid()) + "." + std::to_string(count_++) + ".yaml");
    std::ofstream(path_) << text;
  }
  ~RuleFile() { std::filesystem::remove(path_); }
  std::string path() const { return path_; }

 private:
  inline static int count_ = 0;
  std::filesystem::path path_;
};

constexpr const char* profile_rules = R"(version: 1
attributes:
  profile: { tier: string, visits: int }
slots:
  hero: { select: "#hero" }
  offer: { select: "#offer", pages: ["/cart"] }
rules:
  - id: gold
    slot: hero
    when: profile.tier == "gold"
    do: { inner: "<p>Gold for {{profile.tier}}</p>" }
  - id: everybody
    slot: hero
    priority: -1
    do: { inner: "<p>Hello</p>" }
  - id: post
    slot: offer
    when: request.method == "POST"
    do: { remove: true }
)";

std::shared_ptr<const Engine> load(const std::string& text) {
  const RuleFile file(text);
  rules::Diagnostics diagnostics;
  auto engine = Engine::load({file.path()}, {}, diagnostics);
  for (const auto& diagnostic : diagnostics) ADD_FAILURE() << rules::to_string(diagnostic);
  return engine;
}

plugins::Request request(std::string_view visitor, std::string_view path = "/") {
  return {.method = "GET",
          .scheme = "https",
          .host = "shop.example",
          .path = path,
          .query = {},
          .address = "192.0.2.1",
          .visitor = visitor,
          .headers = {},
          .now_us = 1'790'000'000'000'000};
}

std::string winners(const Evaluation& evaluation) {
  std::string text;
  for (const rules::Decision& decision : evaluation.decisions())
    text += std::string(evaluation.engine().rules().slot_name(decision.slot)) + "=" +
            std::string(evaluation.engine().rules().rule_name(decision.rule)) + ";";
  return text;
}

TEST(Evaluation, FetchesOnlyTheProfileFieldsThatRulesMention) {
  Evaluation evaluation(load(profile_rules), request("alice"));
  const auto fetches = evaluation.resolve();
  ASSERT_EQ(fetches.size(), 1u);
  const std::vector<std::string_view> command(fetches[0].command.begin(), fetches[0].command.end());
  EXPECT_EQ(command, (std::vector<std::string_view>{"HMGET", "personalize:{alice}:profile", "tier"}));
}

constexpr const char* consent_rules = R"(version: 1
attributes:
  profile: { tier: string }
slots:
  hero: { select: "#hero" }
rules:
  - id: gold
    slot: hero
    when: profile.tier == "gold" && request.path == "/"
    do: { inner: "<p>Gold</p>" }
)";

std::shared_ptr<const Engine> load_with_consent() {
  const RuleFile file(consent_rules);
  plugins::Settings settings;
  settings.consent.required = true;
  settings.consent.cookies.push_back({.name = "choice", .expression = ""});
  rules::Diagnostics diagnostics;
  auto engine = Engine::load({file.path()}, settings, diagnostics);
  for (const auto& diagnostic : diagnostics) ADD_FAILURE() << rules::to_string(diagnostic);
  return engine;
}

TEST(Evaluation, TellsWhoTheVisitorIsBeforeAnythingElse) {
  Evaluation evaluation(load(profile_rules), request("alice"));
  const Visitor visitor = evaluation.identify();
  EXPECT_EQ(visitor.id, "alice");
  EXPECT_EQ(visitor.read(), "alice");
  EXPECT_EQ(visitor.recorded(), "alice");
  EXPECT_EQ(evaluation.fetches(), 0u);
  EXPECT_TRUE(evaluation.context()[*evaluation.engine().rules().schema().find("request.method")].missing());
  EXPECT_EQ(evaluation.resolve().size(), 1u);

  Evaluation hostile(load(profile_rules), request("a}b"));
  EXPECT_EQ(hostile.identify().id, "");
  EXPECT_EQ(hostile.identify().recorded(), "");
}

TEST(Evaluation, KnowsOfConsentBeforeItReadsOrRecordsAnything) {
  const auto engine = load_with_consent();
  Evaluation unasked(engine, request("alice"));
  EXPECT_EQ(unasked.identify().id, "alice");
  EXPECT_EQ(unasked.identify().read(), "");
  EXPECT_EQ(unasked.identify().recorded(), "");
  EXPECT_TRUE(unasked.resolve().empty());

  const plugins::Header headers[] = {{"Cookie", "choice=yes"}};
  plugins::Request consented = request("alice");
  consented.headers = headers;
  Evaluation evaluation(engine, consented);
  EXPECT_EQ(evaluation.identify().read(), "alice");
  EXPECT_EQ(evaluation.identify().recorded(), "alice");
  EXPECT_EQ(evaluation.resolve().size(), 1u);

  consented.visitor = "";
  Evaluation anonymous(engine, consented);  // may be given an id
  EXPECT_EQ(anonymous.identify().id, "");
  EXPECT_TRUE(anonymous.identify().personalization);
  EXPECT_TRUE(anonymous.identify().measurement);
}

TEST(Evaluation, ResolvesAttributesWithoutADecision) {
  const auto engine = load_with_consent();
  const plugins::Header headers[] = {{"Cookie", "choice=yes"}};
  plugins::Request consented = request("alice");
  consented.headers = headers;
  const auto value = [&](const rules::Context& known, std::string_view name) {
    const rules::Value& found = known[*engine->rules().schema().find(name)];
    return found.missing() ? "-" : std::string(found.text());
  };

  Evaluation evaluation(engine, consented);
  ASSERT_EQ(evaluation.resolve().size(), 1u);
  const std::array fields{Reply{.kind = Reply::Kind::string, .text = "gold"}};
  evaluation.receive(0, {.kind = Reply::Kind::array, .elements = fields});
  EXPECT_EQ(value(evaluation.attributes(), "profile.tier"), "gold");
  EXPECT_EQ(value(evaluation.attributes(), "request.path"), "/");
  EXPECT_TRUE(evaluation.decisions().empty());
  evaluation.decide();  // a host may go on
  EXPECT_EQ(winners(evaluation), "hero=gold;");

  Evaluation late(engine, consented);
  ASSERT_EQ(late.resolve().size(), 1u);
  EXPECT_EQ(value(late.attributes(), "profile.tier"), "-");
  EXPECT_EQ(late.pending(), 0u);
  EXPECT_EQ(late.profile_status(), FetchStatus::deadline);
  late.receive(0, {.kind = Reply::Kind::array, .elements = fields});
  EXPECT_EQ(value(late.attributes(), "profile.tier"), "-");
  EXPECT_EQ(value(late.attributes(), "request.path"), "/");
}

TEST(Evaluation, AnonymousVisitorsFetchNothing) {
  Evaluation evaluation(load(profile_rules), request(""));
  EXPECT_TRUE(evaluation.resolve().empty());
  evaluation.decide();
  EXPECT_EQ(evaluation.profile_status(), FetchStatus::not_needed);
  EXPECT_EQ(winners(evaluation), "hero=everybody;");
}

TEST(Evaluation, ARuleWinsByTheProfileThatWasFetched) {
  Evaluation evaluation(load(profile_rules), request("alice"));
  ASSERT_EQ(evaluation.resolve().size(), 1u);
  {
    std::string gone = "gold";  // the evaluation keeps its own copy
    const std::array fields{Reply{.kind = Reply::Kind::string, .text = gone}};
    evaluation.receive(0, {.kind = Reply::Kind::array, .elements = fields});
    gone.assign("xxxx");
  }
  EXPECT_EQ(evaluation.pending(), 0u);
  evaluation.decide();
  EXPECT_EQ(evaluation.profile_status(), FetchStatus::found);
  EXPECT_EQ(winners(evaluation), "hero=gold;");
  ASSERT_EQ(evaluation.edits().size(), 1u);
  EXPECT_EQ(evaluation.edits()[0].content, "<p>Gold for gold</p>");
}

TEST(Evaluation, EachWayOfHavingNoProfileHasItsNameAndStillDecides) {
  struct Case {
    Reply reply;
    FetchStatus status;
  };
  const std::array nothing{Reply{.kind = Reply::Kind::nil}};
  for (const Case& c : {Case{{.kind = Reply::Kind::array, .elements = nothing}, FetchStatus::not_found},
                        Case{{.kind = Reply::Kind::error, .text = "WRONGTYPE"}, FetchStatus::error},
                        Case{{.kind = Reply::Kind::absent}, FetchStatus::unavailable}}) {
    Evaluation evaluation(load(profile_rules), request("alice"));
    evaluation.resolve();
    evaluation.receive(0, c.reply);
    evaluation.decide();
    EXPECT_EQ(evaluation.profile_status(), c.status) << to_string(c.status);
    EXPECT_EQ(winners(evaluation), "hero=everybody;");
  }
}

TEST(Evaluation, WhatIsPendingAtTheDecisionMissedTheDeadlineAndComesTooLate) {
  Evaluation evaluation(load(profile_rules), request("alice"));
  evaluation.resolve();
  evaluation.decide();
  EXPECT_EQ(evaluation.profile_status(), FetchStatus::deadline);
  const std::array fields{Reply{.kind = Reply::Kind::string, .text = "gold"}};
  evaluation.receive(0, {.kind = Reply::Kind::array, .elements = fields});
  EXPECT_EQ(winners(evaluation), "hero=everybody;");
}

TEST(Evaluation, DecidesOnlySlotsOfThePage) {
  Evaluation evaluation(load(profile_rules), request("", "/cart"));
  evaluation.resolve();
  evaluation.decide();
  EXPECT_EQ(winners(evaluation), "hero=everybody;");  // the offer's rule wants POST
  bool offer_was_a_candidate = false;
  for (const rules::Candidate& candidate : evaluation.explain())
    offer_was_a_candidate |=
        evaluation.engine().rules().rule_name(candidate.rule) == "post" && candidate.lost == rules::Lost::condition;
  EXPECT_TRUE(offer_was_a_candidate);
}

TEST(Engine, ReportsAFileThatCannotBeRead) {
  rules::Diagnostics diagnostics;
  EXPECT_EQ(Engine::load({"/nonexistent/rules.yaml"}, {}, diagnostics), nullptr);
  ASSERT_EQ(diagnostics.size(), 1u);
  EXPECT_EQ(rules::to_string(diagnostics[0]), "/nonexistent/rules.yaml:1:1: cannot be read: No such file or directory");
}

TEST(Engine, ReportsADatabaseThatIsMissing) {
  const RuleFile file(profile_rules);
  rules::Diagnostics diagnostics;
  plugins::Settings settings;
  settings.geo_databases = {"/nonexistent/city.mmdb"};
  EXPECT_EQ(Engine::load({file.path()}, settings, diagnostics), nullptr);
  ASSERT_FALSE(diagnostics.empty());
  EXPECT_NE(rules::to_string(diagnostics[0]).find("/nonexistent/city.mmdb"), std::string::npos);
}

}  // namespace
}  // namespace personalize::engine
