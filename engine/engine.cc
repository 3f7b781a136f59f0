#include "engine/engine.h"

#include <algorithm>
#include <exception>
#include <string_view>

#include "plugins/built_in.h"

namespace personalize::engine {
namespace {

rules::Diagnostic at_start_of(std::string file, std::string message) {
  return {.file = std::move(file), .message = std::move(message)};
}

void report(const plugins::Roster::Errors& errors, rules::Diagnostics& diagnostics) {
  for (const plugins::ConfigurationError& error : errors)
    diagnostics.push_back({.file = error.file,
                           .line = std::max(error.line, 1u),
                           .column = std::max(error.column, 1u),
                           .message = error.what()});
}

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

bool Engine::configure_plugins(rules::Schema& schema, const Engine* serving, rules::Diagnostics& diagnostics) {
  plugins::Roster::Errors errors;
  const plugins::Roster* old = serving ? &serving->plugins_ : nullptr;
  for (auto& plugin : plugins::built_in()) plugins_.add(std::move(plugin), settings_, old, schema, errors);
  report(errors, diagnostics);
  return errors.empty();
}

bool Engine::activate_plugins(rules::Diagnostics& diagnostics) {
  plugins::Roster::Errors errors;
  plugins_.activate(rules_->schema(), rules_->used_attributes(), errors);
  report(errors, diagnostics);
  const auto active = plugins_.active();
  profile_ = std::find_if(active.begin(), active.end(), [](const auto* member) { return member->plugin->name() == "profile"; }) -
             active.begin();
  if (auto zone = rules_->schema().find("geo.time_zone")) {
    visitor_zone_ = *zone;
    has_visitor_zone_ = true;
  }
  return errors.empty();
}

}  // namespace personalize::engine
