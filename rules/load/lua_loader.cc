// The part of the loader that reads rules in Lua.
#include <algorithm>

#include "rules/load/loader.h"
#include "rules/spelling.h"

namespace personalize::rules::load {
namespace {

/// Those of rules that give content, or none to remove.
bool is_of_scripts(const html::OperationTraits& traits) { return traits.takes_content || traits.replaces_element; }

Diagnostic at(std::string_view file, std::uint32_t line, std::string message) {
  return {std::string(file), line, 1, std::move(message)};
}

}  // namespace

void Loader::read_script(const SourceFile& source) {
  std::vector<lua::Error> errors;
  auto script = lua::Script::load(source.text, errors);
  for (lua::Error& error : errors) reports_.add(at(source.name, error.line, std::move(error.message)));
  if (!script) return;
  set_.scripts.push_back({source.name, std::move(script)});
}

// Runs after the YAML files, when slots, attributes and partials are known.
void Loader::read_scripts() {
  for (const auto& [file, loaded] : set_.scripts) {
    lua::Script& script = *loaded;
    std::vector<lua::Error> errors;
    if (script.provider() && !set_.schema.find_provider(script.provider()->name))
      reports_.add(at(file, 1, "a file that returns a table is loaded by its name, not by `include`"));
    script.bind(set_.schema, errors);
    for (lua::Error& error : errors) reports_.add(at(file, error.line, std::move(error.message)));
    for (std::uint32_t number = 0; number < script.rules().size(); ++number) {
      read_script_rule(file, script, number);
    }
  }
}

void Loader::read_script_rule(std::string_view file, const lua::Script& script, std::uint32_t number) {
  const lua::RuleDefinition& definition = script.rules()[number];
  const std::size_t errors = reports_.size();
  const auto report = [&](std::string message) { reports_.add(at(file, definition.line, std::move(message))); };
  Rule rule;
  rule.id = definition.id;
  rule.priority = definition.priority;
  rule.enabled = definition.enabled;
  rule.script = &script;
  rule.script_rule = number;
  if (auto refusal = refuse_name(rule.id, false)) report(*std::move(refusal));
  if (sources_.rules.contains(rule.id) || !script_rules_.insert(rule.id).second)
    report("rule " + in_quotes(rule.id) + " is already defined");
  for (const std::string& pattern : definition.pages) {
    if (auto refusal = PagePatterns::refuse(pattern)) {
      report(*std::move(refusal));
    } else {
      rule.pages.add(pattern);
    }
  }
  const auto slot = sources_.slots.find(definition.slot);
  if (slot == sources_.slots.end()) {
    Nearest nearest(definition.slot);
    for (const Slot& known : set_.slots) nearest.consider(known.name);
    return report("unknown slot " + in_quotes(definition.slot) + nearest.hint());
  }
  rule.slot = slot->second.number;
  const bool added =
      definition.actions ? add_script_actions(file, definition, rule) : add_script_action(file, definition, rule);
  if (added && reports_.size() == errors) {
    add_rule(std::move(rule), {.script = file, .script_line = definition.line});
  }
}

/// All that a rule file's `do` can say. Mistakes have the line of the rule's beginning.
bool Loader::add_script_actions(std::string_view file, const lua::RuleDefinition& definition, Rule& rule) {
  if (!definition.content_template.empty() || definition.operation != "inner") {
    reports_.add(
        at(file, definition.line, "`actions` says what is done: `operation` and `template` cannot stand beside it"));
    return false;
  }
  const std::size_t first = diagnostics_.size();
  const auto document = yaml::Document::made(file);
  {
    const ActionReader::WithContent with_content(actions_, definition.has_content);
    actions_.read(*document, *definition.actions, rule);
  }
  actions_.refuse_senseless(*document, *definition.actions, rule);
  for (std::size_t i = first; i < diagnostics_.size(); ++i) {
    if (diagnostics_[i].file != file) continue;  // a partial's
    diagnostics_[i].line = definition.line;
    diagnostics_[i].column = 1;
  }
  return diagnostics_.size() == first;
}

bool Loader::add_script_action(std::string_view file, const lua::RuleDefinition& definition, Rule& rule) {
  const auto report = [&](std::string message) {
    reports_.add(at(file, definition.line, std::move(message)));
    return false;
  };
  const std::optional<html::Operation> parsed = html::parse_operation(definition.operation);
  if (!parsed || !is_of_scripts(html::traits_of(*parsed))) {
    Nearest nearest(definition.operation);
    for (const html::OperationTraits& known : html::operations)
      if (is_of_scripts(known)) nearest.consider(known.name);
    return report("unknown operation " + in_quotes(definition.operation) + nearest.hint());
  }
  const html::Operation operation = *parsed;
  if (const auto senseless = set_.selectors.refusal(rule.slot, operation)) return report(std::string(*senseless));
  const bool removes = operation == html::Operation::remove;
  if (removes != definition.content_template.empty()) {
    return report(removes ? "a rule that removes has no content" : "a rule needs `content`, `template` or `actions`");
  }
  Action action{operation, {}, nullptr, nullptr, {}};
  if (!removes) {
    const ActionReader::WithContent with_content(actions_, definition.has_content);
    std::vector<templates::Error> errors;
    action.text = actions_.compile(definition.content_template, templates::Target::html, errors);
    for (const templates::Error& error : errors) report("template: " + error.message);
    if (!action.text) return false;
  }
  rule.actions.push_back(std::move(action));
  rule.target_names.push_back(target_of(operation));
  return true;
}

}  // namespace personalize::rules::load
