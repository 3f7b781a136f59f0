// tests/unit/rules/lint/files holds rule files that are valid but cannot be intended, and next to each the warnings
// that it must give, and no others.
#include "cli/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
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

}  // namespace
}  // namespace personalize::cli
