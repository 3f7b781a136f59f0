#include "rules/lua/script.h"

#include <algorithm>
#include <set>

#include "rules/lua/state.h"
#include "rules/text/ascii.h"

namespace personalize::rules::lua {
namespace {

constexpr std::size_t max_source_size = 1024 * 1024;
// The parser patches all jumps to one place at once, in time quadratic in their number.
constexpr std::size_t max_jumps = 10'000;

// Loading may take longer than a call.
Budget for_loading(Budget budget) {
  budget.instructions *= 20;
  budget.milliseconds *= 4;
  return budget;
}

bool is_word(char c) { return text::is_ascii_alphanumeric(c) || c == '_'; }

std::string describe(const State::Outcome& outcome) {
  return "line " + std::to_string(outcome.line) + ": " + outcome.message;
}

/// `configure` knows nothing about a request.
State::Outcome configure_provider(State& state, const std::vector<std::pair<std::string, std::string>>& options) {
  std::pmr::monotonic_buffer_resource arena;
  std::vector<MapEntry> entries;
  entries.reserve(options.size());
  for (const auto& [name, value] : options) entries.push_back({Value::string(name), Value::string(value)});
  const Value argument = Value::map(entries);
  Value ignored;
  return state.ask("configure", {&argument, 1}, nullptr, arena, ignored);
}

}  // namespace

Script::Script(std::string_view source, const Budget& budget) : source_(source), budget_(budget) {
  const std::string_view text = source_;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && is_word(text[end])) ++end;
    const std::string_view word = text.substr(at, end - at);
    if (!word.empty()) words_.insert(word);
    if (word == "goto" || word == "break") ++jumps_;
    at = end + 1;
  }
}
Script::~Script() = default;

std::unique_ptr<Script> Script::load(std::string_view source, std::vector<Error>& errors, const Budget& budget) {
  if (source.size() > max_source_size) {
    errors.push_back({1, "file is longer than 1 MiB"});
    return nullptr;
  }
  const std::size_t before = errors.size();
  std::unique_ptr<Script> script(new Script(source, budget));
  if (script->jumps_ > max_jumps) {
    errors.push_back({1, "file has more than 10 000 times `goto` or `break`"});
    return nullptr;
  }
  script->state_ = std::make_unique<State>(for_loading(budget));
  const State::Outcome outcome =
      script->state_->run(script->source_, {script->rules_, script->records_, script->provider_}, errors);
  if (outcome.failed) errors.push_back({outcome.line, outcome.message});
  if (errors.size() > before) return nullptr;
  script->state_->set_budget(budget);
  return script;
}

bool Script::expose(const Schema& schema, std::vector<Error>& errors) {
  schema_ = &schema;
  find_attributes(schema);
  const std::lock_guard guard(lock_);
  if (!state_) return rebuild();
  const State::Outcome outcome = state_->bind(schema);
  if (outcome.failed) errors.push_back({outcome.line, outcome.message});
  return !outcome.failed;
}

void Script::bind(const Schema& schema, std::vector<Error>& errors) {
  if (!expose(schema, errors)) return;
  const std::lock_guard guard(lock_);
  std::pmr::monotonic_buffer_resource arena;
  const Context nothing(schema, arena);
  std::set<std::pair<std::uint32_t, std::string>> reported;
  std::uint32_t overruns = 0;  // a file whose rules fail without their attributes must still load, and quickly
  for (std::size_t rule = 0; rule < rules_.size() && overruns < max_overruns; ++rule) {
    for (const bool condition : {true, false}) {
      if (!(condition ? rules_[rule].has_condition : rules_[rule].has_content)) continue;
      if (!state_ && !rebuild()) return;
      Value ignored;
      const State::Outcome outcome = state_->call(condition, rule, nothing, arena, ignored);
      if (outcome.overrun) {
        state_.reset();
        ++overruns;
      }
      if (outcome.unknown_attribute && reported.emplace(outcome.line, outcome.message).second) {
        errors.push_back({outcome.line, outcome.message});
      }
    }
  }
}

// An attribute counts as used if all parts of its name are words of the file: `c.geo.country` is found, and so is
// `local geo = c.geo … geo.country`. Extra ones do no harm.
void Script::find_attributes(const Schema& schema) {
  attributes_.clear();
  for (AttributeId id = 0; id < schema.size(); ++id) {
    std::string_view rest = schema[id].name;
    bool all = true;
    while (all && !rest.empty()) {
      const std::size_t dot = std::min(rest.find('.'), rest.size());
      all = mentions(rest.substr(0, dot));
      rest.remove_prefix(std::min(dot + 1, rest.size()));
    }
    if (all) attributes_.push_back(id);
  }
}

bool Script::rebuild() const {
  auto state = std::make_unique<State>(for_loading(budget_));
  std::vector<RuleDefinition> rules;
  std::optional<ProviderDefinition> provider;
  std::vector<Error> errors;
  std::deque<RecordDefinition> records;
  if (state->run(source_, {rules, records, provider}, errors).failed || rules.size() != rules_.size()) return false;
  if (schema_ && state->bind(*schema_).failed) return false;
  if (configured_ && configure_provider(*state, options_).failed) return false;
  state->set_budget(budget_);
  state_ = std::move(state);
  ++statistics_.rebuilds;
  return true;
}

void Script::note_overrun() const {
  state_.reset();
  ++statistics_.overruns;
  if (++recent_overruns_ < max_overruns) return;
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
  return in_state([&](State& state, Value& result) { return state.call(condition, rule, context, arena, result); },
                  arena);
}

void Script::configure(const std::vector<std::pair<std::string, std::string>>& options, std::vector<Error>& errors) {
  const std::lock_guard guard(lock_);
  const State::Outcome outcome = configure_provider(*state_, options);
  if (outcome.overrun) state_.reset();
  if (outcome.failed) return errors.push_back({outcome.line, outcome.message});
  options_ = options;
  configured_ = true;
}

Value Script::ask(const char* function, std::span<const Value> arguments, const Context& context, Arena& arena,
                  const Value* last) const {
  return in_state(
      [&](State& state, Value& result) { return state.ask(function, arguments, &context, arena, result, last); },
      arena);
}

template <typename Call>
Value Script::in_state(Call call, Arena& arena) const {
  const std::lock_guard guard(lock_);
  if (!state_) {
    if (std::chrono::steady_clock::now() < pause_until_) {
      ++statistics_.paused;
      return Value::error("script pauses because it exceeded its budget too often");
    }
    if (!rebuild()) {
      pause_until_ = std::chrono::steady_clock::now() + pause_after_overruns;
      return Value::error("script cannot be started again");
    }
  }
  ++statistics_.calls;
  Value result;
  const State::Outcome outcome = call(*state_, result);
  if (!outcome.failed) return result;
  ++statistics_.failures;
  statistics_.last_failure = describe(outcome);
  if (outcome.overrun) note_overrun();
  return Value::error(copy(arena, statistics_.last_failure));
}

void Statistics::add(const Statistics& other) {
  calls += other.calls;
  failures += other.failures;
  overruns += other.overruns;
  paused += other.paused;
  rebuilds += other.rebuilds;
  memory += other.memory;
}

Statistics Script::statistics() const {
  const std::lock_guard guard(lock_);
  Statistics statistics = statistics_;
  statistics.memory = state_ ? state_->held() : 0;
  return statistics;
}

}  // namespace personalize::rules::lua
