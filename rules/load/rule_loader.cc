// The part of the loader that reads rules and what they do.
#include <algorithm>
#include <limits>

#include "html/edits/tag_edit.h"
#include "html/rewriter.h"
#include "rules/load/loader.h"
#include "rules/spelling.h"
#include "rules/templates/html_state.h"
#include "rules/text/ascii.h"

namespace personalize::rules::load {
namespace {

using html::Operation;

constexpr std::uint32_t shared_target_bit = 63;

}  // namespace

std::string target_of(Operation operation) {
  const html::OperationTraits& traits = html::traits_of(operation);
  return std::string(traits.changes_content() && !traits.adds ? "inner" : traits.name);
}

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
    const std::string refusal = refuse_name(id->text, false);
    if (refusal.empty()) {
      define(sources_.rules, "rule", document, *id, static_cast<std::uint32_t>(set_.rules.size()));
    } else {
      reports_.add(document.at(*id, refusal));
    }
    rule.id = id->text;
  }
  rule.priority = fields.integer("priority", 0);
  rule.enabled = fields.boolean("enabled", true);
  rule.pages = read_pages(document, fields);
  if (const yaml::Node* when = fields.find("when")) {
    source.when = read_condition(document, *when, reports_);
    rule.when = compile(document, source.when);
  }
  read_schedules(file, fields, rule);
  if (const yaml::Node* content = fields.find("content")) rule.content = find_content(document, *content);
  const bool known_slot = source.slot && find_slot(document, *source.slot, rule.slot);
  if (source.actions) {
    if (fields.find("content")) template_schema_ = &set_.content_schema;
    read_actions(document, *source.actions, rule);
    template_schema_ = &set_.schema;
    if (known_slot) refuse_senseless(document, *source.actions, rule);
  }
  if (reports_.size() == errors && known_slot) add_rule(std::move(rule), std::move(source));
}

void Loader::add_rule(Rule rule, RuleSource source) {
  for (std::string& target : rule.target_names) add_target(rule, std::move(target));
  std::sort(rule.targets.begin(), rule.targets.end());
  if (rule.enabled) use(rule);
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

void Loader::read_blocks(const File& file) {
  const yaml::Node* blocks = file.fields->find("blocks");
  if (!blocks) return;
  for (const auto& [name, value] : named_entries(*file.document, *blocks, false, reports_))
    if (define(sources_.blocks, "block", *file.document, *name, 0))
      sources_.blocks.find(name->text)->second.value = value;
}

void Loader::check_blocks() {
  for (auto& [name, block] : sources_.blocks) {
    const std::size_t before = reports_.size();
    Rule unused;
    read_actions(*block.document, *block.value, unused);
    if (reports_.size() != before) wrong_blocks_.insert(name);  // said once, here
  }
}

void Loader::use_block(const yaml::Document& document, const yaml::Node& name, Rule& rule) {
  const auto found = sources_.blocks.find(name.text);
  if (found == sources_.blocks.end()) {
    Nearest nearest(name.text);
    for (const auto& [known, definition] : sources_.blocks) nearest.consider(known);
    return reports_.add(document.at(name, "unknown block " + in_quotes(name.text) + nearest.hint()));
  }
  found->second.used = true;
  constexpr std::size_t max_depth = 8;
  constexpr std::size_t max_uses = 100'000;
  if (++block_uses_ > max_uses) {
    reports_.add(document.at(name, "blocks are used more than " + std::to_string(max_uses) + " times"));
    throw TooManyMistakes();
  }
  if (blocks_deep_ >= max_depth)
    return reports_.add(document.at(name, "blocks that use blocks, too deep or in a circle"));
  if (wrong_blocks_.contains(name.text)) return;
  ++blocks_deep_;
  read_actions(*found->second.document, *found->second.value, rule);
  --blocks_deep_;
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
      read_actions(*file.document, *fallback->second, rule);
      refuse_senseless(*file.document, *fallback->second, rule);
    }
    if (reports_.size() == errors)
      add_rule(std::move(rule), {.document = file.document, .id = fallback->first, .actions = fallback->second});
  }
}

