// What a call of a script has used of its budget.
#pragma once

#include <cstddef>
#include <cstdint>
#include <lua.hpp>
#include <optional>

#include "rules/lua/script.h"

namespace personalize::rules::lua {

/// A hook counts instructions, and whatever works through text or tables without running any reports how much that
/// was (`charge`). The hook looks at the clock too, more often the larger the blocks are that one instruction can
/// compare, join or read as a number.
class Meter {
 public:
  explicit Meter(const Budget& budget) : budget_(budget) { begin(); }

  /// From the next call on.
  void set_budget(const Budget& budget) { budget_ = budget; }

  /// From now on the instructions of a state count; `hook` calls `count`.
  void attach(lua_State* lua, lua_Hook hook);
  void begin();
  bool overrun() const { return overrun_; }

  /// Bytes that the state holds.
  std::size_t held() const { return held_; }

  /// The state's allocator.
  void* allocate(void* block, std::size_t old_size, std::size_t new_size);

  // The following raise a Lua error once the budget is used up.

  /// The hook's interval of instructions has been run.
  void count();
  /// A function goes through that many bytes, or takes about that many nanoseconds.
  void charge(std::size_t bytes) {
    owed_ += bytes;
    if (owed_ >= max_debt) settle();
  }
  /// That many bytes are copied out of the state.
  void take_out(std::size_t bytes);
  /// Only looks at the clock.
  void check_time();

  static constexpr std::size_t bytes_per_instruction = 512;
  /// Charged for a call that takes hardly any time but may follow one that took long: the clock is looked at.
  static constexpr std::size_t max_debt = 16 * bytes_per_instruction;

 private:
  void spend(std::uint64_t instructions);
  void settle();
  bool late();
  void set_pace();
  void resized(std::size_t before, std::size_t after);
  [[noreturn]] void fail(const char* message);

  Budget budget_;
  lua_State* lua_ = nullptr;
  std::size_t held_ = 0;        // bytes
  std::size_t large_ = 0;       // of these in large blocks
  std::size_t pace_up_to_ = 0;  // bytes in large blocks for which `interval_` is short enough
  int interval_ = 0;            // instructions from one call of the hook to the next

  std::size_t taken_ = 0;                     // bytes allocated in this call
  std::size_t taken_out_ = 0;                 // bytes copied out of the state in this call
  std::size_t owed_ = 0;                      // bytes charged, but not yet as instructions
  std::uint64_t instructions_ = 0;            // left in this call
  std::int64_t begin_ = 0;                    // milliseconds of the coarse clock
  std::optional<std::int64_t> own_deadline_;  // of the thread's clock; set when the coarse one first moves
  bool overrun_ = false;
};

}  // namespace personalize::rules::lua
