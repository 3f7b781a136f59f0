// One Lua state with a script in it: the sandbox, its budgets, and how values get in and out.
#pragma once

#include <cstddef>
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
#include "rules/lua/meter.h"
#include "rules/lua/script.h"

namespace personalize::rules::lua {

/// Standard functions that read files, run other code or catch errors (they would swallow the end of a budget) are
/// absent. One that can take more than linear time in the script's memory has a substitute that charges for its work.
/// The JIT compiler is off: its loops ignore budgets.
class State {
 public:
  explicit State(const Budget& budget);
  ~State();
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  /// From the next call on.
  void set_budget(const Budget& budget) { meter_.set_budget(budget); }

  /// Bytes that it holds.
  std::size_t held() const { return meter_.held(); }

  /// The state that a Lua state belongs to.
  static State& owner(lua_State* lua);
  Meter& meter() { return meter_; }

  /// A C function that calls back into the script, while it does.
  class Nesting {
   public:
    explicit Nesting(State& state) : depth_(state.depth_) { ++depth_; }
    ~Nesting() { --depth_; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;
    /// 1 for the outermost.
    int depth() const { return depth_; }

   private:
    int& depth_;
  };

  struct Outcome {
    bool failed = false;
    bool overrun = false;            ///< a budget was used up: the state must not be used again
    bool unknown_attribute = false;  ///< the reason for the failure
    std::string message;             ///< without the place
    std::uint32_t line = 1;
  };

  /// What a file defines.
  struct Definitions {
    std::vector<RuleDefinition>& rules;
    std::deque<RecordDefinition>& records;
    std::optional<ProviderDefinition>& provider;  ///< the table that it returns
  };
  /// Runs the file.
  Outcome run(std::string_view source, const Definitions& definitions, std::vector<Error>& errors);
  /// Makes attributes known under `c`.
  Outcome bind(const Schema& schema);
  /// Calls a rule's function; the value's memory is the arena's.
  Outcome call(bool condition, std::size_t rule, const Context& context, Arena& arena, Value& result);
  /// Calls a function of the provider with the arguments and, if `context` is not null, `c`. The result is missing
  /// if there is no such function.
  Outcome ask(const char* function, std::span<const Value> arguments, const Context* context, Arena& arena,
              Value& result, const Value* last = nullptr);

 private:
  friend struct Bridge;
  friend struct Sandbox;

  template <typename Body>
  Outcome protect(Body body);
  Outcome outcome(int status);
  /// The compiled pattern, or null if it is malformed. A few are kept.
  const RE2* pattern(std::string_view text);
  static void* allocate(void* self, void* block, std::size_t old_size, std::size_t new_size);
  static void count(lua_State* lua, lua_Debug* record);

  Meter meter_;
  lua_State* lua_ = nullptr;
  int depth_ = 0;  // of `Nesting`
  bool unknown_attribute_ = false;
  const Context* context_ = nullptr;  // of the current call
  const Schema* schema_ = nullptr;
  const Definitions* definitions_ = nullptr;  // while the file runs
  std::vector<Error>* errors_ = nullptr;
  std::map<std::string, std::unique_ptr<const RE2>, std::less<>> patterns_;  // of `matches`
};

}  // namespace personalize::rules::lua