void Loader::read_actions(const yaml::Document& document, const yaml::Node& actions, Rule& rule) {
  const std::vector<const yaml::Node*> one = {&actions};
  for (const yaml::Node* node : actions.is_list() ? actions.items : one) {
    if (node->is_scalar() && node->text == "remove") {
      rule.actions.push_back({Operation::remove, {}, nullptr, nullptr, {}});
      rule.target_names.push_back(target_of(Operation::remove));
    } else if (node->is_scalar()) {
      reports_.add(document.at(*node, in_quotes(node->text) + " needs to say with what, such as `inner: text`"));
    } else {
      read_action_map(document, *node, rule);
    }
  }
  if (actions.is_list() ? actions.items.empty() : actions.is_map() && actions.entries.empty())
    reports_.add(document.at(actions, "nothing is done here"));
}

/// What cannot be done to the elements of the rule's slot.
void Loader::refuse_senseless(const yaml::Document& document, const yaml::Node& actions, const Rule& rule) {
  for (const Action& action : rule.actions) {
    if (const auto why = set_.selectors.refusal(rule.slot, action.operation))
      reports_.add(document.at(actions, std::string(*why)));
  }
}

void Loader::read_action_map(const yaml::Document& document, const yaml::Node& map, Rule& rule) {
  const Fields fields(document, map, actions_object, reports_);
  if (!map.is_map()) return;
  for (const auto& [key, ignored] : map.entries) {
    const yaml::Node* value = fields.find(key->text);
    if (value && key->text == "use") {
      for (const yaml::Node* name : fields.texts("use")) use_block(document, *name, rule);
      continue;
    }
    const std::optional<Operation> parsed = html::parse_operation(key->text);
    if (!value || !parsed) continue;
    const Operation operation = *parsed;
    if (html::traits_of(operation).takes_content) {
      rule.actions.push_back({operation, {}, read_template(document, *value, templates::Target::html), nullptr, {}});
      rule.target_names.push_back(target_of(operation));
    } else if (operation == Operation::remove) {
      rule.actions.push_back({operation, {}, nullptr, nullptr, {}});
      rule.target_names.push_back(target_of(operation));
    } else if (operation == Operation::set_attribute) {
      for (const yaml::Node* item : fields.objects(key->text)) read_set_attribute(document, *item, rule);
    } else if (operation == Operation::remove_attribute) {
      for (const yaml::Node* name : fields.texts(key->text)) {
        if (!check_attribute_name(document, *name)) continue;
        rule.actions.push_back({operation, text::ascii_lower(name->text), nullptr, nullptr, {}});
        rule.target_names.push_back("attribute " + text::ascii_lower(name->text));
      }
    } else if (operation == Operation::reorder) {
      read_reorder(document, *value, rule);
    } else {
      for (const yaml::Node* names : fields.texts(key->text)) read_classes(document, *names, operation, rule);
    }
  }
}

bool Loader::check_attribute_name(const yaml::Document& document, const yaml::Node& name) {
  if (html::is_attribute_name(name.text)) return true;
  reports_.add(document.at(name, in_quotes(name.text) + " is not the name of an attribute"));
  return false;
}

void Loader::read_set_attribute(const yaml::Document& document, const yaml::Node& node, Rule& rule) {
  const Fields fields(document, node, set_attribute_object, reports_);
  const yaml::Node* name = fields.find("name");
  const yaml::Node* value = fields.find("value");
  if (!name || !value || !check_attribute_name(document, *name)) return;
  const templates::AttributeKind kind = templates::attribute_kind({}, name->text);
  const bool forbidden = kind == templates::AttributeKind::forbidden;
  if (forbidden && !fields.boolean("allow_unsafe", false)) {
    reports_.add(document.at(*name, in_quotes(name->text) + " could run script or load what is not yours; " +
                                        "if you are sure of a fixed value, add `allow_unsafe: true`"));
    return;
  }
  const bool address = kind == templates::AttributeKind::url || kind == templates::AttributeKind::resource;
  auto text = read_template(document, *value, address ? templates::Target::url : templates::Target::plain);
  if (forbidden && text && !text->constant()) {
    reports_.add(document.at(*value, "the value of " + in_quotes(name->text) + " must be fixed: no {{…}}"));
    return;
  }
  rule.actions.push_back({Operation::set_attribute, text::ascii_lower(name->text), std::move(text), nullptr, {}});
  rule.target_names.push_back("attribute " + text::ascii_lower(name->text));
}

