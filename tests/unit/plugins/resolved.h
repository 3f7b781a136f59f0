// Runs plugins on a request the way an engine does.
#pragma once

#include <memory>
#include <memory_resource>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/plugin_set.h"

namespace personalize::plugins {

class Resolved {
 public:
  /// In the order in which they resolve. `last`: one that is not built in.
  explicit Resolved(std::vector<std::unique_ptr<BuiltInPlugin>> plugins, const HostSettings& settings = {},
                    const std::vector<std::pair<std::string, std::string>>& declared = {},
                    const RuleSettings& rule_settings = {}, std::unique_ptr<Plugin> last = nullptr)
      : plugins_(settings) {
    PluginSet::Errors errors;
    for (auto& plugin : plugins) plugins_.add(std::move(plugin), schema_, errors);
    if (last) plugins_.add(std::move(last), schema_, errors);
    for (const auto& [name, type] : declared) schema_.add(name, *rules::parse_type(type));
    plugins_.apply_rule_settings(rule_settings, errors);
    std::vector<rules::AttributeId> all(schema_.size());
    std::iota(all.begin(), all.end(), rules::AttributeId{0});
    plugins_.activate(schema_, all, {}, errors);
    if (!errors.empty()) throw ConfigurationError(errors.front());
    context_ = std::make_unique<rules::Context>(schema_, memory_);
  }
  template <typename P>
  static Resolved of(const HostSettings& settings = {},
                     const std::vector<std::pair<std::string, std::string>>& declared = {},
                     const RuleSettings& rule_settings = {}) {
    std::vector<std::unique_ptr<BuiltInPlugin>> plugins;
    plugins.push_back(std::make_unique<P>());
    return Resolved(std::move(plugins), settings, declared, rule_settings);
  }

  /// What the last plugin wants fetched.
  std::vector<std::vector<std::string>> needs(const Request& request) {
    std::pmr::vector<Fetch> list(&memory_);
    const std::string_view visitor = plugins_.visitor(request, *context_).read();
    Fetches fetches(list, "personalize:", visitor, context_->values(), memory_);
    plugins_.active().back()->plugin->needs(request, fetches);
    std::vector<std::vector<std::string>> commands;
    for (const Fetch& fetch : list) commands.emplace_back(fetch.command.begin(), fetch.command.end());
    return commands;
  }

  Resolved& resolve(const Request& request, std::span<const Reply> replies = {}) {
    context_ = std::make_unique<rules::Context>(schema_, memory_);
    for (const PluginSet::LoadedPlugin* loaded : plugins_.active()) {
      Attributes attributes(context_->values(), plugins_.wanted(), loaded->first, memory_);
      loaded->plugin->resolve(request, replies, attributes);
    }
    return *this;
  }

  std::vector<Metric> metrics() const { return plugins_.metrics(); }
  MaintenanceReport maintain() { return plugins_.maintain(); }

  const rules::Value& operator[](std::string_view attribute) const {
    return (*context_)[schema_.find(attribute).value()];
  }
  /// Text of a string attribute, "-" if it is missing.
  std::string text(std::string_view attribute) const {
    const rules::Value& value = (*this)[attribute];
    return value.missing() ? "-" : std::string(value.text());
  }
  const rules::Schema& schema() const { return schema_; }
  const rules::Context& context() const { return *context_; }

 private:
  PluginSet plugins_;
  rules::Schema schema_;
  std::unique_ptr<std::pmr::monotonic_buffer_resource> owned_ = std::make_unique<std::pmr::monotonic_buffer_resource>();
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
