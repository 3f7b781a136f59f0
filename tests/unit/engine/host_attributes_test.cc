#include "engine/host_attributes.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "engine/evaluation.h"
#include "engine/json/request_json.h"
#include "engine/unknown_keys.h"
#include "tests/unit/folders.h"

namespace personalize::engine {
namespace {

/// Values of a host, and how often each was asked for.
struct Host final : HostValues {
  std::vector<std::string> values;
  std::string nonce;
  std::map<std::size_t, int> asked;
  std::string_view variable(std::size_t number) override {
    ++asked[number];
    return values[number];
  }
  std::string_view csp_nonce() override { return nonce; }
};

class HostAttributesTest : public testing::Test {
 protected:
  ~HostAttributesTest() override { std::remove(path_.c_str()); }

  void load(const std::string& rules, const char* head = "") {
    std::ofstream(path_) << "version: 1\nslots: { hero: { select: a } }\n" << head << "rules:\n" << rules;
    rules::Diagnostics diagnostics;
    plugins::HostSettings settings;
    settings.variables = {"first", "second", "third"};
    settings.consent.required = false;
    engine_ = Engine::load(std::vector<std::string>{path_}, settings, diagnostics);
    for (const auto& diagnostic : diagnostics) ADD_FAILURE() << rules::to_string(diagnostic);
  }

  /// The content of the slot, "-" if no rule won.
  std::string shown(const char* request = "{}") {
    const auto described = json::DescribedRequest::read(json::Json::parse(request), engine_);
    if (!described) return described.error();
    Evaluation evaluation(engine_, (*described)->request());
    evaluation.set_host(host_);
    if (const auto decided = (*described)->decide(evaluation); !decided) return decided.error();
    return evaluation.edits().empty() ? "-" : std::string(evaluation.edits()[0].content);
  }

