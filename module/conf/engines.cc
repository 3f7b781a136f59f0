// Rules become engines as the configuration is read, and what serves where they have mistakes.
#include <algorithm>
#include <map>

#include "module/conf/conf.h"
#include "module/worker/log.h"

namespace personalize::module {
namespace {

using Rules = std::vector<std::string>;

/// The rules of the configuration in use, by their patterns. Of the master, which reads the next configuration.
std::map<Rules, std::shared_ptr<const engine::LiveRules>> in_use;

/// Every mistake in a line of its own, as `personalize check` writes it.
void report(ngx_log_t* log, const rules::Diagnostics& diagnostics, ngx_uint_t level_of_mistakes) {
  for (const rules::Diagnostic& diagnostic : diagnostics) {
    const bool mistake = diagnostic.severity == rules::Diagnostic::Severity::error;
    const ngx_uint_t level = mistake ? level_of_mistakes : NGX_LOG_WARN;
    ngx_log_error(level, log, 0, "%s", rules::to_string(diagnostic).c_str());
  }
}

/// One load of a set, and what came of it.
struct Attempt {
  std::shared_ptr<const engine::Engine> engine;
  rules::Diagnostics diagnostics;
  engine::FileSnapshots seen;
  engine::RuleTexts texts;

  Attempt(const engine::RuleFiles& files, const plugins::Settings& settings) {
    engine = engine::Engine::load(files, settings, diagnostics, &seen, nullptr, &texts);
    if (engine == nullptr && !rules::has_errors(diagnostics))
      diagnostics.push_back({.file = files.names().empty() ? "" : files.names().front(),
                             .line = 0,
                             .message = "the rules cannot be loaded"});
  }
};

bool read_in_use(const Rules& rules, engine::RuleTexts& texts) {
  const auto known = in_use.find(rules);
  return known != in_use.end() && known->second->read(texts);
}

bool read_last_good(const RulesConf& rules, ngx_log_t* log, engine::RuleTexts& texts) {
  if (rules.last_good.empty()) return false;
  std::string problem;
  if (engine::LastGood(rules.last_good, rules.paths).load(texts, problem)) return true;
  ngx_log_error(NGX_LOG_WARN, log, 0, "the last good rules cannot be used: %s", problem.c_str());
  return false;
}

/// Lets something else serve in the place of files with mistakes: false if not even that works without rules, so that
/// the fault is not theirs.
bool stand_in(const RulesConf& rules, const plugins::Settings& settings, ngx_log_t* log, LoadedEngine& loaded,
              Attempt& attempt) {
  const auto use = [&](const engine::RuleTexts& texts, StandIn what) {
    Attempt other(engine::RuleFiles(texts), settings);
    if (other.engine == nullptr) return false;
    loaded.stand_in = what;
    attempt.engine = std::move(other.engine);
    attempt.texts = std::move(other.texts);
    return true;
  };
  engine::RuleTexts texts;
  if (read_in_use(rules.paths, texts) && use(texts, StandIn::in_use)) return true;
  if (read_last_good(rules, log, texts) && use(texts, StandIn::last_good)) return true;
  return use({}, StandIn::nothing);
}

/// With what NGINX comes up all the same.
void say_stand_in(const LoadedEngine& loaded, ngx_log_t* log, ngx_uint_t level) {
  const char* what = loaded.stand_in == StandIn::in_use      ? "those in use stay"
                     : loaded.stand_in == StandIn::last_good ? "the last good ones serve"
                                                             : "pages go out as the backend made them";
  ngx_log_error(level, log, 0, "%s: these rules cannot be used: %s", loaded.rules.front().c_str(), what);
}

}  // namespace

std::string first_mistake(const rules::Diagnostics& diagnostics) {
  const auto mistake = std::find_if(diagnostics.begin(), diagnostics.end(), [](const rules::Diagnostic& diagnostic) {
    return diagnostic.severity == rules::Diagnostic::Severity::error;
  });
  return mistake != diagnostics.end() ? rules::to_string(*mistake) : "the rules cannot be loaded";
}

LoadedEngine* load_engine(ngx_conf_t* cf, MainConf& main, const RulesConf& rules, const plugins::Settings& settings) {
  const bool strict = rules.check == RulesCheck::strict;
  for (const auto& loaded : main.engines) {
    if (loaded->rules != rules.paths || loaded->settings != settings) continue;
    if (loaded->last_good.empty()) loaded->last_good = rules.last_good;
    if (!strict || loaded->refusal.empty()) return loaded.get();
    report(cf->log, loaded->mistakes, NGX_LOG_EMERG);
    return nullptr;
  }
  auto loaded = std::make_unique<LoadedEngine>();
  loaded->rules = rules.paths;
  loaded->settings = settings;
  loaded->last_good = rules.last_good;
  Attempt attempt(rules.paths, settings);
  const bool good = attempt.engine != nullptr;
  if (!good && (strict || rules.paths.empty() || !stand_in(rules, settings, cf->log, *loaded, attempt))) {
    report(cf->log, attempt.diagnostics, NGX_LOG_EMERG);
    return nullptr;
  }
  const ngx_uint_t level = ngx_test_config != 0 ? NGX_LOG_WARN : NGX_LOG_ERR;
  report(cf->log, attempt.diagnostics, level);
  if (!good) {
    say_stand_in(*loaded, cf->log, level);
    loaded->refusal = first_mistake(attempt.diagnostics);
    loaded->mistakes = std::move(attempt.diagnostics);
  }
  loaded->seen_files = std::move(attempt.seen);
  loaded->revision = std::make_shared<RulesRevision>(std::move(attempt.engine));
  if (!rules.paths.empty() && ngx_test_config == 0) {
    auto live = std::make_shared<engine::LiveRules>();
    live->keep(attempt.texts);
    loaded->live = std::move(live);
  }
  main.engines.push_back(std::move(loaded));
  return main.engines.back().get();
}

void keep_rules(const MainConf& main, ngx_log_t* log) {
  if (ngx_test_config != 0) return;
  in_use.clear();
  for (const auto& loaded : main.engines) {
    if (loaded->live == nullptr) continue;
    in_use[loaded->rules] = loaded->live;
    engine::RuleTexts texts;
    std::string problem;
    if (loaded->last_good.empty() || !loaded->refusal.empty() || !loaded->live->read(texts)) continue;
    if (!engine::LastGood(loaded->last_good, loaded->rules).save(texts, problem))
      ngx_log_error(NGX_LOG_ERR, log, 0, "personalize: good rules cannot be kept: %s", problem.c_str());
  }
}

}  // namespace personalize::module
