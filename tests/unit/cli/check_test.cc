// tests/unit/rules/lint/files holds rule files that are valid but cannot be intended, and next to each the warnings
// that it must give, and no others.
#include "cli/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/files.h"
#include "tests/unit/folders.h"

namespace personalize::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::filesystem::path lints = source_folder() / "tests/unit/rules/lint/files";

struct Checked {
  int status;
  std::string out;
  std::vector<std::string> messages;  // without the folder
};

Checked run(CheckOptions options) {
  options.at = "2026-07-01T12:00:00Z";
  std::ostringstream out, errors;
  Checked checked{check(options, out, errors), {}, {}};
  checked.out = out.str();
  std::istringstream lines(errors.str());
  for (std::string line; std::getline(lines, line);) {
    for (const std::string folder : {lints / "pages/", lints / ""})
      for (std::size_t at; (at = line.find(folder)) != line.npos;) line.erase(at, folder.size());
    checked.messages.push_back(line);
  }
  return checked;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

std::vector<std::filesystem::path> files() {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(lints))
    if (entry.path().extension() == ".yaml") found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  return found;
}

class LintedFile : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(LintedFile, GivesExactlyTheExpectedWarnings) {
  const Checked checked = run({.files = {GetParam()}});
  std::filesystem::path expected = GetParam();
  EXPECT_EQ(joined(checked.messages), read_file(expected.replace_extension(".expected")));
  EXPECT_EQ(checked.status, 0);
}

INSTANTIATE_TEST_SUITE_P(Check, LintedFile, testing::ValuesIn(files()),
                         [](const auto& info) { return info.param.stem().string(); });

TEST(Check, TakesWarningsForErrorsIfItIsStrict) {
  EXPECT_EQ(run({.files = {lints / "links.yaml"}, .strict = true}).status, 1);
  EXPECT_EQ(run({.files = {lints / "links.yaml"}, .plain_http = true, .strict = true}).status, 0);
}

TEST(Check, CountsWarningsAndSaysWhichVersionItIs) {
  EXPECT_THAT(run({.files = {lints / "unused.yaml"}}).out,
              testing::MatchesRegex("1 file, 3 slots, 2 rules: good with 5 warnings, version [0-9a-f]{16}\n"));
}

TEST(Check, SaysWhichRuleInAnotherFileIsInTheWay) {
  const Checked checked = run({.files = {lints / "in_the_way.yaml", lints / "in_the_way.lua"}});
  EXPECT_THAT(checked.messages,
              ElementsAre("in_the_way.lua:1:1: warning: rule `second` can never win slot `hero`: `first` "
                          "(in_the_way.yaml:5) comes first and always applies; give it a higher priority, or remove it",
                          HasSubstr("in_the_way.lua:1:1: warning: `http://cdn.example/x.png` is http")));
}

const std::filesystem::path pages = lints / "pages";

