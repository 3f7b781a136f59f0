#include "rules/lua/sandbox.h"

#include <cstring>
#include <string>

#include "rules/lua/state.h"
#include "rules/lua/table_reader.h"

namespace personalize::rules::lua {
namespace {

constexpr const char* globals[] = {"assert",   "error", "ipairs", "next",   "pairs", "select", "tonumber",
                                   "tostring", "type",  "unpack", "string", "table", "math",   "bit"};
constexpr const char* string_functions[] = {"byte", "char", "format", "len", "lower", "rep", "reverse", "sub", "upper"};
constexpr const char* table_functions[] = {"concat", "insert", "remove", "sort"};
constexpr const char* math_functions[] = {"abs",  "ceil", "floor", "fmod", "huge",  "max", "min",
                                          "modf", "pow",  "sqrt",  "log",  "log10", "exp", "pi"};

std::string_view argument(lua_State* lua, int place) {
  std::size_t size = 0;
  const char* text = luaL_checklstring(lua, place, &size);
  return {text, size};
}

// string.find(text, needle): plain text, because patterns may take exponential time.
int find(lua_State* lua) {
  const std::string_view text = argument(lua, 1);
  const std::string_view needle = argument(lua, 2);
  const void* found = needle.empty() ? text.data() : memmem(text.data(), text.size(), needle.data(), needle.size());
  if (!found) return 0;
  const auto begin = static_cast<const char*>(found) - text.data();
  lua_pushinteger(lua, begin + 1);
  lua_pushinteger(lua, begin + static_cast<std::ptrdiff_t>(needle.size()));
  return 2;
}

void open_library(lua_State* lua, const char* name, lua_CFunction open) {
  lua_pushcfunction(lua, open);
  lua_pushstring(lua, name);
  lua_call(lua, 1, 0);
}

// Leaves only some functions in a global table.
template <std::size_t count>
void keep(lua_State* lua, const char* library, const char* const (&names)[count]) {
  lua_getglobal(lua, library);
  lua_createtable(lua, 0, static_cast<int>(count));
  for (const char* name : names) {
    lua_getfield(lua, -2, name);
    lua_setfield(lua, -2, name);
  }
  lua_remove(lua, -2);
  lua_setglobal(lua, library);
}

// matches(text, pattern): RE2, as in CEL.
int matches(lua_State* lua) {
  const std::string_view text = argument(lua, 1);
  const std::string_view pattern = argument(lua, 2);
  const Sandbox::Match found = Sandbox::match(lua, text, pattern);
  if (found == Sandbox::Match::malformed) return luaL_error(lua, "malformed regular expression");
  lua_pushboolean(lua, found == Sandbox::Match::yes);
  return 1;
}

void store(lua_State* lua, int place, std::size_t number) {
  lua_rawgeti(lua, LUA_REGISTRYINDEX, place);
  lua_insert(lua, -2);
  lua_rawseti(lua, -2, static_cast<int>(number));
  lua_pop(lua, 1);
}

}  // namespace

// Apart from `matches`, so that its objects are gone before an error is raised.
Sandbox::Match Sandbox::match(lua_State* lua, std::string_view text, std::string_view pattern) {
  std::string error;
  const RE2* regex = State::owner(lua).pattern(pattern, error);
  if (!regex) return Match::malformed;
  return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *regex) ? Match::yes : Match::no;
}

int Sandbox::rule(lua_State* lua) {
  State& state = State::owner(lua);
  if (!state.rules_) return luaL_error(lua, "rule() can only be called while the file is loaded");
  luaL_checktype(lua, 1, LUA_TTABLE);
  if (state.rules_->size() >= most_rules) return luaL_error(lua, "too many rules in one file");
  RuleDefinition& rule = state.rules_->emplace_back();
  lua_Debug record;
  if (lua_getstack(lua, 1, &record) && lua_getinfo(lua, "l", &record) && record.currentline > 0) {
    rule.line = static_cast<std::uint32_t>(record.currentline);
  }
  TableReader table(lua, "a rule", 1, rule.line, *state.errors_);
  read_rule(table, rule);
  rule.has_condition = table.function("when");
  if (rule.has_condition) store(lua, conditions, state.rules_->size());
  rule.has_content = table.function("content");
  if (rule.has_content) store(lua, contents, state.rules_->size());
  if (rule.content_template.empty() && rule.has_content && !rule.actions) rule.content_template = "{{content}}";
  return 0;
}

void Sandbox::open(lua_State* lua, State&) {
  open_library(lua, "", luaopen_base);
  open_library(lua, LUA_STRLIBNAME, luaopen_string);
  open_library(lua, LUA_TABLIBNAME, luaopen_table);
  open_library(lua, LUA_MATHLIBNAME, luaopen_math);
  open_library(lua, LUA_BITLIBNAME, luaopen_bit);
  keep(lua, "string", string_functions);
  keep(lua, "table", table_functions);
  keep(lua, "math", math_functions);
  lua_getglobal(lua, "string");
  lua_pushcfunction(lua, find);
  lua_setfield(lua, -2, "find");
  // Methods of texts, ("x"):upper(), are looked up in the same table.
  lua_pushliteral(lua, "");
  lua_createtable(lua, 0, 1);
  lua_pushvalue(lua, -3);
  lua_setfield(lua, -2, "__index");
  lua_setmetatable(lua, -2);
  lua_pop(lua, 2);

  lua_createtable(lua, 0, 32);
  for (const char* name : globals) {
    lua_getglobal(lua, name);
    lua_setfield(lua, -2, name);
  }
  lua_pushcfunction(lua, matches);
  lua_setfield(lua, -2, "matches");
  lua_pushcfunction(lua, rule);
  lua_setfield(lua, -2, "rule");
  lua_rawseti(lua, LUA_REGISTRYINDEX, environment);
  for (const int place : {conditions, contents}) {
    lua_newtable(lua);
    lua_rawseti(lua, LUA_REGISTRYINDEX, place);
  }
}

}  // namespace personalize::rules::lua
