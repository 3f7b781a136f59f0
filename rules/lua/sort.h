// table.sort, within the budget of a call.
#pragma once

#include <lua.hpp>

namespace personalize::rules::lua {

/// `table.sort(list, before)`. What was equal comes out in the order in which Lua's own sort would leave it.
int sort(lua_State* lua);

}  // namespace personalize::rules::lua
