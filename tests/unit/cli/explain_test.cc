#include "cli/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/check.h"
#include "cli/probe/probe.h"
#include "engine/json/json.h"

namespace personalize::cli {
namespace {

using engine::json::Json;
using testing::HasSubstr;
using testing::Not;

/// A folder of files that is removed with the test.
class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / ("cli_test." + std::to_string(getpid()))) {
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name) << text;
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

constexpr const char* rules_text = R"(version: 1
attributes:
  profile: { tier: string }
slots:
  hero: { select: "#hero" }
rules:
  - id: gold
    slot: hero
    when: profile.tier == "gold" && geo.country == "AT"
    do: { inner: "<b>{{profile.tier}}</b>" }
)";

struct Outcome {
  int status;
  std::string out, errors;
};

Outcome run_explain(ExplainOptions options, const std::string& request) {
  std::istringstream in(request);
  std::ostringstream out, errors;
  options.request_file = "-";
  const int status = explain(options, in, out, errors);
  return {status, out.str(), errors.str()};
}

constexpr const char* gold_in_austria =
    R"({"url": "https://shop.example/", "visitor": "alice", "profile": {"tier": "gold"}, "attributes": {"geo.country": "AT"}})";

TEST(Explain, NamesTheWinnerAndWhatTheRulesKnew) {
  const Folder folder;
  const Outcome run = run_explain({.rules = {folder.write("r.yaml", rules_text)}}, gold_in_austria);
  EXPECT_EQ(run.status, 0) << run.errors;
  EXPECT_THAT(run.out, HasSubstr("✓ gold"));
  EXPECT_THAT(run.out, HasSubstr("geo.country                  \"AT\""));
}

TEST(Explain, SaysWhyAWinnerInLuaChangesNothing) {
  const Folder folder;
  const std::string slots = folder.write("r.yaml", "version: 1\nslots: { a: { select: '#a' } }\nrules: []\n");
  const std::string lua = folder.write("r.lua", "rule { id = 'r', slot = 'a', content = function(c) error('no') end }");
  const Outcome run = run_explain({.rules = {slots, lua}}, R"({"url": "/"})");
  EXPECT_EQ(run.status, 0) << run.errors;
  EXPECT_THAT(run.out, HasSubstr("changes nothing: `content` failed: line 1: no"));
  EXPECT_THAT(run.out, Not(HasSubstr("shown")));
  const Json json = Json::parse(run_explain({.rules = {slots, lua}, .json = true}, R"({"url": "/"})").out);
  EXPECT_EQ(json["slots"][0]["candidates"][0]["no_content"], "`content` failed: line 1: no");
}

TEST(Explain, SaysWhyARuleLostWithTheValuesThatMadeItLose) {
  const Folder folder;
  const Outcome run = run_explain(
      {.rules = {folder.write("r.yaml", rules_text)}, .json = true},
      R"({"url": "/", "visitor": "bob", "profile": {"tier": "silver"}, "attributes": {"geo.country": "AT"}})");
  EXPECT_EQ(run.status, 0) << run.errors;
  const Json fate = Json::parse(run.out)["slots"][0]["candidates"][0];
  EXPECT_EQ(fate["won"], false);
  EXPECT_EQ(fate["reason"], "condition");
  EXPECT_THAT(fate["detail"].get<std::string>(), HasSubstr("profile.tier == \"gold\""));
  EXPECT_THAT(fate["detail"].get<std::string>(), HasSubstr("silver"));
}

TEST(Explain, WritesThePersonalizedPage) {
  const Folder folder;
  const Outcome run = run_explain({.rules = {folder.write("r.yaml", rules_text)},
                                   .page = folder.write("page.html", "<body><div id=hero>old</div></body>")},
                                  gold_in_austria);
  EXPECT_EQ(run.status, 0) << run.errors;
  EXPECT_EQ(run.out, "<body><div id=hero><b>gold</b></div></body>");
}

TEST(Explain, RefusesRequestsItDoesNotUnderstand) {
  const Folder folder;
  const std::vector<std::string> rules{folder.write("r.yaml", rules_text)};
  EXPECT_THAT(run_explain({.rules = rules}, "{").errors, HasSubstr("parse error"));
  EXPECT_THAT(run_explain({.rules = rules}, R"({"visitor": "a b"})").errors, HasSubstr("\"visitor\" must be"));
  EXPECT_THAT(run_explain({.rules = rules}, R"({"url": "/", "attributes": {"geo.contry": "AT"}})").errors,
              HasSubstr("did you mean geo.country?"));
  EXPECT_THAT(run_explain({.rules = rules}, R"({"at": "yesterday"})").errors, HasSubstr("is not a time such as"));
  EXPECT_THAT(run_explain({.rules = rules}, "{}").errors, HasSubstr("Give --url https://"));
  EXPECT_EQ(run_explain({.rules = rules}, "[]").status, 1);
}

TEST(Check, PrintsEveryMistakeWithItsPlaceAndFails) {
  const Folder folder;
  const std::string file = folder.write("bad.yaml", "version: 1\nslots:\n  hero: { select: \"#\" }\nruels: []\n");
  std::ostringstream out, errors;
  EXPECT_EQ(check({.files = {file}}, out, errors), 1);
  EXPECT_THAT(errors.str(), HasSubstr(file + ":3:"));
  EXPECT_THAT(errors.str(), HasSubstr(file + ":4:1: "));
  EXPECT_THAT(errors.str(), HasSubstr("rules"));
}