void Loader::read_classes(const yaml::Document& document, const yaml::Node& node, Operation operation, Rule& rule) {
  if (node.text.find_first_not_of(" \t\r\n") == std::string::npos)
    return reports_.add(document.at(node, "a class name is missing"));
  rule.actions.push_back({operation, {}, read_template(document, node, templates::Target::plain), nullptr, {}});
  rule.target_names.push_back("class " + node.text);
}

void Loader::read_reorder(const yaml::Document& document, const yaml::Node& node, Rule& rule) {
  const Fields fields(document, node, reorder_object, reports_);
  const yaml::Node* by = fields.find("by");
  const yaml::Node* order = fields.find("order");
  if (!by || !order || !check_attribute_name(document, *by)) return;
  Action action{Operation::reorder, text::ascii_lower(by->text), nullptr, nullptr, {}};
  if (order->is_list()) {
    auto listed = std::make_unique<ListedOrder>();
    for (const yaml::Node* value : order->items) listed->add(value->text);
    action.order = std::move(listed);
  } else {
    action.order_by = set_.schema.find(order->text);
    const auto suggestion = set_.schema.suggestion(order->text);
    if (!action.order_by)
      return reports_.add(document.at(
          *order, "unknown attribute " + in_quotes(order->text) +
                      (suggestion.empty() ? std::string() : ", did you mean " + std::string(suggestion) + "?")));
    const Type& type = set_.schema[*action.order_by].type;
    if (type.kind != Kind::list && type.kind != Kind::missing)
      return reports_.add(
          document.at(*order, in_quotes(order->text) + " is " + rules::to_string(type) + ", not a list"));
  }
  rule.actions.push_back(std::move(action));
  rule.target_names.push_back(target_of(Operation::reorder));
}

templates::Environment Loader::template_environment(const Schema& schema, std::string& suggestion) {
  templates::Environment environment;
  environment.schema = &schema;
  environment.partial_bytes = &partial_bytes_;
  environment.partial = [this](std::string_view name) -> std::optional<std::string_view> {
    const auto found = sources_.partials.find(name);
    if (found == sources_.partials.end()) return std::nullopt;
    found->second.used = true;
    return found->second.value->text;
  };
  environment.partial_suggestion = [this, &suggestion](std::string_view name) -> std::string_view {
    Nearest nearest(name);
    for (const auto& [known, definition] : sources_.partials) nearest.consider(known);
    return suggestion = nearest.result();
  };
  return environment;
}

std::unique_ptr<const templates::Template> Loader::read_template(const yaml::Document& document,
                                                                 const yaml::Node& scalar, templates::Target target) {
  std::string suggestion;
  const templates::Environment environment = template_environment(*template_schema_, suggestion);
  std::vector<templates::Error> errors;
  auto compiled = templates::Template::compile(scalar.text, target, environment, errors);
  for (const templates::Error& error : errors) {
    if (error.partial.empty()) {
      reports_.add(document.at(scalar, error.offset, error.message));
    } else {
      const Definition& partial = sources_.partials.find(error.partial)->second;
      reports_.add(partial.document->at(*partial.value, error.offset, error.message));
    }
  }
  return compiled;
}

void Loader::add_target(Rule& rule, std::string target) {
  auto& known = targets_[rule.slot];
  const auto number = known.try_emplace(std::move(target), static_cast<std::uint32_t>(known.size())).first->second;
  rule.targets.push_back(number);
  rule.target_mask |= std::uint64_t{1} << std::min(number, shared_target_bit);
}

void Loader::use(const Rule& rule) {
  const auto mark = [&](std::span<const AttributeId> ids) {
    for (AttributeId id : ids)
      if (id < used_.size()) used_[id] = true;  // behind them is `content`
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
}

}  // namespace personalize::rules::load
