// Engines with plugins of third parties, for tests.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "engine/evaluation.h"
#include "plugins/plugin_file.h"
#include "tests/unit/folders.h"

namespace personalize::engine {

inline std::string built(const std::string& name) { return build_folder() / name; }
inline std::string example(const std::string& name) { return source_folder() / "plugins/examples" / name; }

class ThirdParty : public ::testing::Test {
 protected:
  ThirdParty() : folder_(std::filesystem::temp_directory_path() / ("third_party_test." + std::to_string(getpid()))) {
    std::filesystem::create_directories(folder_);
  }
  ~ThirdParty() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
    return folder_ / name;
  }
  void use(const std::string& path, std::initializer_list<plugins::Options::Option> options = {}) {
    plugins::PluginUse use{plugins::PluginFile::open(path), {}};
    for (const auto& [name, value] : options) use.options.add(name, value);
    settings_.plugins.push_back(std::move(use));
  }
  /// With one rule.
  std::shared_ptr<const Engine> load(const std::string& when, const std::string& content = "hello") {
    return load_text("version: 1\nslots: { a: { select: a } }\nrules:\n  - { id: won, slot: a, when: '" + when +
                     "', do: { inner: \"" + content + "\" } }\n");
  }
  std::shared_ptr<const Engine> load_text(const std::string& text, std::vector<std::string> others = {}) {
    others.insert(others.begin(), write("rules.yaml", text));
    rules::Diagnostics diagnostics;
    auto engine = Engine::load(others, settings_, diagnostics);
    for (const auto& diagnostic : diagnostics) mistakes_.push_back(rules::to_string(diagnostic));
    return engine;
  }
  static plugins::Request request() {
    return {.method = "GET", .path = "/", .address = "192.0.2.1", .visitor = "alice", .now_us = 1'795'341'600'000'000};
  }

  std::filesystem::path folder_;
  plugins::Settings settings_;
  std::vector<std::string> mistakes_;
};

}  // namespace personalize::engine
