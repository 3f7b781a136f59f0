// Runs plugins on a request the way an engine does.
#pragma once

#include <deque>
#include <memory>
#include <memory_resource>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/plugin.h"

namespace personalize::plugins {

class Resolved {
 public:
  /// In the order in which they resolve.
  explicit Resolved(std::vector<std::unique_ptr<Plugin>> plugins, const Settings& settings = {},
                    const std::vector<std::pair<std::string, std::string>>& declared = {},
                    const RuleSettings& rule_settings = {})
      : plugins_(std::move(plugins)) {
    for (auto& plugin : plugins_) plugin->configure(settings);
    for (auto& plugin : plugins_) plugin->attributes(schema_);
    for (const auto& [name, type] : declared) schema_.add(name, *rules::parse_type(type));
    for (auto& plugin : plugins_) plugin->adopt(rule_settings);
    wanted_.assign(schema_.size(), 1);
    for (auto plugin = plugins_.rbegin(); plugin != plugins_.rend(); ++plugin)
      (*plugin)->activate(schema_, wanted_);
  }
  template <typename P>
  static Resolved of(const Settings& settings = {},
                     const std::vector<std::pair<std::string, std::string>>& declared = {},
                     const RuleSettings& rule_settings = {}) {
    std::vector<std::unique_ptr<Plugin>> plugins;
    plugins.push_back(std::make_unique<P>());
    return Resolved(std::move(plugins), settings, declared, rule_settings);
  }

  /// What the last plugin wants fetched.
  std::vector<std::vector<std::string>> needs(const Request& request) {
    Fetches fetches(memory_, context_.get());
    plugins_.back()->needs(request, fetches);
    std::vector<std::vector<std::string>> commands;
    for (const Fetch& fetch : fetches.list())
      commands.emplace_back(fetch.command.begin(), fetch.command.end());
    return commands;
  }

  Resolved& resolve(const Request& request, std::span<const Reply> replies = {}) {
    context_ = std::make_unique<rules::Context>(schema_, memory_);
    Attributes attributes(schema_, wanted_, *context_, memory_);
    for (const auto& plugin : plugins_) plugin->resolve(request, replies, attributes);
    return *this;
  }

  Upkeep maintain() {
    Upkeep upkeep;
    for (const auto& plugin : plugins_) plugin->maintain(upkeep);
    return upkeep;
  }

  const rules::Value& operator[](std::string_view attribute) const {
    return (*context_)[schema_.find(attribute).value()];
  }
  /// Text of a string attribute, "-" if it is missing.
  std::string text(std::string_view attribute) const {
    const rules::Value& value = (*this)[attribute];
    return value.missing() ? "-" : std::string(value.text());
  }
  const rules::Schema& schema() const { return schema_; }

 private:
  std::vector<std::unique_ptr<Plugin>> plugins_;
  rules::Schema schema_;
  std::vector<std::uint8_t> wanted_;
  std::unique_ptr<std::pmr::monotonic_buffer_resource> owned_ =
      std::make_unique<std::pmr::monotonic_buffer_resource>();
  std::pmr::monotonic_buffer_resource& memory_ = *owned_;
  std::unique_ptr<rules::Context> context_;
};

/// Entry of a map attribute, "-" if there is none.
inline std::string entry(const rules::Value& map, std::string_view key) {
  for (const rules::MapEntry& entry : map.as_map())
    if (entry.key.text() == key) return std::string(entry.value.text());
  return "-";
}

}  // namespace personalize::plugins
