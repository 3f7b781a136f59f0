// The part of the loader that reads rules.
#include <algorithm>
#include <limits>

#include "rules/load/constants.h"
#include "rules/load/loader.h"
#include "rules/spelling.h"

namespace personalize::rules::load {
namespace {

constexpr std::uint32_t shared_target_bit = 63;

}  // namespace

void Loader::read_rules(const File& file) {
  const yaml::Node* rules = file.fields->find("rules");
  if (!rules) return;
  for (const yaml::Node* rule : rules->items) read_rule(file, *rule);
}

void Loader::read_rule(const File& file, const yaml::Node& node) {
  const yaml::Document& document = *file.document;
  const std::size_t errors = reports_.size();
  const Fields fields(document, node, rule_object, reports_);
  Rule rule;
  RuleSource source{.document = &document,
                    .id = fields.find("id"),
                    .slot = fields.find("slot"),
                    .actions = fields.find("do"),
                    .schedules = fields.objects("schedule")};
  if (const yaml::Node* id = source.id) {
    if (const auto refusal = refuse_name(id->text, false)) {
      reports_.add(document.at(*id, *refusal));
    } else {
      define(sources_.rules, "rule", document, *id, static_cast<std::uint32_t>(set_.rules.size()), reports_);
    }
    rule.id = id->text;
  }
  rule.priority = fields.integer("priority", 0);
  rule.enabled = fields.boolean("enabled", true);
  rule.pages = read_pages(document, fields, reports_);
  if (const yaml::Node* when = fields.find("when")) {
    source.when = read_condition(document, *when, reports_);
    rule.when = compile(document, source.when);
  }
  schedules_.read(document, fields, file.zone, rule);
  if (const yaml::Node* content = fields.find("content")) read_content(document, *content, rule);
  const bool known_slot = source.slot && find_slot(document, *source.slot, rule.slot);
  if (source.actions) {
    {
      const ActionReader::WithContent with_content(actions_, fields.find("content") != nullptr);
      actions_.read(document, *source.actions, rule);
    }
    if (known_slot) actions_.refuse_senseless(document, *source.actions, rule);
  }
  if (reports_.size() == errors && known_slot) add_rule(std::move(rule), std::move(source));
}

void Loader::add_rule(Rule rule, RuleSource source) {
  for (std::string& target : rule.target_names) add_target(rule, std::move(target));
  std::sort(rule.targets.begin(), rule.targets.end());
  if (rule.enabled) use(rule, source);
  set_.rules.push_back(std::move(rule));
  sources_.rule_sources.push_back(std::move(source));
}

bool Loader::find_slot(const yaml::Document& document, const yaml::Node& name, SlotId& slot) {
  const auto found = sources_.slots.find(name.text);
  if (found != sources_.slots.end()) {
    slot = found->second.number;
    found->second.used = true;
    return true;
  }
  Nearest nearest(name.text);
  for (const Slot& known : set_.slots) nearest.consider(known.name);
  reports_.add(document.at(name, "unknown slot " + in_quotes(name.text) + nearest.hint()));
  return false;
}

void Loader::read_content(const yaml::Document& document, const yaml::Node& content, Rule& rule) {
  auto arguments = std::make_unique<ContentArguments>();
  arguments->place = document.at(content, {});
  if (content.is_scalar()) {
    rule.content = find_content(document, content);
  } else {
    const Fields fields(document, content, content_object, reports_);
    if (const yaml::Node* name = fields.find("plugin")) rule.content = find_content(document, *name);
    if (const yaml::Node* with = fields.find("with")) {
      arguments->with = read_constants(document, *with, arguments->memory, reports_);
      arguments->place = document.at(*with, {});
    }
  }
  rule.content_arguments = std::move(arguments);
}

std::optional<ProviderId> Loader::find_content(const yaml::Document& document, const yaml::Node& name) {
  const auto provider = set_.schema.find_provider(name.text);
  if (provider && set_.schema.providers()[*provider].fills) return provider;
  if (provider) {
    reports_.add(document.at(name, "plugin " + in_quotes(name.text) + " does not fill slots"));
    return std::nullopt;
  }
  Nearest nearest(name.text);
  for (const Provider& known : set_.schema.providers())
    if (known.fills) nearest.consider(known.name);
  reports_.add(document.at(name, "there is no plugin " + in_quotes(name.text) + nearest.hint()));
  return std::nullopt;
}

void Loader::read_fallbacks(const File& file) {
  const yaml::Node* slots = file.fields->find("slots");
  if (!slots) return;
  for (const auto& [name, value] : slots->entries) {
    if (!value->is_map()) continue;
    const auto fallback = std::find_if(value->entries.begin(), value->entries.end(),
                                       [](const auto& entry) { return entry.first->text == "fallback"; });
    const auto slot = sources_.slots.find(name->text);
    if (fallback == value->entries.end() || slot == sources_.slots.end() || slot->second.node != name) continue;
    const std::size_t errors = reports_.size();
    Rule rule;
    rule.id = name->text + ".fallback";
    rule.slot = slot->second.number;
    rule.priority = std::numeric_limits<std::int32_t>::min();
    if (const auto taken = sources_.rules.find(rule.id); taken != sources_.rules.end())
      reports_.add(
          taken->second.document->at(*taken->second.node, in_quotes(rule.id) + " is the name of the slot's fallback"));
    if (fallback->second->kind != yaml::Node::Kind::null) {
      actions_.read(*file.document, *fallback->second, rule);
      actions_.refuse_senseless(*file.document, *fallback->second, rule);
    }
    if (reports_.size() == errors)
      add_rule(std::move(rule), {.document = file.document, .id = fallback->first, .actions = fallback->second});
  }
}

void Loader::add_target(Rule& rule, std::string target) {
  auto& known = targets_[rule.slot];
  const auto number = known.try_emplace(std::move(target), static_cast<std::uint32_t>(known.size())).first->second;
  rule.targets.push_back(number);
  rule.target_mask |= std::uint64_t{1} << std::min(number, shared_target_bit);
}

void Loader::use(const Rule& rule, const RuleSource& source) {
  const auto mark = [&](std::span<const AttributeId> ids) {
    for (AttributeId id : ids)
      if (id < used_.size()) used_[id] = true;  // the one beyond is `content`
  };
  if (rule.content) content_providers_.insert(*rule.content);
  if (rule.script) mark(rule.script->attributes());
  if (rule.when) mark(rule.when->attributes());
  const bool visitor = std::any_of(rule.schedules.begin(), rule.schedules.end(),
                                   [](const Schedule& schedule) { return schedule.visitor; });
  if (const auto zone = set_.schema.find(Role::visitor_time_zone); visitor && zone) used_[*zone] = true;
  for (const Action& action : rule.actions) {
    if (action.text) mark(action.text->attributes());
    if (action.order_by) used_[*action.order_by] = true;
  }
  use_keys(rule, source);
}

}  // namespace personalize::rules::load
