#include "engine/engine.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <exception>
#include <fstream>
#include <iterator>
#include <string_view>

namespace personalize::engine {
namespace {

rules::Diagnostic at_start_of(std::string file, std::string message) {
  return {.file = std::move(file), .message = std::move(message)};
}

/// Reads the file, or says why not. Its size is the rule set's business: of one that is too large just enough is read
/// for that to be found out.
bool read_source(const std::string& path, rules::SourceFile& source, rules::Diagnostics& diagnostics) {
  source.name = path;
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    diagnostics.push_back(at_start_of(path, std::string("cannot be read: ") + std::strerror(errno)));
    return false;
  }
  source.text.resize(rules::max_source_bytes + 1);
  in.read(source.text.data(), static_cast<std::streamsize>(source.text.size()));
  source.text.resize(static_cast<std::size_t>(in.gcount()));
  if (in.bad() || (in.fail() && !in.eof())) {
    diagnostics.push_back(at_start_of(path, "cannot be read: it is a directory or the disk failed"));
    return false;
  }
  return true;
}

/// The same for a file that a rule file includes.
bool read_included(const std::string& path, std::string& text, std::string& problem) {
  rules::SourceFile source;
  rules::Diagnostics problems;
  if (!read_source(path, source, problems)) {
    problem = problems.back().message;
    return false;
  }
  text = std::move(source.text);
  return true;
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
                                           const plugins::Settings& settings, rules::Diagnostics& diagnostics) {
  std::shared_ptr<Engine> engine(new Engine);
  rules::Schema schema;
  bool good = engine->configure_plugins(settings, schema, diagnostics);

  std::vector<rules::SourceFile> sources;
  for (const std::string& path : rule_files) {
    rules::SourceFile source;
    good = read_source(path, source, diagnostics) && good;
    if (good) sources.push_back(std::move(source));
  }
  if (!good) return nullptr;

  engine->rules_ = rules::RuleSet::load(sources, schema, diagnostics, read_included);
  if (!engine->rules_) return nullptr;
  if (!engine->activate_plugins(diagnostics)) return nullptr;
  return engine;
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

bool Engine::configure_plugins(const plugins::Settings& settings, rules::Schema& schema,
                               rules::Diagnostics& diagnostics) {
  bool good = true;
  plugins_ = plugins::built_in();
  for (const auto& plugin : plugins_) {
    good = reports_errors(*plugin, diagnostics, [&] { plugin->configure(settings); }) && good;
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