TEST(Check, CountsWhatIsGood) {
  const Folder folder;
  std::ostringstream out, errors;
  EXPECT_EQ(check({.files = {folder.write("good.yaml", rules_text)}}, out, errors), 0) << errors.str();
  EXPECT_THAT(out.str(), HasSubstr("1 file, 1 slot, 1 rule: good"));
}

TEST(Probe, ALineThatCannotBeProcessedGetsAnErrorAndTheProbeGoesOn) {
  std::istringstream in("{\"html\": \"<p>\"}\nnonsense\n{\"html\": \"<i>\"}\n");
  std::ostringstream out, errors;
  EXPECT_EQ(probe("tokens", in, out, errors), 0);
  std::istringstream lines(out.str());
  std::string first, second, third;
  ASSERT_TRUE(std::getline(lines, first) && std::getline(lines, second) && std::getline(lines, third));
  EXPECT_TRUE(Json::parse(first).contains("tokens"));
  EXPECT_TRUE(Json::parse(second).contains("error"));
  EXPECT_TRUE(Json::parse(third).contains("tokens"));
}

TEST(Probe, AnUnknownNameIsRefused) {
  std::istringstream in;
  std::ostringstream out, errors;
  EXPECT_EQ(probe("tokns", in, out, errors), 2);
  EXPECT_THAT(errors.str(), HasSubstr("there is no probe tokns"));
}

constexpr const char* shop_events = R"(version: 1
events:
  page_view: {}
  view_item: { pages: /p/*, item_id: "request.path_segment[1]", price: page.price }
  add_to_cart: { method: POST, pages: /cart/add, item_id: request.form.sku, quantity: int(request.form.qty) }
  purchase: { pages: /thanks, when: page.orders > 0, transaction_id: page.order_id }
facts:
  price: { select: ".price", type: double }
  order_id: { select: "[data-order]", attribute: data-order }
  orders: { select: "[data-order]", count: true }
)";

TEST(Explain, SaysWhichEventsARequestMakesAndWhyNot) {
  const Folder folder;
  const std::string rules = folder.write("e.yaml", shop_events);
  const Outcome view = run_explain({.rules = {rules}}, R"({"url": "/p/tide-boots"})");
  EXPECT_EQ(view.status, 0) << view.errors;
  EXPECT_THAT(view.out, HasSubstr("✓ view_item                  {\"items\":[{\"item_id\":\"tide-boots\"}]} ("));
  EXPECT_THAT(view.out, HasSubstr("e.yaml:4)\n      without price              missing attribute page.price\n"));
  EXPECT_THAT(view.out, HasSubstr("· add_to_cart                other_method ("));
  EXPECT_THAT(view.out, HasSubstr("· page_view                  other_event ("));
  const Outcome cart =
      run_explain({.rules = {rules}, .method = "POST", .form = {"sku=a b=c", "qty=many"}}, R"({"url": "/cart/add"})");
  EXPECT_THAT(cart.out, HasSubstr("✓ add_to_cart                {\"items\":[{\"item_id\":\"a b=c\"}]}"));
  EXPECT_THAT(cart.out, HasSubstr("without quantity"));
  const Outcome none = run_explain({.rules = {rules}, .facts = {"orders=0"}}, R"({"url": "/thanks"})");
  EXPECT_THAT(none.out,
              HasSubstr("· purchase                   condition: page.orders > 0 is false: page.orders = 0 ("));
  EXPECT_THAT(none.out, HasSubstr("✓ page_view                  {} ("));
}

TEST(Explain, ReadsFactsFromThePage) {
  const Folder folder;
  const std::string rules = folder.write("e.yaml", shop_events);
  const std::string page = folder.write("p.html", "<p data-order=4711><b class=price>1.299,00 €</b>");
  const Outcome order = run_explain({.rules = {rules}, .page = page, .json = true}, R"({"url": "/thanks"})");
  EXPECT_EQ(order.status, 0) << order.errors;
  const Json json = Json::parse(order.errors);
  EXPECT_EQ(json["facts"], Json::parse(R"({"price": "1.299,00 €", "order_id": "4711", "orders": 1})"));
  EXPECT_EQ(json["events"][2]["fields"], Json::parse(R"({"transaction_id": "4711"})"));
  EXPECT_EQ(json["events"][2]["made"], true);
  EXPECT_EQ(json["events"][0]["reason"], "other_page");
  const Outcome said =
      run_explain({.rules = {rules}, .facts = {"order_id=5"}, .page = page, .json = true}, R"({"url": "/thanks"})");
  EXPECT_EQ(Json::parse(said.errors)["events"][2]["fields"], Json::parse(R"({"transaction_id": "5"})"));
}

TEST(Explain, RefusesFactsThatDoNotExist) {
  const Folder folder;
  const std::string rules = folder.write("e.yaml", shop_events);
  const auto refusal = [&](const std::string& fact) {
    return run_explain({.rules = {rules}, .facts = {fact}}, R"({"url": "/"})").errors;
  };
  EXPECT_EQ(refusal("oder_id=1"), "personalize: --fact: there is no fact \"oder_id\", did you mean order_id?\n");
  EXPECT_EQ(refusal("orders=some"), "personalize: --fact: \"orders\" is how many elements there are: a number\n");
  EXPECT_THAT(refusal("order_id"), HasSubstr("is not of the form order_id=4711"));
}

}  // namespace
}  // namespace personalize::cli