TEST(CheckPages, WarnsOfFactsThatAnEventNeeds) {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("check_facts." + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  const auto write = [&](const char* name, const char* text) {
    std::ofstream(folder / name) << text;
    return (folder / name).string();
  };
  const std::string rules = write("e.yaml", R"(version: 1
facts:
  order_id: { select: "[data-order]", attribute: data-order }
  total: { select: .total, type: double }
  cards: { select: .card, count: true }
events:
  purchase: { pages: /thanks, transaction_id: page.order_id, value: page.total }
  view_item_list: { when: page.cards > 0 }
)");
  const std::string page = write("p.html", "<p data-order=4711>");
  Checked checked = run({.files = {rules}, .pages = {"/thanks=" + page}});
  std::filesystem::remove_all(folder);
  EXPECT_EQ(checked.status, 0);
  EXPECT_THAT(checked.messages, ElementsAre(page + ": warning: fact `total` is not in this page, and `purchase` (" +
                                            rules + ":7) needs it"));
}

TEST(CheckPages, SaysWhatIsNotInAPageAndWhatAFrameworkTakesOver) {
  const Checked checked =
      run({.files = {pages / "rules.yaml"},
           .pages = {"/=" + (pages / "home.html").string(), "/c/coats=" + (pages / "coats.html").string()}});
  EXPECT_EQ(joined(checked.messages), read_file(pages / "rules.expected"));
}

TEST(CheckPages, AsksForEverySlotInAPageWhosePathIsNotKnown) {
  const Checked checked = run({.files = {pages / "rules.yaml"}, .pages = {(pages / "coats.html").string()}});
  const auto misses = std::count_if(checked.messages.begin(), checked.messages.end(), [](const std::string& message) {
    return message.find("matches nothing in") != message.npos;
  });
  EXPECT_EQ(misses, 5);  // offer, nowhere, app, beside_app, in_app
}

TEST(CheckPages, SaysWhichElementsCannotBeEdited) {
  const Checked checked = run({.files = {pages / "broken.yaml"}, .pages = {(pages / "broken.html").string()}});
  EXPECT_THAT(
      checked.messages,
      ElementsAre("broken.yaml:3:20: warning: `.price` matches 2 elements in broken.html, of which 1 cannot be "
                  "edited with `before`: the HTML around it is read differently by different parsers; correct it"));
}

TEST(CheckPages, FailsForAPageThatIsNotThere) {
  EXPECT_THROW(run({.files = {pages / "rules.yaml"}, .pages = {"nowhere.html"}}), std::runtime_error);
}

std::filesystem::path written(const std::string& name, const std::string& text) {
  std::filesystem::path path = std::filesystem::path(testing::TempDir()) / name;
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

const std::string fact_rules = R"(version: 1
events:
  view_item: { pages: ["/p/*"], item_id: "request.path_segment[1]" }
  purchase: { pages: ["/thanks"], transaction_id: page.order_id, value: page.total }
  view_search_results: { pages: ["/search"], results: page.results }
facts:
  order_id: { select: "[data-order-id]", attribute: data-order-id }
  total: { select: "#total", type: double }
  results: { select: ".card", count: true }
)";

TEST(CheckPages, ShowsTheFactsOfAPage) {
  const auto rules = written("facts.yaml", fact_rules);
  const auto page =
      written("product.html",
              "<p data-order-id=1001><i class=card></i><p id=total>" + std::string(2000, 'x') +
                  "</p><script type='application/ld+json'>{\"@type\":\"Product\",\"name\":\"Tide Boots\",\"sku\":\"T\","
                  "\"offers\":{\"price\":99.5,\"priceCurrency\":\"EUR\",\"availability\":\"InStock\"}}</script>");
  const auto other = written("other.html", "<p>nothing");
  const Checked checked = run({.files = {rules}, .pages = {"/p/tide=" + page.string(), other}});
  EXPECT_THAT(checked.out, HasSubstr("facts of " + page.string() +
                                     ":\n  page.order_id  1001\n  page.total     not known, as it is too long\n"
                                     "  page.results   1\n  product, by its JSON-LD:\n    name          Tide Boots\n"
                                     "    price         99.5 EUR\n    availability  in_stock\n    sku           T\n"));
  EXPECT_THAT(checked.out,
              HasSubstr("facts of " + other.string() +
                        ":\n  page.order_id  missing\n  page.total     missing\n  page.results   0\n"
                        "  no product, article or video is found to be what this page is about\n1 file, "));
}

TEST(CheckPages, GivesTheFactsOfAPageAsJson) {
  const auto rules = written("facts_json.yaml", fact_rules);
  const auto page = written("thanks.html",
                            "<p data-order-id=1001><meta property=og:type content=product>"
                            "<meta property=og:title content=Boots><p id=total>" +
                                std::string(2000, 'x'));
  const Checked checked = run({.files = {rules}, .pages = {"/thanks=" + page.string()}, .json = true});
  const auto json = nlohmann::json::parse(checked.out);
  EXPECT_EQ(json["good"], true);
  EXPECT_EQ(json["pages"].size(), 1u);
  const auto expected = nlohmann::json::parse(R"({"page": "", "path": "/thanks", "ignored": ["total"],
    "facts": {"order_id": "1001", "total": null, "results": 0},
    "product": {"kind": "product", "source": "OpenGraph", "name": "Boots", "ids": []}})");
  auto found = json["pages"][0];
  EXPECT_EQ(found["page"], page.string());
  found["page"] = "";
  EXPECT_EQ(found, expected);
  const Checked broken = run({.files = {written("broken.yaml", "version: 1\nrules: 3\n")}, .json = true});
  const auto failed = nlohmann::json::parse(broken.out);
  EXPECT_EQ(broken.status, 1);
  EXPECT_EQ(failed["good"], false);
  EXPECT_EQ(failed["diagnostics"][0]["severity"], "error");
  EXPECT_EQ(failed["diagnostics"][0]["line"], 2);
  EXPECT_TRUE(broken.messages.empty());
}

TEST(CheckPages, RulesThatReadNoFactsShowNone) {
  const auto rules = written("no_facts.yaml", "version: 1\nslots: { a: { select: p } }\n");
  const auto page = written("plain.html", "<p>");
  EXPECT_THAT(run({.files = {rules}, .pages = {page}}).out, testing::Not(HasSubstr("facts")));
}

}  // namespace
}  // namespace personalize::cli
