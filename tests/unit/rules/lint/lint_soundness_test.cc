// Lints are right: random rule sets are linted, and then decided for every possible visitor and page. What is reported
// never to win does not win, what is reported never to be true is not.
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "rules/lint/lint.h"
#include "tests/unit/rules/rule_files.h"

namespace personalize::rules {
namespace {

/// Visitors who differ in everything that the conditions ask.
class Visitors {
 public:
  explicit Visitors(const RuleSet& set) : set_(set), context_(set.schema(), arena_) {}

  template <typename Visit>
  void each(Visit visit) {
    for (const Value& country : {Value(), Value::string("DE"), Value::string("FR"), Value::string("GB")})
      for (const Value& visits : {Value(), Value::int64(0), Value::int64(1), Value::int64(2), Value::int64(3)})
        for (const Value& temperature : {Value(), Value::real(0.5), Value::real(2), Value::real(__builtin_nan(""))})
          for (const Value& raining : {Value(), Value::boolean(false), Value::boolean(true)}) {
            set("geo.country", country);
            set("profile.visits", visits);
            set("weather.temperature_c", temperature);
            set("weather.raining", raining);
            visit(context_, arena_);
          }
  }

 private:
  void set(std::string_view name, const Value& value) { context_.set(set_.schema().find(name).value(), value); }

  const RuleSet& set_;
  std::pmr::monotonic_buffer_resource arena_;
  Context context_;
};

class RandomRules {
 public:
  explicit RandomRules(std::uint32_t seed) : random_(seed) {}

  std::string file() {
    std::string text =
        "version: 1\nattributes:\n  profile: { visits: int }\nslots:\n  a: { select: a }\n  b: { select: b }\n"
        "segments:\n  s: " +
        in_quotes(condition(1)) + "\n  t: " + in_quotes(condition(1)) + "\nrules:\n";
    has_segments_ = true;
    for (int i = 0; i < 12; ++i) {
      text += "  - { id: r" + std::to_string(i) + ", slot: " + pick({"a", "b"}) +
              ", priority: " + pick({"0", "0", "1", "2"});
      if (number(4)) text += ", when: " + in_quotes(condition(2));
      if (!number(3)) text += ", pages: " + pick({"/x", "/x*", "\"!/x\"", "\"*y\"", "[/x, /xy]"});
      text += ", do: " +
              pick({"{ inner: x }", "{ inner: x, add_class: c }", "{ add_class: c }", "remove", "{ append: x }"});
      text += " }\n";
    }
    return text;
  }

 private:
  static std::string in_quotes(const std::string& text) { return "'" + text + "'"; }
  std::uint32_t number(std::uint32_t below) { return random_() % below; }
  std::string pick(std::initializer_list<const char*> of) {
    return of.begin()[number(static_cast<std::uint32_t>(of.size()))];
  }

  std::string predicate() {
    const std::string country = pick({"\"DE\"", "\"FR\"", "\"GB\""}), integer = pick({"0", "1", "2", "1.5"});
    const std::string order = pick({" < ", " <= ", " > ", " >= ", " == ", " != "});
    switch (number(10)) {
      case 0: return "geo.country" + std::string(pick({" == ", " != "})) + country;
      case 1: return "geo.country in [" + country + ", " + pick({"\"DE\"", "\"FR\""}) + "]";
      case 2: return "geo.country in []";
      case 3: return "profile.visits" + order + integer;
      case 4: return integer + order + "profile.visits";
      case 5: return "weather.temperature_c" + order + integer;
      case 6: return pick({"weather.raining", "1 < 2", "false"});
      case 7: return "has(" + std::string(pick({"geo.country", "profile.visits", "weather.raining"})) + ")";
      case 8: return has_segments_ ? pick({"segments.s", "segments.t"}) : "has(geo.city)";
      default: return "geo.country.size()" + order + "2";
    }
  }

  std::string condition(int depth) {
    if (depth == 0 || !number(3)) {
      const std::string text = predicate();
      return number(4) ? text : "!(" + text + ")";
    }
    const std::string left = condition(depth - 1), right = condition(depth - 1);
    return (number(4) ? "(" : "!(") + left + pick({" && ", " && ", " || "}) + right + ")";
  }

  std::mt19937 random_;
  bool has_segments_ = false;
};

std::string name_after(const std::string& message, std::string_view words) {
  const std::size_t begin = message.find(words) + words.size();
  return message.substr(begin, message.find('`', begin) - begin);
}

TEST(LintSoundness, NothingThatIsSaidOfRandomRulesIsWrong) {
  int lints = 0;
  for (std::uint32_t seed = 1; seed <= 150; ++seed) {
    const std::vector<SourceFile> files{{"rules.yaml", RandomRules(seed).file()}};
    Diagnostics diagnostics;
    load::Sources sources;
    const auto set = RuleSet::load(files, plugin_schema(), diagnostics, {}, &sources);
    ASSERT_TRUE(set) << to_string(diagnostics.front());
    std::set<std::string> never_win, never_true, always_true;
    for (const Diagnostic& lint : lint_rules(*set, sources, {})) {
      const std::size_t rule = lint.line - 11;  // they are one per line
      if (lint.message.find("can never win") != std::string::npos) never_win.insert(name_after(lint.message, "rule `"));
      if (lint.message.starts_with("`when` is never true")) never_true.insert("r" + std::to_string(rule));
      if (lint.message.starts_with("`when` is always true")) always_true.insert("r" + std::to_string(rule));
    }
    lints += static_cast<int>(never_win.size() + never_true.size());
    Visitors(*set).each([&](const Context& context, Arena& arena) {
      if (HasFatalFailure()) return;
      for (const char* path : {"/x", "/xy", "/z", "/zy"}) {
        std::vector<Candidate> candidates;
        set->explain({path, 0, {}}, context, arena, candidates);
        for (const Candidate& candidate : candidates) {
          const std::string name(set->rule_name(candidate.rule));
          const bool asked = candidate.lost != Lost::other_page;
          const bool holds = candidate.won || candidate.lost == Lost::priority;
          ASSERT_FALSE(candidate.won && never_win.contains(name)) << name << " wins, seed " << seed << "\n"
                                                                  << files[0].text;
          ASSERT_FALSE(holds && never_true.contains(name)) << name << " is true, seed " << seed << "\n"
                                                           << files[0].text;
          ASSERT_FALSE((asked || candidate.won) && !holds && always_true.contains(name)) << name << ", seed " << seed;
        }
      }
    });
  }
  EXPECT_GT(lints, 150);  // else nothing was tried
}

}  // namespace
}  // namespace personalize::rules
