// Makes engines of rules while the configuration is read, and finds a substitute for rules with mistakes.
#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "module/conf/conf.h"
#include "module/log/log.h"
#include "rules/lint/lint.h"

namespace personalize::module {
namespace {

using Rules = std::vector<std::string>;

/// The rules in use, by their patterns and for each engine. Kept by the master, which reads the next configuration.
std::map<Rules, std::vector<std::shared_ptr<const engine::LiveRules>>> in_use;

/// Each mistake on a line of its own, as `personalize check` writes it.
void report(ngx_log_t* log, const rules::Diagnostics& diagnostics, ngx_uint_t level_of_mistakes) {
  for (const rules::Diagnostic& diagnostic : diagnostics) {
    const bool mistake = diagnostic.severity == rules::Diagnostic::Severity::error;
    const ngx_uint_t level = mistake ? level_of_mistakes : NGX_LOG_WARN;
    ngx_log_error(level, log, 0, "%s", rules::to_string(diagnostic).c_str());
  }
}

/// An attempt to load an engine, and its result.
struct Attempt {
  engine::RuleLoad* rules;
  std::shared_ptr<const engine::Engine> engine;
  rules::Diagnostics diagnostics;

  Attempt(engine::RuleLoad& load, const plugins::HostSettings& settings) : rules(&load) {
    std::optional<rules::load::Sources> sources;
    if (ngx_test_config != 0) sources.emplace();
    engine = engine::Engine::load(load, settings, diagnostics, sources ? &*sources : nullptr);
    if (engine != nullptr && sources) {
      const rules::Diagnostics found = rules::lint_countries(engine->rules(), *sources);
      diagnostics.insert(diagnostics.end(), found.begin(), found.end());
    }
    if (engine == nullptr && !rules::has_errors(diagnostics))
      diagnostics.push_back({.file = load.names().empty() ? "" : load.names().front(),
                             .line = 0,
                             .message = "the rules cannot be loaded"});
  }
};

std::unique_ptr<engine::RuleLoad> read_in_use(const engine::LiveRules& live) {
  auto texts = live.read();
  return texts ? std::make_unique<engine::RuleLoad>(std::move(*texts)) : nullptr;
}

std::unique_ptr<engine::RuleLoad> read_last_good(const RulesConf& rules, ngx_log_t* log) {
  auto texts = engine::LastGood(rules.last_good, rules.paths).load();
  if (texts) return std::make_unique<engine::RuleLoad>(std::move(*texts));
  ngx_log_error(NGX_LOG_WARN, log, 0, "the last good rules cannot be used: %s", texts.error().c_str());
  return nullptr;
}

}  // namespace

/// What engines are loaded from is read once for all of them.
struct RulesBeingRead {
  explicit RulesBeingRead(const Rules& paths) : files(engine::RuleFiles(paths)) {}

