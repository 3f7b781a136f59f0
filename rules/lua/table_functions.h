// Functions of the library `table` that replace Lua's own, which know no budget.
#pragma once

#include <lua.hpp>

namespace personalize::rules::lua {

/// `table.sort(list, before)`. Equal elements come out in the order in which Lua's own sort leaves them.
int sort(lua_State* lua);

/// `table.insert(list, [position,] value)`
int insert(lua_State* lua);

}  // namespace personalize::rules::lua
