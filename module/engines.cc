#include "module/conf.h"

namespace personalize::nginx {
namespace {

/// Every mistake in a line of its own, as `personalize check` writes it.
void report(ngx_log_t* log, const rules::Diagnostics& diagnostics) {
  for (const rules::Diagnostic& diagnostic : diagnostics) {
    ngx_uint_t level = diagnostic.severity == rules::Diagnostic::Severity::error ? NGX_LOG_EMERG : NGX_LOG_WARN;
    ngx_log_error(level, log, 0, "%s", rules::to_string(diagnostic).c_str());
  }
}

}  // namespace

LoadedEngine* load_engine(ngx_conf_t* cf, MainConf& main, const std::vector<std::string>& rules,
                          const plugins::Settings& settings) {
  for (const auto& loaded : main.engines) {
    if (loaded->rules == rules && loaded->settings == settings) return loaded.get();
  }
  rules::Diagnostics diagnostics;
  engine::Sightings seen;
  std::shared_ptr<const engine::Engine> engine = engine::Engine::load(rules, settings, diagnostics, &seen);
  report(cf->log, diagnostics);
  if (engine == nullptr) {
    if (!rules::has_errors(diagnostics)) ngx_log_error(NGX_LOG_EMERG, cf->log, 0, "the rules cannot be loaded");
    return nullptr;
  }
  auto loaded = std::make_unique<LoadedEngine>();
  loaded->rules = rules;
  loaded->settings = settings;
  loaded->seen_files = std::move(seen);
  loaded->edition = std::make_shared<Edition>(std::move(engine));
  main.engines.push_back(std::move(loaded));
  return main.engines.back().get();
}

}  // namespace personalize::nginx
