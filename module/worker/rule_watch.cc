#include "module/worker/rule_watch.h"

#include <algorithm>
#include <functional>
#include <set>
#include <span>

#include "module/log/log.h"
#include "module/status/status.h"
#include "module/worker/worker_timer.h"

namespace personalize::module {
namespace {

/// A change is picked up by the second look after it was made. A look takes microseconds, for the state of each file;
/// the rest of two seconds is for loading, which all workers do at the same time.
constexpr ngx_msec_t watch_pause = 150;
constexpr ngx_msec_t pause_while_loading = 10;

MainConf* watched = nullptr;

std::string_view version_of(const LoadedEngine& loaded) { return loaded.rule_set().version(); }

/// Each worker notices by itself; the first one logs it for all.
bool first_to_say(std::size_t set, const std::string& what) {
  return note_rule_news(set, std::hash<std::string>{}(what));
}

void log_diagnostics(ngx_log_t* log, const rules::Diagnostics& diagnostics) {
  for (const rules::Diagnostic& diagnostic : diagnostics) {
    const ngx_uint_t level = diagnostic.severity == rules::Diagnostic::Severity::error ? NGX_LOG_ERR : NGX_LOG_WARN;
    ngx_log_error(level, log, 0, "personalize: %s", rules::to_string(diagnostic).c_str());
  }
}

std::string what_stays(const LoadedEngine& loaded) {
  const std::string version(version_of(loaded));
  if (loaded.mistakes.empty() || loaded.stand_in == StandIn::in_use) return "; version " + version + " stays in use";
  if (loaded.stand_in == StandIn::last_good) return "; the last good ones are used: version " + version;
  return "; pages go out as the backend made them";
}

/// What became of changed files, with one engine of each kind, and all warnings and mistakes, each once.
struct News {
  const LoadedEngine* taker = nullptr;     ///< has new rules
  const LoadedEngine* returned = nullptr;  ///< has had the rules all along that the files contain again
  const LoadedEngine* refuser = nullptr;   ///< cannot use them
  rules::Diagnostics warnings = {};
  rules::Diagnostics mistakes = {};
};

void add(const rules::Diagnostics& more, rules::Diagnostics& diagnostics) {
  for (const rules::Diagnostic& diagnostic : more) {
    const std::string text = rules::to_string(diagnostic);
    const auto same = [&](const rules::Diagnostic& known) { return rules::to_string(known) == text; };
    if (std::none_of(diagnostics.begin(), diagnostics.end(), same)) diagnostics.push_back(diagnostic);
  }
}

void say_mistakes(const News& news, const char* what, ngx_log_t* log) {
  std::size_t mistakes = 0;
  for (const rules::Diagnostic& diagnostic : news.mistakes)
    if (diagnostic.severity == rules::Diagnostic::Severity::error) ++mistakes;
  ++counters().rules_refused;
  log_diagnostics(log, news.mistakes);
  ngx_log_error(NGX_LOG_ERR, log, 0, "personalize: %s (%uz mistake%s)%s", what, mistakes, mistakes == 1 ? "" : "s",
                what_stays(*news.refuser).c_str());
}

/// `mistakes`: how mistakes are introduced.
void say(const News& news, std::size_t set, const char* mistakes, ngx_log_t* log) {
  const LoadedEngine* user = news.taker != nullptr ? news.taker : news.returned;
  std::string everything(user != nullptr ? version_of(*user) : "");
  for (const rules::Diagnostic& diagnostic : news.mistakes) (everything += rules::to_string(diagnostic)) += '\n';
  if (everything.empty() || !first_to_say(set, everything)) return;
  if (news.taker != nullptr) {
    ++counters().rules_replaced;
    log_diagnostics(log, news.warnings);
    const std::string version(version_of(*news.taker));
    ngx_log_error(NGX_LOG_NOTICE, log, 0, "personalize: rules were replaced: version %s, %uz rules", version.c_str(),
                  news.taker->rule_set().rule_count());
  } else if (news.returned != nullptr) {
    ngx_log_error(NGX_LOG_NOTICE, log, 0, "personalize: the rule files are back to the version in use");
  }
  if (news.refuser != nullptr) say_mistakes(news, mistakes, log);
}

void replace(LoadedEngine& loaded, LoadedRules& rules, const std::shared_ptr<const engine::Engine>& engine) {
  std::shared_ptr<PreparedRules> set = rules.prepare(engine->shared_rules());
  if (set.use_count() == 1) count_rules(*set);
  loaded.revision = std::make_shared<RulesRevision>(RulesRevision{engine, std::move(set)});
}

/// Applies the result of a load to one of the engines.
void take_in(LoadedRules& rules, std::size_t number, News& news) {
  using Outcome = engine::WatchedRules::Outcome;
  LoadedEngine& loaded = *rules.engines[number];
  const rules::Diagnostics& diagnostics = rules.watch->diagnostics(number);
  if (rules.watch->outcome(number) == Outcome::refused) {
    loaded.refusal = first_mistake(diagnostics);
    news.refuser = &loaded;
    return add(diagnostics, news.mistakes);
  }
  if (rules.watch->outcome(number) == Outcome::replaced) {
    replace(loaded, rules, rules.watch->current(number));
    news.taker = &loaded;
    add(diagnostics, news.warnings);
  } else if (!loaded.refusal.empty()) {
    news.returned = &loaded;
  }
  loaded.refusal.clear();
  loaded.mistakes.clear();
}

/// True while rules are being loaded.
bool look_after(LoadedRules& rules, std::size_t set, ngx_log_t* log) {
  using Outcome = engine::WatchedRules::Outcome;
  const Outcome outcome = rules.watch->poll();
  counters().rules_compiled += rules.watch->take_compilations();
  if (outcome == Outcome::late)
    ngx_log_error(NGX_LOG_WARN, log, 0, "personalize: %s: loading takes longer than %d s", rules.paths.front().c_str(),
                  static_cast<int>(engine::WatchedRules::max_load_time.count()));
  if (outcome == Outcome::idle) return false;
  if (outcome == Outcome::busy || outcome == Outcome::late) return true;
  News news;
  for (std::size_t i = 0; i < rules.engines.size(); ++i) take_in(rules, i, news);
  say(news, set, "the changed rules cannot be used", log);
  write_worker_note(*watched);
  return false;
}

WorkerTimer watch_timer([](ngx_log_t* log) {
  bool loading = false;
  for (std::size_t set = 0; set < watched->rules.size(); ++set) {
    LoadedRules& rules = *watched->rules[set];
    if (rules.watch == nullptr) continue;
    loading |= guarded(
        log, [&] { return look_after(rules, set, log); }, [] { return false; });
  }
  return loading ? pause_while_loading : watch_pause;
});

}  // namespace

void say_mistakes_of_start(const MainConf& main, ngx_log_t* log) {
  for (std::size_t set = 0; set < main.rules.size(); ++set) {
    News news;
    for (const auto& loaded : main.rules[set]->engines) {
      if (loaded->mistakes.empty()) continue;
      news.refuser = loaded.get();
      add(loaded->mistakes, news.mistakes);
    }
    say(news, set, "the rules cannot be used", log);
  }
}

void start_rule_watch(MainConf& main, ngx_log_t* log) {
  if (main.watch == 0) return;
  watched = &main;
  for (const auto& rules : main.rules) {
    if (rules->paths.empty()) continue;
    std::vector<std::shared_ptr<const engine::Engine>> engines;
    std::vector<std::shared_ptr<const engine::LiveRules>> live;
    for (const auto& loaded : rules->engines) {
      engines.push_back(loaded->revision->engine);
      live.push_back(loaded->live);
    }
    auto keep = [live = std::move(live)](const engine::RuleTexts& texts, std::span<const std::size_t> takers) {
      std::set<const engine::LiveRules*> kept;  // several engines may have one
      for (std::size_t taker : takers)
        if (kept.insert(live[taker].get()).second) live[taker]->keep(texts);
    };
    rules->watch =
        std::make_unique<engine::WatchedRules>(rules->paths, std::move(engines), rules->seen_files, std::move(keep));
  }
  watch_timer.start(watch_pause, log);
}

void stop_rule_watch() {
  watch_timer.stop();
  if (watched == nullptr) return;
  for (const auto& rules : watched->rules) rules->watch.reset();
  watched = nullptr;
}

}  // namespace personalize::module
