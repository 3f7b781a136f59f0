#include "module/worker/rule_watch.h"

#include <functional>

#include "module/status/status.h"
#include "module/worker/log.h"
#include "module/worker/worker_timer.h"

namespace personalize::module {
namespace {

/// A change is taken in two looks after it was made. A look asks for the state of each file and is done in
/// microseconds; what is left of two seconds is for loading, which all workers do at the same time.
constexpr ngx_msec_t watch_pause = 150;
constexpr ngx_msec_t pause_while_loading = 10;

MainConf* watched = nullptr;

std::string_view version_of(const LoadedEngine& loaded) { return loaded.rule_set().version(); }

/// Every worker finds out by itself; the first says it for all.
bool first_to_say(std::size_t set, const std::string& what) {
  return note_rule_news(set, std::hash<std::string>{}(what));
}

void log_diagnostics(ngx_log_t* log, const rules::Diagnostics& diagnostics) {
  for (const rules::Diagnostic& diagnostic : diagnostics) {
    const ngx_uint_t level = diagnostic.severity == rules::Diagnostic::Severity::error ? NGX_LOG_ERR : NGX_LOG_WARN;
    ngx_log_error(level, log, 0, "personalize: %s", rules::to_string(diagnostic).c_str());
  }
}

void say_replaced(const LoadedEngine& loaded, std::size_t set, ngx_log_t* log) {
  const std::string version(version_of(loaded));
  if (!first_to_say(set, version)) return;
  ++counters().rules_replaced;
  log_diagnostics(log, loaded.watch->diagnostics());
  ngx_log_error(NGX_LOG_NOTICE, log, 0, "personalize: rules were replaced: version %s, %uz rules", version.c_str(),
                loaded.rule_set().rule_count());
}

/// Says the mistakes, and what follows from them; each set of mistakes once.
void say_mistakes(const rules::Diagnostics& diagnostics, std::size_t set, const char* what,
                  const std::string& consequence, ngx_log_t* log) {
  std::string everything;
  std::size_t mistakes = 0;
  for (const rules::Diagnostic& diagnostic : diagnostics) {
    (everything += rules::to_string(diagnostic)) += '\n';
    if (diagnostic.severity == rules::Diagnostic::Severity::error) ++mistakes;
  }
  if (!first_to_say(set, everything)) return;
  ++counters().rules_refused;
  log_diagnostics(log, diagnostics);
  ngx_log_error(NGX_LOG_ERR, log, 0, "personalize: %s (%uz mistake%s)%s", what, mistakes, mistakes == 1 ? "" : "s",
                consequence.c_str());
}

std::string what_stays(const LoadedEngine& loaded) {
  const std::string version(version_of(loaded));
  if (loaded.mistakes.empty() || loaded.stand_in == StandIn::in_use) return "; version " + version + " stays in use";
  if (loaded.stand_in == StandIn::last_good) return "; the last good ones serve: version " + version;
  return "; pages go out as the backend made them";
}

void take_in(LoadedEngine& loaded, std::size_t set, ngx_log_t* log) {
  loaded.revision = std::make_shared<RulesRevision>(loaded.watch->current());
  count_rules(*loaded.revision);
  loaded.refusal.clear();
  loaded.mistakes.clear();
  say_replaced(loaded, set, log);
}

void take_back(LoadedEngine& loaded, std::size_t set, ngx_log_t* log) {
  if (loaded.refusal.empty()) return;
  loaded.refusal.clear();
  loaded.mistakes.clear();
  if (first_to_say(set, std::string(version_of(loaded))))
    ngx_log_error(NGX_LOG_NOTICE, log, 0, "personalize: the rule files are back to the version in use");
}

void refuse(LoadedEngine& loaded, std::size_t set, ngx_log_t* log) {
  loaded.refusal = first_mistake(loaded.watch->diagnostics());
  say_mistakes(loaded.watch->diagnostics(), set, "the changed rules cannot be used", what_stays(loaded), log);
}

/// True while rules are being loaded.
bool look_after(LoadedEngine& loaded, std::size_t set, ngx_log_t* log) {
  using Outcome = engine::WatchedRules::Outcome;
  const Outcome outcome = loaded.watch->poll();
  if (outcome == Outcome::late)
    ngx_log_error(NGX_LOG_WARN, log, 0, "personalize: %s: loading takes longer than %d s", loaded.rules.front().c_str(),
                  static_cast<int>(engine::WatchedRules::max_load_time.count()));
  if (outcome == Outcome::idle) return false;
  if (outcome == Outcome::busy || outcome == Outcome::late) return true;
  if (outcome == Outcome::replaced) take_in(loaded, set, log);
  if (outcome == Outcome::unchanged) take_back(loaded, set, log);
  if (outcome == Outcome::refused) refuse(loaded, set, log);
  write_worker_note(*watched);
  return false;
}

WorkerTimer watch_timer([](ngx_log_t* log) {
  bool loading = false;
  for (std::size_t set = 0; set < watched->engines.size(); ++set) {
    LoadedEngine& loaded = *watched->engines[set];
    if (loaded.watch == nullptr) continue;
    loading |= guarded(
        log, [&] { return look_after(loaded, set, log); }, [] { return false; });
  }
  return loading ? pause_while_loading : watch_pause;
});

}  // namespace

void say_mistakes_of_start(const MainConf& main, ngx_log_t* log) {
  for (std::size_t set = 0; set < main.engines.size(); ++set) {
    const LoadedEngine& loaded = *main.engines[set];
    if (!loaded.mistakes.empty())
      say_mistakes(loaded.mistakes, set, "the rules cannot be used", what_stays(loaded), log);
  }
}

void start_rule_watch(MainConf& main, ngx_log_t* log) {
  if (main.watch == 0) return;
  watched = &main;
  for (const auto& loaded : main.engines) {
    if (loaded->rules.empty()) continue;
    const auto keep = [live = loaded->live](const engine::RuleTexts& texts) { live->keep(texts); };
    loaded->watch =
        std::make_unique<engine::WatchedRules>(loaded->rules, loaded->revision->engine, loaded->seen_files, keep);
  }
  watch_timer.start(watch_pause, log);
}

void stop_rule_watch() {
  watch_timer.stop();
  if (watched == nullptr) return;
  for (const auto& loaded : watched->engines) loaded->watch.reset();
  watched = nullptr;
}

}  // namespace personalize::module
