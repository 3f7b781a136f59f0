#include "engine/engine.h"

#include <algorithm>
#include <exception>
#include <string_view>

namespace personalize::engine {
namespace {

rules::Diagnostic at_start_of(std::string file, std::string message) {
  return {.file = std::move(file), .message = std::move(message)};
}

/// Runs a step of loading; false, with a diagnostic, if the plugin could not do it.
template <typename Step>
bool reports_errors(const plugins::Plugin& plugin, rules::Diagnostics& diagnostics, Step step) {
  try {
    step();
    return true;
  } catch (const plugins::ConfigurationError& error) {
    diagnostics.push_back({.file = error.file,
                           .line = std::max(error.line, 1u),
                           .column = std::max(error.column, 1u),
                           .message = error.what()});
  } catch (const std::exception& error) {
    diagnostics.push_back(at_start_of({}, std::string(plugin.name()) + ": " + error.what()));
  }
  return false;
}

std::string_view namespace_of(std::string_view attribute) { return attribute.substr(0, attribute.find('.')); }

}  // namespace

std::shared_ptr<const Engine> Engine::load(const std::vector<std::string>& rule_files,
                                           const plugins::Settings& settings, rules::Diagnostics& diagnostics,
                                           Sightings* seen) {
  std::shared_ptr<Engine> engine(new Engine(settings));
  rules::Schema schema;
  const bool good = engine->configure_plugins(schema, nullptr, diagnostics);
  return engine->load_rules(rule_files, schema, good, diagnostics, seen) ? engine : nullptr;
}

std::shared_ptr<const Engine> Engine::with_rules(const std::vector<std::string>& rule_files,
                                                 rules::Diagnostics& diagnostics, Sightings* seen) const {
  std::shared_ptr<Engine> engine(new Engine(settings_));
  rules::Schema schema;
  const bool good = engine->configure_plugins(schema, this, diagnostics);
  return engine->load_rules(rule_files, schema, good, diagnostics, seen) ? engine : nullptr;
}

bool Engine::load_rules(const std::vector<std::string>& files, const rules::Schema& schema, bool good,
                        rules::Diagnostics& diagnostics, Sightings* seen) {
  const auto read = [&](const std::string& path, std::string& text, std::string& problem) {
    if (seen) seen->push_back(sight_before_reading(path));
    return read_file(path, text, problem);
  };
  std::vector<rules::SourceFile> sources;
  for (const std::string& path : files) {
    rules::SourceFile source{path, {}};
    std::string problem;
    if (!read(path, source.text, problem)) {
      diagnostics.push_back(at_start_of(path, std::move(problem)));
      good = false;
    }
    sources.push_back(std::move(source));
  }
  if (!good) return false;
  rules_ = rules::RuleSet::load(sources, schema, diagnostics, read);
  return rules_ && activate_plugins(diagnostics);
}

plugins::Upkeep Engine::maintain() const {
  plugins::Upkeep upkeep;
  for (const auto& plugin : plugins_) plugin->maintain(upkeep);
  return upkeep;
}

std::vector<plugins::Metric> Engine::metrics() const {
  std::vector<plugins::Metric> metrics;
  for (const auto& plugin : plugins_) plugin->metrics(metrics);
  return metrics;
}

bool Engine::configure_plugins(rules::Schema& schema, const Engine* serving, rules::Diagnostics& diagnostics) {
  bool good = true;
  plugins_ = plugins::built_in();
  for (std::size_t i = 0; i < plugins_.size(); ++i) {
    plugins::Plugin* plugin = plugins_[i].get();
    good = reports_errors(*plugin, diagnostics, [&] {
             if (!serving || !plugin->take_over(*serving->plugins_[i])) plugin->configure(settings_);
           }) && good;
    plugin->attributes(schema);  // also of a plugin that is misconfigured: rules that use it are not at fault
  }
  return good;
}

bool Engine::activate_plugins(rules::Diagnostics& diagnostics) {
  bool good = true;
  const rules::Schema& schema = rules_->schema();
  wanted_.assign(schema.size(), 0);
  for (rules::AttributeId id : rules_->used_attributes()) wanted_[id] = 1;

  // From the last to resolve to the first: each may still want attributes of those before it.
  for (auto plugin = plugins_.rbegin(); plugin != plugins_.rend(); ++plugin) {
    bool active = false;
    for (rules::AttributeId id = 0; id < schema.size() && !active; ++id)
      active = wanted_[id] != 0 && namespace_of(schema[id].name) == (*plugin)->name();
    if (!active) continue;
    good = reports_errors(**plugin, diagnostics, [&] { (*plugin)->activate(schema, wanted_); }) && good;
    active_.push_back(plugin->get());
  }
  std::reverse(active_.begin(), active_.end());

  if (auto zone = schema.find("geo.time_zone")) {
    visitor_zone_ = *zone;
    has_visitor_zone_ = true;
  }
  return good;
}

}  // namespace personalize::engine
