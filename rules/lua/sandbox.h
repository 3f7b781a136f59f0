// The functions and tables that scripts can use.
#pragma once

#include <cstddef>
#include <cstdint>
#include <lua.hpp>
#include <string_view>

namespace personalize::rules::lua {

class State;

struct Sandbox {
  /// Places in the registry.
  static constexpr int environment = 1;  ///< globals of the script
  static constexpr int conditions = 2;   ///< functions `when` by number of the rule, from 1
  static constexpr int contents = 3;     ///< functions `content`
  static constexpr int attributes = 4;   ///< `c`
  static constexpr int provider = 5;     ///< the table that the file returned

  /// Fills the registry; `state` outlives `lua`. Raises Lua errors.
  static void open(lua_State* lua, State& state);

  static constexpr std::size_t max_rules = 10'000;

  /// `rule { … }`
  static int rule(lua_State* lua);

  /// `event { … }` and `fact { … }`
  static int record(lua_State* lua);

  enum class Match : std::uint8_t { no, yes, malformed };
  static Match match(lua_State* lua, std::string_view text, std::string_view pattern);
};

}  // namespace personalize::rules::lua
