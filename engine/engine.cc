#include "engine/engine.h"

#include <algorithm>

#include "plugins/built_in.h"
#include "rules/cel/timestamps.h"

namespace personalize::engine {
namespace {

void report(const plugins::PluginSet::Errors& errors, rules::Diagnostics& diagnostics,
            rules::Diagnostic::Severity severity = rules::Diagnostic::Severity::error) {
  for (const plugins::ConfigurationError& error : errors)
    diagnostics.push_back({.file = error.file,
                           .line = error.line,
                           .column = error.column,
                           .message = error.what(),
                           .severity = severity});
}

}  // namespace

std::shared_ptr<const Engine> Engine::load(RuleLoad& load, const plugins::HostSettings& settings,
                                           rules::Diagnostics& diagnostics, rules::load::Sources* sources) {
  std::shared_ptr<Engine> engine(new Engine(settings, nullptr));
  return engine->take_rules(load, diagnostics, sources) ? engine : nullptr;
}

std::shared_ptr<const Engine> Engine::load(const RuleFiles& files, const plugins::HostSettings& settings,
                                           rules::Diagnostics& diagnostics, FileSnapshots* seen,
                                           rules::load::Sources* sources) {
  RuleLoad rules(files);
  auto engine = load(rules, settings, diagnostics, sources);
  if (seen) *seen = rules.seen();
  return engine;
}

std::shared_ptr<const Engine> Engine::with_rules(RuleLoad& load, rules::Diagnostics& diagnostics) const {
  std::shared_ptr<Engine> engine(new Engine(settings_, this));
  return engine->take_rules(load, diagnostics, nullptr) ? engine : nullptr;
}

bool Engine::take_rules(RuleLoad& load, rules::Diagnostics& diagnostics, rules::load::Sources* sources) {
  rules::Schema schema;
  const bool configured = configure_plugins(schema, diagnostics);
  if (!load.read(diagnostics) || !configured || !add_plugins_of_rules(load.named(), schema, diagnostics)) {
    load.hide_foreign_text(diagnostics);
    return false;
  }
  rules_ = load.compile(schema, diagnostics, sources);
  load.hide_foreign_text(diagnostics);
  return rules_ && activate_plugins(diagnostics);
}

plugins::MaintenanceReport Engine::maintain() const { return plugins_.maintain(); }

std::vector<plugins::Metric> Engine::metrics() const { return plugins_.metrics(); }

bool Engine::configure_plugins(rules::Schema& schema, rules::Diagnostics& diagnostics) {
  plugins::PluginSet::Errors errors;
  for (auto& plugin : plugins::built_in()) plugins_.add(std::move(plugin), schema, errors);
  for (const plugins::PluginUse& use : settings_.plugins) plugins_.add(use, schema, errors);
  report(errors, diagnostics);
  HostAttributes::add_to(schema);
  return errors.empty();
}

bool Engine::add_plugins_of_rules(std::span<const rules::SourceFile> sources, rules::Schema& schema,
                                  rules::Diagnostics& diagnostics) {
  plugins::PluginSet::Errors errors;
  for (const rules::SourceFile& source : sources)
    if (source.name.ends_with(".lua")) plugins_.add_from_rules(source.name, source.text, schema, errors);
  report(errors, diagnostics);
  return errors.empty();
}

/// Whether plugins understand what rules tell them of the content that they want.
bool Engine::check_contents(rules::Diagnostics& diagnostics) const {
  const std::size_t before = diagnostics.size();
  for (rules::RuleId rule = 0; rule < rules_->rule_count(); ++rule) {
    const auto provider = rules_->content_provider(rule);
    if (!provider) continue;
    if (const auto mistake = plugins_.content_mistake(*provider, rules_->content_arguments(rule)))
      diagnostics.push_back(rules_->content_place(rule, *mistake));
  }
  return diagnostics.size() == before;
}

bool Engine::activate_plugins(rules::Diagnostics& diagnostics) {
  plugins::PluginSet::Errors errors;
  plugins_.apply_rule_settings(rules_->settings(), errors);
  std::vector<rules::AttributeId> used(rules_->used_attributes().begin(), rules_->used_attributes().end());
  if (settings_.makes_events) {
    event_attributes_ = EventAttributes(rules_->schema());
    used.insert(used.end(), event_attributes_.used().begin(), event_attributes_.used().end());
  }
  plugins_.activate(rules_->schema(), used, rules_->content_providers(), errors);
  report(errors, diagnostics);
  if (!errors.empty() || !check_contents(diagnostics)) return false;
  report(plugins_.deprecations(), diagnostics, rules::Diagnostic::Severity::warning);
  const auto active = plugins_.active();
  profile_ = std::find_if(active.begin(), active.end(), [](const auto* loaded) { return loaded->is_profile; }) -
             active.begin();
  host_ = HostAttributes(*rules_, settings_, plugins_.wanted());
  is_bot_ = rules_->schema().find(rules::Role::bot);
  visitor_zone_ = rules_->schema().find(rules::Role::visitor_time_zone);
  offers_languages_ = !settings_.languages.empty() || !rules_->settings().languages.empty();
  const bool reads_zones = visitor_zone_ && plugins_.wanted()[*visitor_zone_] != 0;
  if (reads_zones && !settings_.geo_databases.empty()) rules::cel::read_all_zones();
  if (!other_visitors_zone().empty()) rules::cel::zone_offset(other_visitors_zone(), 0);  // read now, not for a page
  return errors.empty();
}

}  // namespace personalize::engine
