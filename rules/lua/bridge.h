// Values between Lua and rules.
#pragma once

#include <lua.hpp>

#include "rules/schema.h"
#include "rules/value.h"

namespace personalize::rules::lua {

class State;

struct Bridge {
  /// Pushes a value. Integers become doubles; timestamps and durations seconds; unknown values nil. Raises Lua errors.
  static void push(lua_State* lua, const Value& value, int depth = 0);

  /// The value at a place of the stack, copied to the arena. A table with a first element is a list, any other
  /// a map of its entries with text keys. Raises Lua errors.
  static Value value(lua_State* lua, int place, Arena& arena, int depth = 0);

  /// Puts `c` into the registry: `c.geo.country` reads the current call's attribute. Raises Lua errors.
  static void expose(lua_State* lua, State& state, const Schema& schema);

 private:
  static int read_attribute(lua_State* lua);
  static int refuse_write(lua_State* lua);
};

}  // namespace personalize::rules::lua
