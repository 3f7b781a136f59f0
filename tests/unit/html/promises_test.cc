// The promises of tests/html_promises/cases.json, which parse5 checks where there is node; here without it.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/unit/folders.h"
#include "tests/unit/html/rewriting.h"

namespace personalize::html::testing {
namespace {

nlohmann::json cases() {
  std::ifstream file(source_folder() / "tests/html_promises/cases.json");
  return nlohmann::json::parse(file);
}

TEST(Promises, AreKeptHoweverThePageIsCut) {
  for (const nlohmann::json& one : cases()) {
    const std::string html = one.at("html"), expected = one.at("expect"), name = one.at("name");
    Selectors selectors;
    std::vector<Edit> edits;
    for (const nlohmann::json& row : one.at("edits")) {
      Edit edit;
      ASSERT_FALSE(selectors.add(row.at("selector").get<std::string>())) << name;
      edit.slot = static_cast<SlotId>(edits.size());
      const auto operation = parse_operation(row.at("op").get_ref<const std::string&>());
      ASSERT_TRUE(operation) << name;
      edit.operation = *operation;
      const auto text = [&](const char* key) {
        return row.contains(key) ? std::string_view(row.at(key).get_ref<const std::string&>()) : std::string_view();
      };
      edit.content = text("content");
      edit.name = text("name");
      edit.value = text("value");
      edits.push_back(edit);
      EXPECT_EQ(check_content(edit.content), std::nullopt) << name;
    }
    for (std::size_t size = 1; size <= html.size(); ++size) {
      const Rewritten rewritten = rewrite(selectors, edits, html, size);
      ASSERT_EQ(rewritten.html, expected) << name << ", in pieces of " << size;
      for (const nlohmann::json& skipped : one.value("skipped", nlohmann::json::array())) {
        const EditResult& result = rewritten.results[skipped.get<std::size_t>()];
        EXPECT_GT(result.matches, 0u) << name;
        EXPECT_EQ(result.applied, 0u) << name;
        EXPECT_NE(result.reason, Skip::none) << name;
      }
    }
  }
}

}  // namespace
}  // namespace personalize::html::testing
