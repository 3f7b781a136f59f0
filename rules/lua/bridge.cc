#include "rules/lua/bridge.h"

#include <cmath>
#include <new>
#include <string>

#include "rules/lua/sandbox.h"
#include "rules/lua/state.h"

namespace personalize::rules::lua {
namespace {

constexpr int max_value_nesting = 8;
constexpr std::size_t max_entries = 1000;
// Even an empty table costs an instruction: its free slots are gone through.
constexpr std::size_t table_price = Meter::bytes_per_instruction;
constexpr std::size_t element_price = 16;
constexpr double largest_exact = 9007199254740992.0;  // 2^53

Meter& meter_of(lua_State* lua) { return State::owner(lua).meter(); }

void push_list(lua_State* lua, std::span<const Value> list, int depth) {
  meter_of(lua).charge(list.size() * element_price);
  lua_createtable(lua, static_cast<int>(std::min<std::size_t>(list.size(), max_entries)), 0);
  int position = 0;
  for (const Value& element : list) {
    Bridge::push(lua, element, depth + 1);
    lua_rawseti(lua, -2, ++position);
  }
}

void push_map(lua_State* lua, std::span<const MapEntry> map, int depth) {
  meter_of(lua).charge(map.size() * element_price);
  lua_newtable(lua);
  for (const MapEntry& entry : map) {
    Bridge::push(lua, entry.key, depth + 1);
    if (lua_isnil(lua, -1)) {
      lua_pop(lua, 1);
      continue;
    }
    Bridge::push(lua, entry.value, depth + 1);
    lua_rawset(lua, -3);
  }
}

std::string_view text_at(lua_State* lua, int place) {
  std::size_t size = 0;
  const char* text = lua_tolstring(lua, place, &size);
  return {text, size};
}

template <typename T>
T* allocate(Arena& arena, std::size_t count) {
  return static_cast<T*>(arena.allocate(count * sizeof(T), alignof(T)));
}

Value text_value(lua_State* lua, int place, Arena& arena) {
  const std::string_view text = text_at(lua, place);
  meter_of(lua).charge(text.size());
  meter_of(lua).take_out(text.size());
  return Value::string(copy(arena, text));
}

Value list_at(lua_State* lua, int place, std::size_t size, Arena& arena, int depth) {
  if (size > max_entries) luaL_error(lua, "list has more than %d elements", static_cast<int>(max_entries));
  meter_of(lua).charge(size * element_price);
  meter_of(lua).take_out(size * sizeof(Value));
  Value* values = allocate<Value>(arena, size);
  for (std::size_t i = 0; i < size; ++i) {
    lua_rawgeti(lua, place, static_cast<int>(i) + 1);
    new (&values[i]) Value(Bridge::value(lua, -1, arena, depth + 1));
    lua_pop(lua, 1);
  }
  return Value::list({values, size});
}

Value map_at(lua_State* lua, int place, Arena& arena, int depth) {
  std::size_t size = 0;
  for (lua_pushnil(lua); lua_next(lua, place) != 0; lua_pop(lua, 1)) ++size;
  if (size > max_entries) luaL_error(lua, "table has more than %d entries", static_cast<int>(max_entries));
  meter_of(lua).charge(size * element_price);
  meter_of(lua).take_out(size * sizeof(MapEntry));
  auto* entries = allocate<MapEntry>(arena, size + 1);
  std::size_t count = 0;
  for (lua_pushnil(lua); lua_next(lua, place) != 0; lua_pop(lua, 1)) {
    if (lua_type(lua, -2) != LUA_TSTRING) luaL_error(lua, "keys of a table must be text");
    const Value key = text_value(lua, -2, arena);
    new (&entries[count++]) MapEntry{key, Bridge::value(lua, -1, arena, depth + 1)};
  }
  return Value::map({entries, count});
}

/// request.headers["CF-IPCountry"]: the table's keys are as rules::header_key writes them.
int read_header(lua_State* lua) {
  if (lua_type(lua, 2) != LUA_TSTRING) return 0;
  const std::string key = header_key(text_at(lua, 2));
  lua_pushlstring(lua, key.data(), key.size());
  lua_rawget(lua, 1);
  return 1;
}

void let_names_have_any_case(lua_State* lua) {
  lua_newtable(lua);
  lua_pushcfunction(lua, read_header);
  lua_setfield(lua, -2, "__index");
  lua_setmetatable(lua, -2);
}

}  // namespace

void Bridge::push(lua_State* lua, const Value& value, int depth) {
  if (depth > max_value_nesting) luaL_error(lua, "attribute is nested too deeply");
  luaL_checkstack(lua, 4, nullptr);
  switch (value.kind()) {
    case Kind::boolean: lua_pushboolean(lua, value.as_bool()); break;
    case Kind::int64: lua_pushnumber(lua, static_cast<double>(value.as_int64())); break;
    case Kind::uint64: lua_pushnumber(lua, static_cast<double>(value.as_uint64())); break;
    case Kind::real: lua_pushnumber(lua, value.as_real()); break;
    case Kind::string:
    case Kind::bytes:
      meter_of(lua).charge(value.text().size());
      lua_pushlstring(lua, value.text().data(), value.text().size());
      break;
    case Kind::timestamp:
    case Kind::duration: lua_pushnumber(lua, static_cast<double>(value.seconds()) + value.nanos() / 1e9); break;
    case Kind::list: push_list(lua, value.as_list(), depth); break;
    case Kind::map: push_map(lua, value.as_map(), depth); break;
    default: lua_pushnil(lua);
  }
}

Value Bridge::value(lua_State* lua, int place, Arena& arena, int depth) {
  if (depth > max_value_nesting) luaL_error(lua, "table is nested too deeply");
  luaL_checkstack(lua, 4, nullptr);
  if (place < 0) place = lua_gettop(lua) + place + 1;
  switch (lua_type(lua, place)) {
    case LUA_TNIL: return Value();
    case LUA_TBOOLEAN: return Value::boolean(lua_toboolean(lua, place) != 0);
    case LUA_TNUMBER: {
      const double number = lua_tonumber(lua, place);
      const bool whole = number == std::trunc(number) && std::fabs(number) <= largest_exact;
      return whole ? Value::int64(static_cast<std::int64_t>(number)) : Value::real(number);
    }
    case LUA_TSTRING: return text_value(lua, place, arena);
    case LUA_TTABLE: {
      meter_of(lua).charge(table_price);
      const std::size_t size = lua_objlen(lua, place);
      return size > 0 ? list_at(lua, place, size, arena, depth) : map_at(lua, place, arena, depth);
    }
    default: break;
  }
  luaL_error(lua, "a %s cannot be a value", luaL_typename(lua, place));
  return Value();
}

int Bridge::read_attribute(lua_State* lua) {
  State& state = State::owner(lua);
  lua_pushvalue(lua, 2);
  lua_rawget(lua, lua_upvalueindex(1));
  if (lua_type(lua, -1) == LUA_TTABLE) return 1;
  if (lua_type(lua, -1) == LUA_TNUMBER) {
    if (!state.context_) return luaL_error(lua, "attributes are only known while a rule is evaluated");
    const auto id = static_cast<AttributeId>(lua_tonumber(lua, -1));
    push(lua, (*state.context_)[id]);
    if (state.schema_->find(Role::headers) == id && lua_istable(lua, -1)) let_names_have_any_case(lua);
    return 1;
  }
  state.unknown_attribute_ = true;
  const char* key = lua_type(lua, 2) == LUA_TSTRING ? lua_tostring(lua, 2) : luaL_typename(lua, 2);
  lua_pushvalue(lua, lua_upvalueindex(2));
  lua_pushstring(lua, key);
  lua_concat(lua, 2);
  {
    const std::string why = state.schema_->late(text_at(lua, -1));
    lua_pushlstring(lua, why.data(), why.size());
  }
  if (lua_objlen(lua, -1) > 0) return luaL_error(lua, "%s", lua_tostring(lua, -1));
  lua_pop(lua, 1);
  const std::string_view suggestion = state.schema_->suggestion(text_at(lua, -1));
  if (suggestion.empty()) return luaL_error(lua, "unknown attribute %s", lua_tostring(lua, -1));
  lua_pushlstring(lua, suggestion.data(), suggestion.size());
  return luaL_error(lua, "unknown attribute %s, did you mean %s?", lua_tostring(lua, -2), lua_tostring(lua, -1));
}

int Bridge::refuse_write(lua_State* lua) { return luaL_error(lua, "attributes cannot be changed"); }

// For every namespace, a table of its content (numbers of attributes, proxies of namespaces), and a proxy that
// looks there.
void Bridge::expose(lua_State* lua, State&, const Schema& schema) {
  const auto push_proxy = [lua](const std::string& prefix) {
    lua_newtable(lua);  // the proxy
    lua_newtable(lua);  // its metatable
    lua_newtable(lua);  // its content
    lua_pushvalue(lua, -1);
    lua_pushlstring(lua, prefix.data(), prefix.size());
    lua_pushcclosure(lua, read_attribute, 2);
    lua_setfield(lua, -3, "__index");
    lua_pushcfunction(lua, refuse_write);
    lua_setfield(lua, -3, "__newindex");
    lua_insert(lua, -3);  // content, proxy, metatable
    lua_setmetatable(lua, -2);
  };
  push_proxy("");  // content, proxy
  lua_rawseti(lua, LUA_REGISTRYINDEX, Sandbox::attributes);
  const int root = lua_gettop(lua);
  lua_newtable(lua);  // contents by prefix
  const int contents = lua_gettop(lua);
  for (AttributeId id = 0; id < schema.size(); ++id) {
    const std::string& name = schema[id].name;
    lua_pushvalue(lua, root);
    std::size_t begin = 0;
    for (std::size_t dot = name.find('.'); dot != std::string::npos; dot = name.find('.', begin)) {
      const std::string prefix = name.substr(0, dot + 1);
      lua_getfield(lua, contents, prefix.c_str());
      if (lua_isnil(lua, -1)) {
        lua_pop(lua, 1);
        push_proxy(prefix);  // parent, content, proxy
        lua_setfield(lua, -3, name.substr(begin, dot - begin).c_str());
        lua_pushvalue(lua, -1);
        lua_setfield(lua, contents, prefix.c_str());
      }
      lua_remove(lua, -2);
      begin = dot + 1;
    }
    lua_pushnumber(lua, id);
    lua_setfield(lua, -2, name.c_str() + begin);
    lua_pop(lua, 1);
  }
}

}  // namespace personalize::rules::lua
