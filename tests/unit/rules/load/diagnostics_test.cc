// tests/unit/rules/load/bad holds rule files that are wrong on purpose, and next to each the messages it must give.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "rules/load/fields.h"
#include "tests/unit/folders.h"
#include "tests/unit/rules/rule_files.h"

namespace personalize::rules {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<std::filesystem::path> bad_files() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(source_folder() / "tests/unit/rules/load/bad"))
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

class BadFile : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(BadFile, GivesExactlyTheExpectedMessages) {
  const Loaded loaded(std::vector<SourceFile>{{GetParam().filename().string(), read(GetParam())}});
  std::string messages;
  for (const std::string& message : loaded.messages()) messages += message + "\n";
  std::filesystem::path expected = GetParam();
  EXPECT_EQ(messages, read(expected.replace_extension(".expected")));
  EXPECT_FALSE(loaded);
}

INSTANTIATE_TEST_SUITE_P(Rules, BadFile, testing::ValuesIn(bad_files()),
                         [](const auto& info) { return info.param.stem().string(); });

TEST(Diagnostics, NameTheOtherFileOfADuplicate) {
  const std::string slots = "version: 1\nslots:\n  hero: { select: '#a' }\n";
  const std::string rules = "version: 1\nrules:\n  - { id: a, slot: hero, do: { inner: x } }\n";
  const Loaded loaded({{"a.yaml", slots}, {"b.yaml", slots}, {"c.yaml", rules}, {"d.yaml", rules}});
  EXPECT_THAT(loaded.messages(), ElementsAre("b.yaml:3:3: slot `hero` is already defined at a.yaml:3",
                                             "d.yaml:3:11: rule `a` is already defined at c.yaml:3"));
}

TEST(Diagnostics, CoverAllFilesAtOnce) {
  const Loaded loaded({{"b.yaml", "version: 1\nslotz:\n"}, {"a.yaml", "version: 1\nrulez:\n"}, {"c.yaml", "a: ]"}});
  EXPECT_THAT(loaded.messages(), ElementsAre(HasSubstr("b.yaml:2:1: unknown key"), HasSubstr("a.yaml:2:1: unknown key"),
                                             HasSubstr("c.yaml:1:")));
}

TEST(Diagnostics, CountColumnsInCodePointsAndSkipAByteOrderMark) {
  const Loaded loaded("\xEF\xBB\xBFversion: 1\r\n\"ünï\": 2\r\n");
  EXPECT_THAT(loaded.messages(), ElementsAre(HasSubstr("rules.yaml:2:1: unknown key `ünï`")));
  EXPECT_THAT(Loaded("\xEF\xBB\xBFversion: 2").messages(), ElementsAre("rules.yaml:1:10: `version` must be 1"));
  EXPECT_THAT(Loaded("version: 1\nsegments: { a: \"'ü😀' + geo.citi\" }").messages(),
              ElementsAre(HasSubstr("rules.yaml:2:24: unknown attribute geo.citi")));
}

TEST(Diagnostics, RefuseLargeFiles) {
  EXPECT_THAT(Loaded("version: 1\n#" + std::string(max_source_bytes, 'x')).messages(),
              ElementsAre("rules.yaml:1:1: file larger than 8 MB; split it up"));
}

TEST(Diagnostics, ComeQuicklyWhateverTheFileIsMadeOf) {
  const std::size_t size = 256 * 1024;
  const auto repeated = [&](std::string_view text) {
    std::string result;
    while (result.size() < size) result += text;
    return result;
  };
  for (const std::string& text :
       {repeated("["), repeated("{"), repeated("- "), repeated("a: "), repeated("? "), repeated("&a "), repeated("\n "),
        repeated("!"), repeated("'"), repeated("\"\\"), repeated("*a "), repeated("a: [\n"), repeated("[a, "),
        repeated("{a: "), repeated("-\n "), "version: 1\nrules:\n" + repeated(" - a\n"),
        "version: 1\nslots: {" + repeated("a: b, ") + "}", "version: 1\n" + repeated("a: 1\n")}) {
    const std::clock_t start = std::clock();  // of this process: what others do meanwhile does not count
    const Loaded loaded(text);
    EXPECT_FALSE(loaded);
    EXPECT_FALSE(loaded.messages().empty());
    EXPECT_LT(std::clock() - start, 10 * CLOCKS_PER_SEC) << text.substr(0, 40);
  }
}

TEST(Diagnostics, ShortenWhatTheyQuote) {
  EXPECT_EQ(load::in_quotes("a\nb"), "`a b`");
  EXPECT_EQ(load::in_quotes(std::string(100, 'x')), "`" + std::string(80, 'x') + "…`");
  std::string umlauts;
  for (int i = 0; i < 60; ++i) umlauts += "ü";
  EXPECT_EQ(load::in_quotes("a" + umlauts).find("\xC3…"), std::string::npos);
}

TEST(Diagnostics, AreWrittenAsCompilersDo) {
  EXPECT_EQ(to_string(Diagnostic{"a.yaml", 3, 4, "no"}), "a.yaml:3:4: no");
  EXPECT_EQ(to_string(Diagnostic{"a.yaml", 3, 4, "hm", Diagnostic::Severity::warning}), "a.yaml:3:4: warning: hm");
}

}  // namespace
}  // namespace personalize::rules
