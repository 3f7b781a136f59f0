#include "engine/engine.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <set>
#include <string_view>

#include "plugins/built_in.h"
#include "plugins/lua/metrics.h"
#include "rules/cel/timestamps.h"
#include "rules/load/recognition.h"
#include "rules/lua/script.h"

namespace personalize::engine {
namespace {

rules::Diagnostic at_start_of(std::string file, std::string message) {
  return {.file = std::move(file), .message = std::move(message)};
}

/// Reads the files of one load, and takes note of them.
class Reader {
 public:
  Reader(const RuleFiles& files, FileSnapshots* seen, RuleTexts* texts) : files_(files), seen_(seen), texts_(texts) {}

  bool read(const std::string& path, std::string& text, std::string& problem) {
    return take(path, text, problem, [&] { return files_.read(path, text, problem); });
  }
  bool read_included(const std::string& path, std::string& text, std::string& problem) {
    return take(path, text, problem, [&] { return files_.read_included(path, text, problem); });
  }
  /// Of scripts that make no rules no message may tell what is in them (see rules/load/recognition.h).
  void hide_foreign_text(rules::Diagnostics& diagnostics) const {
    for (rules::Diagnostic& diagnostic : diagnostics)
      if (foreign_scripts_.contains(diagnostic.file))
        diagnostic.message = rules::load::without_text(std::move(diagnostic.message));
  }
  /// True if nothing more can be read.
  bool exhausted() const { return !why_exhausted_.empty(); }

 private:
  template <class Read>
  bool take(const std::string& path, std::string& text, std::string& problem, Read read) {
    if (!exhausted()) {
      if (seen_) seen_->push_back(snapshot_before_reading(path));
      const auto start = std::chrono::steady_clock::now();
      if (!read()) {
        if (std::chrono::steady_clock::now() - start >= max_reading_time) why_exhausted_ = problem;
        return false;
      }
      bytes_ += text.size();
      if (path.ends_with(".lua") && !rules::load::looks_like_rules(path, text)) foreign_scripts_.insert(path);
      if (bytes_ > rules::max_total_source_bytes)
        why_exhausted_ = "the rule files are larger than " +
                         std::to_string(rules::max_total_source_bytes / 1024 / 1024) + " MB together";
    }
    if (exhausted()) {
      text = {};
      problem = why_exhausted_;
    } else if (texts_) {
      texts_->files.push_back({path, text});
    }
    return !exhausted();
  }

  const RuleFiles& files_;
  FileSnapshots* seen_;
  RuleTexts* texts_;
  std::size_t bytes_ = 0;
  std::string why_exhausted_;
  std::set<std::string> foreign_scripts_;
};

void report(const plugins::PluginSet::Errors& errors, rules::Diagnostics& diagnostics) {
  for (const plugins::ConfigurationError& error : errors)
    diagnostics.push_back({.file = error.file, .line = error.line, .column = error.column, .message = error.what()});
}

}  // namespace

std::shared_ptr<const Engine> Engine::load(const RuleFiles& files, const plugins::Settings& settings,
                                           rules::Diagnostics& diagnostics, FileSnapshots* seen,
                                           rules::load::Sources* sources, RuleTexts* texts) {
  std::shared_ptr<Engine> engine(new Engine(settings, nullptr));
  rules::Schema schema;
  const bool good = engine->configure_plugins(schema, diagnostics);
  return engine->load_rules(files, schema, good, diagnostics, seen, sources, texts) ? engine : nullptr;
}

std::shared_ptr<const Engine> Engine::with_rules(const RuleFiles& files, rules::Diagnostics& diagnostics,
                                                 FileSnapshots* seen, RuleTexts* texts) const {
  std::shared_ptr<Engine> engine(new Engine(settings_, this));
  rules::Schema schema;
  const bool good = engine->configure_plugins(schema, diagnostics);
  return engine->load_rules(files, schema, good, diagnostics, seen, nullptr, texts) ? engine : nullptr;
}

bool Engine::load_rules(const RuleFiles& files, rules::Schema& schema, bool good, rules::Diagnostics& diagnostics,
                        FileSnapshots* seen, rules::load::Sources* sources, RuleTexts* texts) {
  Reader reader(files, seen, texts);
  diagnostics.insert(diagnostics.end(), files.mistakes().begin(), files.mistakes().end());
  good = good && files.mistakes().empty();
  std::vector<rules::SourceFile> named;
  for (const std::string& path : files.names()) {
    rules::SourceFile source{path, {}};
    std::string problem;
    if (!reader.read(path, source.text, problem)) {
      diagnostics.push_back(at_start_of(path, std::move(problem)));
      good = false;
      if (reader.exhausted()) break;
    }
    named.push_back(std::move(source));
  }
  if (texts) texts->named = texts->files.size();
  if (!good || !add_plugins_of_rules(named, schema, diagnostics)) {
    reader.hide_foreign_text(diagnostics);
    return false;
  }
  const auto read_included = [&](const std::string& path, std::string& text, std::string& problem) {
    return reader.read_included(path, text, problem);
  };
  rules_ = rules::RuleSet::load(named, schema, diagnostics, read_included, sources);
  reader.hide_foreign_text(diagnostics);
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
  plugins::PluginSet::Errors errors;
  for (auto& plugin : plugins::built_in()) plugins_.add(std::move(plugin), schema, errors);
  for (const plugins::PluginUse& use : settings_.plugins) plugins_.add(use, schema, errors);
  report(errors, diagnostics);
  return errors.empty();
}

bool Engine::add_plugins_of_rules(const std::vector<rules::SourceFile>& sources, rules::Schema& schema,
                                  rules::Diagnostics& diagnostics) {
  plugins::PluginSet::Errors errors;
  for (const rules::SourceFile& source : sources)
    if (source.name.ends_with(".lua")) plugins_.add_from_rules(source.name, source.text, schema, errors);
  report(errors, diagnostics);
  return errors.empty();
}

bool Engine::activate_plugins(rules::Diagnostics& diagnostics) {
  plugins::PluginSet::Errors errors;
  plugins_.adopt(rules_->settings(), errors);
  plugins_.activate(rules_->schema(), rules_->used_attributes(), rules_->content_providers(), errors);
  report(errors, diagnostics);
  const auto active = plugins_.active();
  profile_ = std::find_if(active.begin(), active.end(), [](const auto* loaded) { return loaded->name == "profile"; }) -
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