  const std::string path_ = testing::TempDir() + "host_attributes." + std::to_string(getpid()) + ".yaml";
  std::shared_ptr<const Engine> engine_;
  Host host_;
};

TEST_F(HostAttributesTest, AreAskedForOnceAndOnlyWhereARuleReadsThem) {
  host_.values = {"one", "two", "three"};
  load("  - { id: a, slot: hero, when: nginx.first == 'one' && segments.s, do: { inner: '{{nginx.first}}' } }\n",
       "segments: { s: nginx.third == 'three' || nginx.third == '3' }\n");
  EXPECT_EQ(shown(), "one");
  EXPECT_EQ(host_.asked, (std::map<std::size_t, int>{{0, 1}, {2, 1}}));

  host_.asked.clear();
  load("  - { id: a, slot: hero, do: { inner: hello } }\n");
  EXPECT_EQ(shown(), "hello");
  EXPECT_TRUE(host_.asked.empty());

  load("  - { id: a, slot: hero, when: '\"second\" in nginx', do: { inner: '{{request.path}}' } }\n");
  EXPECT_EQ(shown(), "/");
  EXPECT_EQ(host_.asked, (std::map<std::size_t, int>{{1, 1}}));

  host_.asked.clear();
  load("  - { id: a, slot: hero, when: 'size(nginx) == 3', do: { inner: all } }\n");
  EXPECT_EQ(shown(), "all");
  EXPECT_EQ(host_.asked.size(), 3u);
}

TEST_F(HostAttributesTest, WithoutAUsableValueAreAbsent) {
  load(
      "  - { id: a, slot: hero, when: 'has(nginx.first) || nginx.second == \"\"', do: { inner: '{{nginx.first}}' } "
      "}\n");
  for (const std::string& value : {std::string(), std::string("\xff"), std::string(2049, 'x')}) {
    host_.values = {value, value, value};
    EXPECT_EQ(shown(), "-") << value;
  }
  host_.values = {"<b>", "", ""};
  EXPECT_EQ(shown(), "&lt;b&gt;");
}

TEST_F(HostAttributesTest, AreInTheDocuments) {
  std::ifstream file(source_folder() / "docs/context.md");
  const std::string docs{std::istreambuf_iterator<char>(file), {}};
  rules::Schema schema;
  HostAttributes::add_to(schema);
  ASSERT_EQ(schema.size(), 2u);
  for (rules::AttributeId id = 0; id < schema.size(); ++id) {
    const std::string row =
        "| `" + schema[id].name + "` | `" + to_string(schema[id].type) + "` | " + schema[id].description + " |";
    EXPECT_NE(docs.find(row), std::string::npos) << row;
  }
}

TEST_F(HostAttributesTest, CanBeAssumedByKey) {
  host_.values = {"one", "two", "three"};
  load(
      "  - { id: a, slot: hero, do: { inner: '{{nginx.first}} {{nginx.second}} {{request.headers.x_a}} "
      "{{page.csp_nonce}}' } }\n");
  EXPECT_EQ(shown(R"({"attributes": {"nginx.first": "1", "request.headers.X-A": "h", "page.csp_nonce": "n"}})"),
            "1 two h n");
  EXPECT_EQ(shown(R"({"attributes": {"request.cookie.x": "1"}})"),
            "request: there is no attribute request.cookie.x; did you mean request.cookies?");
}

TEST_F(HostAttributesTest, TakeTheNonceThatTheResponseHasWhenContentIsWritten) {
  host_.nonce = "abc";
  load("  - { id: a, slot: hero, do: { inner: '<script nonce=\"{{page.csp_nonce}}\">1</script>' } }\n");
  const plugins::Request request{.method = "GET", .path = "/"};
  Evaluation evaluation(engine_, request);
  evaluation.set_host(host_);
  evaluation.resolve();
  evaluation.decide();
  const auto content = [&] { return std::string(evaluation.edits()[0].content); };
  EXPECT_EQ(content(), "<script nonce=\"abc\">1</script>");
  EXPECT_FALSE(evaluation.take_new_nonce());
  host_.nonce = "def";
  EXPECT_TRUE(evaluation.take_new_nonce());
  EXPECT_EQ(content(), "<script nonce=\"def\">1</script>");
  host_.nonce.clear();
  EXPECT_TRUE(evaluation.take_new_nonce());
  EXPECT_EQ(content(), "<script nonce=\"\">1</script>");
}

TEST_F(HostAttributesTest, AreKnownByKeyToConditionsInAnyCase) {
  load(
      "  - { id: a, slot: hero, when: 'request.headers[\"CF-IPCountry\"] == \"NO\" && \"Cf-IpCountry\" in "
      "request.headers "
      "&& request.headers.cf_ipcountry == \"NO\" && has(request.headers.CF_IPCOUNTRY)', "
      "do: { inner: '{{request.headers.CF-IPCountry}}{{request.headers.cf_ipcountry}}' } }\n");
  EXPECT_EQ(shown(R"({"attributes": {"request.headers.cf-ipcountry": "NO"}})"), "NONO");
}

TEST_F(HostAttributesTest, ThatNoDirectiveNamesAreSaid) {
  load(
      "  - { id: a, slot: hero, when: 'nginx.frist == \"x\" && segments.s', do: { inner: '{{request.cookies.theme}}' } "
      "}\n"
      "  - { id: b, slot: hero, when: 'request.headers[\"CF-IPCountry\"] == nginx.second', do: { inner: x } }\n",
      "segments: { s: nginx.third == 'x' || nginx.fourth == 'x' }\n");
  plugins::HostSettings some, more;
  some.variables = {"first"};
  more.variables = {"second", "third"};
  more.headers = {"cf-ipcountry"};
  const plugins::HostSettings* both[] = {&some, &more};
  std::vector<std::string> said;
  for (const auto& diagnostic : unknown_keys(engine_->rules(), both, EmptyList::nothing))
    said.push_back(rules::to_string(diagnostic).substr(path_.size()));
  EXPECT_EQ(said,
            (std::vector<std::string>{
                ":5:11: warning: request.cookies.theme is never known without `personalize_cookies theme`",
                ":5:33: warning: nginx.frist is never known without `personalize_attribute frist $variable`, did you "
                "mean first?",
                ":3:38: warning: nginx.fourth is never known without `personalize_attribute fourth $variable`"}));
  EXPECT_EQ(unknown_keys(engine_->rules(), both, EmptyList::unsaid).size(), 2u) << "cookies: nothing is said of them";
  const plugins::HostSettings* nothing[] = {&some};
  EXPECT_EQ(unknown_keys(engine_->rules(), {nothing, 0}, EmptyList::unsaid).size(), 0u);
}

}  // namespace
}  // namespace personalize::engine
