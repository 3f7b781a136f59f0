#include "rules/lua/script.h"

#include <algorithm>
#include <set>

#include "rules/lua/state.h"

namespace personalize::rules::lua {
namespace {

constexpr std::size_t longest_source = 1024 * 1024;

// Loading may take more than a call does.
Budget for_loading(Budget budget) {
  budget.instructions *= 20;
  budget.milliseconds *= 4;
  return budget;
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::string describe(const State::Outcome& outcome) {
  return "line " + std::to_string(outcome.line) + ": " + outcome.message;
}

}  // namespace

Script::Script(std::string_view source, const Budget& budget) : source_(source), budget_(budget) {}
Script::~Script() = default;

std::unique_ptr<Script> Script::load(std::string_view source, std::vector<Error>& errors,
                                     const Budget& budget) {
  if (source.size() > longest_source) {
    errors.push_back({1, "file is longer than 1 MiB"});
    return nullptr;
  }
  const std::size_t before = errors.size();
  std::unique_ptr<Script> script(new Script(source, budget));
  script->state_ = std::make_unique<State>(for_loading(budget));
  const State::Outcome outcome = script->state_->run(script->source_, script->rules_, errors);
  if (outcome.failed) errors.push_back({outcome.line, outcome.message});
  if (errors.size() > before) return nullptr;
  script->state_->set_budget(budget);
  return script;
}

void Script::bind(const Schema& schema, std::vector<Error>& errors) {
  schema_ = &schema;
  find_attributes(schema);
  const std::lock_guard guard(lock_);
  if (!state_ && !rebuild()) return;
  if (const State::Outcome outcome = state_->bind(schema); outcome.failed) {
    errors.push_back({outcome.line, outcome.message});
    return;
  }
  std::pmr::monotonic_buffer_resource arena;
  const Context nothing(schema, arena);
  std::set<std::pair<std::uint32_t, std::string>> reported;
  for (std::size_t rule = 0; rule < rules_.size(); ++rule) {
    for (const bool condition : {true, false}) {
      if (!(condition ? rules_[rule].has_condition : rules_[rule].has_content)) continue;
      if (!state_ && !rebuild()) return;
      Value ignored;
      const State::Outcome outcome = state_->call(condition, rule, nothing, arena, ignored);
      if (outcome.overrun) state_.reset();
      if (outcome.unknown_attribute && reported.emplace(outcome.line, outcome.message).second) {
        errors.push_back({outcome.line, outcome.message});
      }
    }
  }
}

// A name of an attribute is taken to be used if all of its parts are words of the file: `c.geo.country` is
// found, and so is `local geo = c.geo … geo.country`. More than is used does no harm.
void Script::find_attributes(const Schema& schema) {
  std::set<std::string_view> words;
  const std::string_view text = source_;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && is_word(text[end])) ++end;
    if (end > at) words.insert(text.substr(at, end - at));
    at = end + 1;
  }
  attributes_.clear();
  for (AttributeId id = 0; id < schema.size(); ++id) {
    std::string_view rest = schema[id].name;
    bool all = true;
    while (all && !rest.empty()) {
      const std::size_t dot = std::min(rest.find('.'), rest.size());
      all = words.contains(rest.substr(0, dot));
      rest.remove_prefix(std::min(dot + 1, rest.size()));
    }
    if (all) attributes_.push_back(id);
  }
}

bool Script::rebuild() const {
  auto state = std::make_unique<State>(for_loading(budget_));
  std::vector<RuleDefinition> rules;
  std::vector<Error> errors;
  if (state->run(source_, rules, errors).failed || rules.size() != rules_.size()) return false;
  if (schema_ && state->bind(*schema_).failed) return false;
  state->set_budget(budget_);
  state_ = std::move(state);
  return true;
}

void Script::note_overrun() const {
  state_.reset();
  ++statistics_.overruns;
  if (++recent_overruns_ < most_overruns) return;
  recent_overruns_ = 0;
  pause_until_ = std::chrono::steady_clock::now() + pause_after_overruns;
}

Value Script::condition(std::size_t rule, const Context& context, Arena& arena) const {
  if (!rules_[rule].has_condition) return Value::boolean(true);
  return call(true, rule, context, arena);
}

Value Script::content(std::size_t rule, const Context& context, Arena& arena) const {
  if (!rules_[rule].has_content) return Value();
  return call(false, rule, context, arena);
}

Value Script::call(bool condition, std::size_t rule, const Context& context, Arena& arena) const {
  const std::lock_guard guard(lock_);
  if (!state_) {
    if (std::chrono::steady_clock::now() < pause_until_) {
      ++statistics_.paused;
      return Value::error("script pauses because it went over its budget too often");
    }
    if (!rebuild()) return Value::error("script cannot be started again");
  }
  ++statistics_.calls;
  Value result;
  const State::Outcome outcome = state_->call(condition, rule, context, arena, result);
  if (!outcome.failed) return result;
  ++statistics_.failures;
  if (outcome.overrun) note_overrun();
  return Value::error(copy(arena, describe(outcome)));
}

Statistics Script::statistics() const {
  const std::lock_guard guard(lock_);
  return statistics_;
}

}  // namespace personalize::rules::lua