  engine::RuleLoad files;
  std::map<const engine::LiveRules*, std::unique_ptr<engine::RuleLoad>> in_use;  ///< null: there are none
  std::map<std::string, std::unique_ptr<engine::RuleLoad>> last_good;            ///< by folder, likewise
  engine::RuleLoad nothing{engine::RuleTexts{}};
  std::set<std::string> said;  ///< lines that were logged
};

namespace {

/// The rules in use, beginning with those of the same engine, as far as its position in the configuration tells. There
/// are several versions if some engines could not use some version of the files.
std::vector<engine::RuleLoad*> loads_in_use(LoadedRules& rules) {
  std::vector<engine::RuleLoad*> loads;
  const auto known = in_use.find(rules.paths);
  if (known == in_use.end()) return loads;
  const auto add = [&](const std::shared_ptr<const engine::LiveRules>& live) {
    const auto [entry, added] = rules.reading->in_use.try_emplace(live.get());
    if (added) entry->second = read_in_use(*live);
    if (entry->second && std::find(loads.begin(), loads.end(), entry->second.get()) == loads.end())
      loads.push_back(entry->second.get());
  };
  const std::size_t place = rules.engines.size();
  if (place < known->second.size()) add(known->second[place]);
  for (const auto& live : known->second) add(live);
  return loads;
}

/// Finds a substitute for files with mistakes. False if the engine does not even load without rules, so that they are
/// not to blame.
bool stand_in(const RulesConf& conf, ngx_log_t* log, LoadedRules& rules, LoadedEngine& loaded, Attempt& attempt) {
  const auto use = [&](engine::RuleLoad& load, StandIn what) {
    Attempt other(load, loaded.settings);
    if (other.engine == nullptr) return false;
    loaded.stand_in = what;
    attempt.engine = std::move(other.engine);
    attempt.rules = other.rules;
    return true;
  };
  for (engine::RuleLoad* load : loads_in_use(rules))
    if (use(*load, StandIn::in_use)) return true;
  if (!conf.last_good.empty()) {
    const auto [known, added] = rules.reading->last_good.try_emplace(conf.last_good);
    if (added) known->second = read_last_good(conf, log);
    if (known->second && use(*known->second, StandIn::last_good)) return true;
  }
  return use(rules.reading->nothing, StandIn::nothing);
}

/// Logs what is wrong and what is used instead, each line once for all engines.
void say_once(LoadedRules& rules, const LoadedEngine& loaded, const rules::Diagnostics& diagnostics, bool good,
              ngx_log_t* log) {
  const ngx_uint_t level = ngx_test_config != 0 ? NGX_LOG_WARN : NGX_LOG_ERR;
  const auto is_new = [&](const std::string& line) { return rules.reading->said.insert(line).second; };
  rules::Diagnostics news;
  for (const rules::Diagnostic& diagnostic : diagnostics)
    if (is_new(rules::to_string(diagnostic))) news.push_back(diagnostic);
  report(log, news, level);
  if (good) return;
  const char* what = loaded.stand_in == StandIn::in_use      ? "those in use stay in use"
                     : loaded.stand_in == StandIn::last_good ? "the last good ones are used"
                                                             : "pages go out as the backend made them";
  const std::string line = rules.paths.front() + ": these rules cannot be used: " + what;
  if (is_new(line)) ngx_log_error(level, log, 0, "%s", line.c_str());
}

LoadedRules& rules_of(MainConf& main, const Rules& paths) {
  for (const auto& known : main.rules)
    if (known->paths == paths) return *known;
  LoadedRules& rules = *main.rules.emplace_back(std::make_unique<LoadedRules>());
  rules.paths = paths;
  rules.reading = std::make_shared<RulesBeingRead>(paths);
  return rules;
}

/// Engines with the same rule set will use the same next one too.
std::shared_ptr<const engine::LiveRules> live_rules(const LoadedRules& rules, const LoadedEngine& loaded,
                                                    const engine::RuleLoad& load) {
  for (const auto& other : rules.engines)
    if (other->revision->rules == loaded.revision->rules) return other->live;
  auto live = std::make_shared<engine::LiveRules>();
  live->keep(load.texts());
  return live;
}

}  // namespace

const LoadedEngine& LoadedRules::first() const {
  for (const auto& loaded : engines)
    if (loaded->refusal.empty()) return *loaded;
  return *engines.front();
}

std::string LoadedRules::refusal() const {
  for (const auto& loaded : engines)
    if (!loaded->refusal.empty()) return loaded->refusal;
  return {};
}

std::vector<PreparedRules*> LoadedRules::sets() const {
  std::vector<PreparedRules*> sets;
  for (const auto& loaded : engines)
    if (std::find(sets.begin(), sets.end(), loaded->revision->rules.get()) == sets.end())
      sets.push_back(loaded->revision->rules.get());
  return sets;
}

std::shared_ptr<PreparedRules> LoadedRules::prepare(const std::shared_ptr<const rules::RuleSet>& rules) const {
  for (const auto& loaded : engines)
    if (loaded->revision->rules->rules == rules) return loaded->revision->rules;
  return std::make_shared<PreparedRules>(rules);
}

std::string first_mistake(const rules::Diagnostics& diagnostics) {
  const auto mistake = std::find_if(diagnostics.begin(), diagnostics.end(), [](const rules::Diagnostic& diagnostic) {
    return diagnostic.severity == rules::Diagnostic::Severity::error;
  });
  return mistake != diagnostics.end() ? rules::to_string(*mistake) : "the rules cannot be loaded";
}

LoadedEngine* load_engine(ngx_conf_t* cf, MainConf& main, const RulesConf& conf,
                          const plugins::HostSettings& settings) {
  const bool strict = conf.check == RulesCheck::strict;
  LoadedRules& rules = rules_of(main, conf.paths);
  for (const auto& loaded : rules.engines) {
    if (loaded->settings != settings) continue;
    if (loaded->last_good.empty()) loaded->last_good = conf.last_good;
    if (!strict || loaded->refusal.empty()) return loaded.get();
    report(cf->log, loaded->mistakes, NGX_LOG_EMERG);
    return nullptr;
  }
  auto loaded = std::make_unique<LoadedEngine>();
  loaded->settings = settings;
  loaded->last_good = conf.last_good;
  Attempt attempt(rules.reading->files, settings);
  const bool good = attempt.engine != nullptr;
  if (!good && (strict || conf.paths.empty() || !stand_in(conf, cf->log, rules, *loaded, attempt))) {
    report(cf->log, attempt.diagnostics, NGX_LOG_EMERG);
    return nullptr;
  }
  say_once(rules, *loaded, attempt.diagnostics, good, cf->log);
  if (!good) {
    loaded->refusal = first_mistake(attempt.diagnostics);
    loaded->mistakes = std::move(attempt.diagnostics);
  }
  rules.seen_files = rules.reading->files.seen();
  loaded->revision =
      std::make_shared<RulesRevision>(RulesRevision{attempt.engine, rules.prepare(attempt.engine->shared_rules())});
  if (!conf.paths.empty() && ngx_test_config == 0) loaded->live = live_rules(rules, *loaded, *attempt.rules);
  return rules.engines.emplace_back(std::move(loaded)).get();
}

void finish_reading(MainConf& main) {
  for (const auto& rules : main.rules) rules->reading.reset();
}

void keep_rules(const MainConf& main, ngx_log_t* log) {
  if (ngx_test_config != 0) return;
  in_use.clear();
  for (const auto& rules : main.rules) {
    std::set<std::string> kept;  // folders
    for (const auto& loaded : rules->engines) {
      if (loaded->live == nullptr) continue;
      in_use[rules->paths].push_back(loaded->live);
      if (loaded->last_good.empty() || !loaded->refusal.empty() || kept.contains(loaded->last_good)) continue;
      const auto texts = loaded->live->read();
      if (!texts) continue;
      kept.insert(loaded->last_good);
      if (const auto saved = engine::LastGood(loaded->last_good, rules->paths).save(*texts); !saved)
        ngx_log_error(NGX_LOG_ERR, log, 0, "personalize: good rules cannot be saved: %s", saved.error().c_str());
    }
  }
}

}  // namespace personalize::module
