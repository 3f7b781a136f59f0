// Which keys of attributes that are maps rules mention, and where.
#include "rules/cel/plan.h"
#include "rules/load/loader.h"

namespace personalize::rules::load {

void Loader::use_keys(const Rule& rule, const RuleSource& source) {
  if (rule.when) use_keys(*rule.when, *source.document, source.when, *set_.environment);
  const Diagnostic place = source.warning({});
  for (const Action& action : rule.actions) {
    if (!action.text) continue;
    for (const KeyUse& use : action.text->keys()) use_key(use, place);
  }
  if (!rule.script) return;
  for (AttributeId id : rule.script->attributes())
    if (set_.schema[id].type.kind == Kind::map) use_key({.attribute = id, .key = std::nullopt}, place);
}

void Loader::use_keys(const cel::Program& program, const yaml::Document& document, const Condition& condition,
                      const cel::Environment& environment) {
  for (const KeyUse& use : program.impl().keys) use_key(use, condition.at(document, use.offset, {}));
  for (const auto& mentioned : program.impl().segments) {
    for (const auto& [name, segment] : environment.segments()) {
      const auto definition = sources_.segments.find(name);
      if (segment.program != mentioned || definition == sources_.segments.end()) continue;
      const SegmentSource& source = sources_.segment_sources[definition->second.number];
      use_keys(*mentioned, *source.document, source.condition, environment);
    }
  }
}

void Loader::use_key(const KeyUse& use, Diagnostic place) {
  if (use.attribute >= set_.schema.size() || !used_keys_.emplace(use.attribute, use.key).second) return;
  place.severity = Diagnostic::Severity::warning;
  set_.used_keys.push_back({use.attribute, use.key, std::move(place)});
}

}  // namespace personalize::rules::load
