// Functions of the library `table` that are not Lua's own, because theirs know no budget.
#pragma once

#include <lua.hpp>

namespace personalize::rules::lua {

/// `table.sort(list, before)`. What was equal comes out in the order in which Lua's own sort would leave it.
int sort(lua_State* lua);

/// `table.insert(list, [position,] value)`
int insert(lua_State* lua);

}  // namespace personalize::rules::lua
