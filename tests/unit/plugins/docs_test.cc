#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "plugins/built_in.h"
#include "plugins/plugin_set.h"
#include "tests/unit/folders.h"

namespace personalize::plugins {
namespace {

std::string document(const char* name) {
  std::ifstream file(source_folder() / "docs" / name);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Docs, NameEveryRedisCommandThatPluginsMayUse) {
  std::string words = document("plugins.md");
  for (char& c : words)
    if (c == '\n' || c == '`') c = ' ';
  for (const ReadingCommand& command : reading_commands)
    EXPECT_NE(words.find(" " + std::string(command.name) + " "), std::string::npos) << command.name;
  for (const WritingCommand& command : writing_commands)
    EXPECT_NE(words.find(" " + std::string(command.name) + " "), std::string::npos) << command.name;
}

TEST(Docs, NamePluginsInTheOrderInWhichTheyResolve) {
  std::string order = "Plugins resolve in the order ";
  for (const auto& plugin : built_in()) order.append(plugin->name()).append(", ");
  EXPECT_NE(document("plugins.md").find(order + "then"), std::string::npos) << order;
}

TEST(Docs, NameEveryAttributeWithItsTypeAndMeaning) {
  const std::string docs = document("context.md");
  rules::Schema schema;
  PluginSet plugins{Settings()};
  PluginSet::Errors errors;
  for (auto& plugin : built_in()) plugins.add(std::move(plugin), schema, errors);
  ASSERT_GT(schema.size(), 80u);
  for (rules::AttributeId id = 0; id < schema.size(); ++id) {
    const rules::Attribute& attribute = schema[id];
    const std::string row =
        "| `" + attribute.name + "` | `" + to_string(attribute.type) + "` | " + attribute.description + " |";
    EXPECT_NE(docs.find(row), std::string::npos) << "docs/context.md should have the row\n" << row;
  }
}

}  // namespace
}  // namespace personalize::plugins
