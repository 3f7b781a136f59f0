#include "rules/load/action_reader.h"

#include <algorithm>

#include "html/edits/tag_edit.h"
#include "rules/spelling.h"
#include "rules/templates/html_state.h"
#include "rules/text/ascii.h"

namespace personalize::rules::load {

using html::Operation;

std::string target_of(Operation operation) {
  const html::OperationTraits& traits = html::traits_of(operation);
  return std::string(traits.changes_content() && !traits.adds ? "inner" : traits.name);
}

void ActionReader::read_blocks(const yaml::Document& document, const Fields& file) {
  const yaml::Node* blocks = file.find("blocks");
  if (!blocks) return;
  for (const auto& [name, value] : named_entries(document, *blocks, false, reports_))
    if (define(sources_.blocks, "block", document, *name, 0, reports_))
      sources_.blocks.find(name->text)->second.value = value;
}

void ActionReader::check_blocks() {
  for (auto& [name, block] : sources_.blocks) {
    const std::size_t before = reports_.size();
    Rule unused;
    read(*block.document, *block.value, unused);
    if (reports_.size() != before) wrong_blocks_.insert(name);  // reported here, once
  }
}

void ActionReader::use_block(const yaml::Document& document, const yaml::Node& name, Rule& rule) {
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
  read(*found->second.document, *found->second.value, rule);
  --blocks_deep_;
}

void ActionReader::read(const yaml::Document& document, const yaml::Node& actions, Rule& rule) {
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
void ActionReader::refuse_senseless(const yaml::Document& document, const yaml::Node& actions, const Rule& rule) {
  for (const Action& action : rule.actions) {
    if (const auto why = set_.selectors.refusal(rule.slot, action.operation))
      reports_.add(document.at(actions, std::string(*why)));
  }
}

void ActionReader::read_action_map(const yaml::Document& document, const yaml::Node& map, Rule& rule) {
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

bool ActionReader::check_attribute_name(const yaml::Document& document, const yaml::Node& name) {
  if (html::is_attribute_name(name.text)) return true;
  reports_.add(document.at(name, in_quotes(name.text) + " is not the name of an attribute"));
  return false;
}

void ActionReader::read_set_attribute(const yaml::Document& document, const yaml::Node& node, Rule& rule) {
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
  auto text = read_template(document, *value, address ? templates::Target::url : templates::Target::plain,
                            templates::is_read_by_people(name->text));
  if (forbidden && text && !text->constant()) {
    reports_.add(document.at(*value, "the value of " + in_quotes(name->text) + " must be fixed: no {{…}}"));
    return;
  }
  rule.actions.push_back({Operation::set_attribute, text::ascii_lower(name->text), std::move(text), nullptr, {}});
  rule.target_names.push_back("attribute " + text::ascii_lower(name->text));
}

void ActionReader::read_classes(const yaml::Document& document, const yaml::Node& node, Operation operation,
                                Rule& rule) {
  if (node.text.find_first_not_of(" \t\r\n") == std::string::npos)
    return reports_.add(document.at(node, "a class name is missing"));
  rule.actions.push_back({operation, {}, read_template(document, node, templates::Target::plain), nullptr, {}});
  rule.target_names.push_back("class " + node.text);
}

void ActionReader::read_reorder(const yaml::Document& document, const yaml::Node& node, Rule& rule) {
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

templates::Environment ActionReader::environment(std::string& suggestion) {
  templates::Environment environment;
  environment.schema = schema_;
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

std::unique_ptr<const templates::Template> ActionReader::compile(std::string_view text, templates::Target target,
                                                                 std::vector<templates::Error>& errors,
                                                                 bool read_by_people) {
  std::string suggestion;
  templates::Environment known = environment(suggestion);
  known.read_by_people = read_by_people;
  return templates::Template::compile(text, target, known, errors);
}

std::unique_ptr<const templates::Template> ActionReader::read_template(const yaml::Document& document,
                                                                       const yaml::Node& scalar,
                                                                       templates::Target target, bool read_by_people) {
  std::vector<templates::Error> errors;
  auto compiled = compile(scalar.text, target, errors, read_by_people);
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

}  // namespace personalize::rules::load
