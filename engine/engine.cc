#include "engine/engine.h"

#include <algorithm>
#include <exception>
#include <string_view>

#include "plugins/built_in.h"
#include "plugins/lua/metrics.h"
#include "rules/cel/timestamps.h"
#include "rules/lua/script.h"

namespace personalize::engine {
namespace {

rules::Diagnostic at_start_of(std::string file, std::string message) {
  return {.file = std::move(file), .message = std::move(message)};
}

void report(const plugins::Roster::Errors& errors, rules::Diagnostics& diagnostics) {
  for (const plugins::ConfigurationError& error : errors)
    diagnostics.push_back({.file = error.file, .line = error.line, .column = error.column, .message = error.what()});
}

}  // namespace

std::shared_ptr<const Engine> Engine::load(const std::vector<std::string>& rule_files,
                                           const plugins::Settings& settings, rules::Diagnostics& diagnostics,
                                           Sightings* seen, rules::load::Sources* sources) {
  std::shared_ptr<Engine> engine(new Engine(settings, nullptr));
  rules::Schema schema;
  const bool good = engine->configure_plugins(schema, diagnostics);
  return engine->load_rules(rule_files, schema, good, diagnostics, seen, sources) ? engine : nullptr;
}

std::shared_ptr<const Engine> Engine::with_rules(const std::vector<std::string>& rule_files,
                                                 rules::Diagnostics& diagnostics, Sightings* seen) const {
  std::shared_ptr<Engine> engine(new Engine(settings_, this));
  rules::Schema schema;
  const bool good = engine->configure_plugins(schema, diagnostics);
  return engine->load_rules(rule_files, schema, good, diagnostics, seen, nullptr) ? engine : nullptr;
}

bool Engine::load_rules(const std::vector<std::string>& files, rules::Schema& schema, bool good,
                        rules::Diagnostics& diagnostics, Sightings* seen, rules::load::Sources* sources) {
  const auto read = [&](const std::string& path, std::string& text, std::string& problem) {
    if (seen) seen->push_back(sight_before_reading(path));
    return read_file(path, text, problem);
  };
  std::vector<rules::SourceFile> texts;
  for (const std::string& path : files) {
    rules::SourceFile source{path, {}};
    std::string problem;
    if (!read(path, source.text, problem)) {
      diagnostics.push_back(at_start_of(path, std::move(problem)));
      good = false;
    }
    texts.push_back(std::move(source));
  }
  if (!good || !add_plugins_of_rules(texts, schema, diagnostics)) return false;
  rules_ = rules::RuleSet::load(texts, schema, diagnostics, read, sources);
  return rules_ && activate_plugins(diagnostics);
}

plugins::Upkeep Engine::maintain() const {
  plugins::Upkeep upkeep = plugins_.maintain();
  std::uint64_t failures = 0;
  std::string last;
  for (const auto& [file, script] : rules_->scripts()) {
    const rules::lua::Statistics statistics = script->statistics();
    if (statistics.failures != 0) last = file + ": " + statistics.last_failure;
    failures += statistics.failures;
  }
  if (failures != told_failures_)
    upkeep.warnings.push_back("rules in Lua failed " + std::to_string(failures - told_failures_) +
                              (failures - told_failures_ == 1 ? " time" : " times") + ", for instance " + last);
  told_failures_ = failures;
  return upkeep;
}

std::vector<plugins::Metric> Engine::metrics() const {
  std::vector<plugins::Metric> metrics = plugins_.metrics();
  rules::lua::Statistics scripts;
  for (const auto& [file, script] : rules_->scripts()) scripts.add(script->statistics());
  plugins::add_lua_metrics(scripts, metrics);
  return metrics;
}

bool Engine::configure_plugins(rules::Schema& schema, rules::Diagnostics& diagnostics) {
  plugins::Roster::Errors errors;
  for (auto& plugin : plugins::built_in()) plugins_.add(std::move(plugin), schema, errors);
  for (const plugins::PluginUse& use : settings_.plugins) plugins_.add(use, schema, errors);
  report(errors, diagnostics);
  return errors.empty();
}

bool Engine::add_plugins_of_rules(const std::vector<rules::SourceFile>& sources, rules::Schema& schema,
                                  rules::Diagnostics& diagnostics) {
  plugins::Roster::Errors errors;
  for (const rules::SourceFile& source : sources)
    if (source.name.ends_with(".lua")) plugins_.add_from_rules(source.name, source.text, schema, errors);
  report(errors, diagnostics);
  return errors.empty();
}

bool Engine::activate_plugins(rules::Diagnostics& diagnostics) {
  plugins::Roster::Errors errors;
  plugins_.adopt(rules_->settings(), errors);
  plugins_.activate(rules_->schema(), rules_->used_attributes(), rules_->content_providers(), errors);
  report(errors, diagnostics);
  const auto active = plugins_.active();
  profile_ = std::find_if(active.begin(), active.end(), [](const auto* member) { return member->name == "profile"; }) -
             active.begin();
  is_bot_ = rules_->schema().find("device.is_bot");
  if (auto zone = rules_->schema().find("geo.time_zone")) {
    visitor_zone_ = *zone;
    has_visitor_zone_ = true;
    if (plugins_.wanted()[*zone] != 0 && !settings_.geo_databases.empty()) rules::cel::read_all_zones();
  }
  return errors.empty();
}

}  // namespace personalize::engine
