// One Lua state with a script in it: the sandbox, its budgets, and the way of values in and out.
#pragma once

#include <cstdint>
#include <lua.hpp>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rules/cel/regex.h"
#include "rules/lua/script.h"

namespace personalize::rules::lua {

/// No function of the standard library is there that reads files, runs other code, catches errors (they would
/// swallow the end of a budget) or takes longer than in proportion to its arguments. The JIT compiler is off:
/// its loops do not see budgets.
class State {
 public:
  explicit State(const Budget& budget);
  ~State();
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  /// From the next call on.
  void set_budget(const Budget& budget) { budget_ = budget; }

  /// Bytes that it has.
  std::size_t held() const { return held_; }

  struct Outcome {
    bool failed = false;
    bool overrun = false;            ///< a budget was used up: the state is not to be used again
    bool unknown_attribute = false;  ///< the reason of the failure
    std::string message;             ///< without the place
    std::uint32_t line = 1;
  };

  /// Runs the file. Definitions of its rules go to `rules`, of the table that it returns to `provider`.
  Outcome run(std::string_view source, std::vector<RuleDefinition>& rules, std::optional<ProviderDefinition>& provider,
              std::vector<Error>& errors);
  /// Makes attributes known under `c`.
  Outcome bind(const Schema& schema);
  /// Calls a rule's function; the value's memory is the arena's.
  Outcome call(bool condition, std::size_t rule, const Context& context, Arena& arena, Value& result);
  /// Calls a function of the provider with the arguments and, if `context` is not null, `c`. The result is missing
  /// if there is no such function.
  Outcome ask(const char* function, std::span<const Value> arguments, const Context* context, Arena& arena,
              Value& result);

 private:
  friend struct Bridge;
  friend struct Sandbox;

  template <typename Body>
  Outcome protect(Body body);
  void begin();
  bool late();
  Outcome outcome(int status);
  /// The state that a Lua state belongs to.
  static State& owner(lua_State* lua);
  /// The compiled pattern, or null with `error` set. A few are kept.
  const RE2* pattern(std::string_view text, std::string& error);
  static void* allocate(void* self, void* block, std::size_t old_size, std::size_t new_size);
  static void count(lua_State* lua, lua_Debug* record);

  Budget budget_;
  lua_State* lua_ = nullptr;
  std::size_t held_ = 0;                      // bytes
  std::size_t taken_ = 0;                     // bytes in this call
  std::uint64_t instructions_ = 0;            // left in this call
  std::int64_t deadline_ = 0;                 // milliseconds of the coarse clock …
  std::optional<std::int64_t> own_deadline_;  // … and, once that is over, of the thread's
  bool overrun_ = false;
  bool unknown_attribute_ = false;
  const Context* context_ = nullptr;  // of the call under way
  const Schema* schema_ = nullptr;
  std::vector<RuleDefinition>* rules_ = nullptr;  // while the file runs
  std::vector<Error>* errors_ = nullptr;
  std::map<std::string, std::unique_ptr<const RE2>, std::less<>> patterns_;  // of `matches`
};

}  // namespace personalize::rules::lua
