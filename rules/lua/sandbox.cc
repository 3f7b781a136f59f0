#include "rules/lua/sandbox.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "rules/lua/action_tree.h"
#include "rules/lua/state.h"
#include "rules/lua/table_functions.h"
#include "rules/lua/table_reader.h"

namespace personalize::rules::lua {
namespace {

constexpr const char* globals[] = {"assert",   "error", "ipairs", "next",   "pairs", "select", "tonumber",
                                   "tostring", "type",  "unpack", "string", "table", "math",   "bit"};
constexpr const char* string_functions[] = {"byte", "char", "format", "len", "lower", "rep", "reverse", "sub", "upper"};
constexpr const char* table_functions[] = {"concat", "remove"};
constexpr const char* math_functions[] = {"abs",  "ceil", "floor", "fmod", "huge",  "max", "min",
                                          "modf", "pow",  "sqrt",  "log",  "log10", "exp", "pi"};

std::string_view argument(lua_State* lua, int place) {
  std::size_t size = 0;
  const char* text = luaL_checklstring(lua, place, &size);
  return {text, size};
}

// A match of at most this many steps, each a byte of the text in an instruction of the compiled pattern, is charged
// by the usual cost …
constexpr std::size_t max_short_match = 1'000'000;
// … and a longer one by the highest: this much where the automaton has too many states to be kept.
constexpr std::size_t max_step_price = 8;

// In overlapping pieces, because a byte of the worst text takes some 14 ns.
std::size_t find_in_pieces(std::string_view text, std::string_view needle, Meter& meter) {
  const std::size_t piece = std::max<std::size_t>(64 * 1024, 2 * needle.size());
  for (std::size_t at = 0; at + needle.size() <= text.size(); at += piece - needle.size() + 1) {
    const std::string_view part = text.substr(at, piece);
    meter.charge(part.size());
    if (const void* found = memmem(part.data(), part.size(), needle.data(), needle.size()))
      return static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
  }
  return std::string_view::npos;
}

std::uint32_t line_of_call(lua_State* lua) {
  lua_Debug record;
  const bool known = lua_getstack(lua, 1, &record) && lua_getinfo(lua, "l", &record) && record.currentline > 0;
  return known ? static_cast<std::uint32_t>(record.currentline) : 1;
}

// string.find(text, needle): plain text, because patterns may take exponential time.
int find(lua_State* lua) {
  const std::string_view text = argument(lua, 1);
  const std::string_view needle = argument(lua, 2);
  const std::size_t found = find_in_pieces(text, needle, State::owner(lua).meter());
  if (found == std::string_view::npos) return 0;
  lua_pushinteger(lua, static_cast<lua_Integer>(found + 1));
  lua_pushinteger(lua, static_cast<lua_Integer>(found + needle.size()));
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

Sandbox::Match Sandbox::match(lua_State* lua, std::string_view text, std::string_view pattern) {
  State& state = State::owner(lua);
  const RE2* regex = state.pattern(pattern);
  if (!regex) return Match::malformed;
  const std::size_t steps = text.size() * static_cast<std::size_t>(regex->ProgramSize());
  state.meter().charge(steps <= max_short_match ? steps : steps * max_step_price);
  const bool found = RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *regex);
  state.meter().check_time();
  return found ? Match::yes : Match::no;
}

int Sandbox::rule(lua_State* lua) {
  State& state = State::owner(lua);
  if (!state.definitions_) return luaL_error(lua, "rule() can only be called while the file is loaded");
  luaL_checktype(lua, 1, LUA_TTABLE);
  std::vector<RuleDefinition>& rules = state.definitions_->rules;
  if (rules.size() >= max_rules) return luaL_error(lua, "too many rules in one file");
  RuleDefinition& rule = rules.emplace_back();
  rule.line = line_of_call(lua);
  TableReader table(lua, "a rule", 1, rule.line, *state.errors_);
  read_rule(table, rule);
  rule.has_condition = table.function("when");
  if (rule.has_condition) store(lua, conditions, rules.size());
  rule.has_content = table.function("content");
  if (rule.has_content) store(lua, contents, rules.size());
  rule.shows_content = rule.content_template.empty() && rule.has_content && !rule.actions;
  if (rule.shows_content) rule.content_template = "{{content}}";
  return 0;
}

/// `event { … }` and `fact { … }`, whose upvalue tells which.
int Sandbox::record(lua_State* lua) {
  State& state = State::owner(lua);
  const bool is_fact = lua_toboolean(lua, lua_upvalueindex(1)) != 0;
  const char* what = is_fact ? "fact" : "event";
  if (!state.definitions_) return luaL_error(lua, "%s() can only be called while the file is loaded", what);
  luaL_checktype(lua, 1, LUA_TTABLE);
  std::deque<RecordDefinition>& records = state.definitions_->records;
  if (records.size() >= max_rules) return luaL_error(lua, "too many events and facts in one file");
  RecordDefinition& definition = records.emplace_back();
  definition.is_fact = is_fact;
  definition.line = line_of_call(lua);
  TableReader table(lua, is_fact ? "a fact" : "an event", 1, definition.line, *state.errors_);
  definition.name.kind = yaml::Node::Kind::scalar;
  table.text("name", definition.name.text, true);
  if (auto fields = ActionTree::read(lua, 1, definition.nodes, is_fact ? "facts" : "events")) {
    definition.fields = *fields;
    std::erase_if(definition.nodes.front().entries, [](const auto& entry) { return entry.first->text == "name"; });
  } else {
    table.fail(std::move(fields.error()));
  }
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
  lua_getglobal(lua, "table");
  lua_pushcfunction(lua, sort);
  lua_setfield(lua, -2, "sort");
  lua_pushcfunction(lua, insert);
  lua_setfield(lua, -2, "insert");
  lua_pop(lua, 1);
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
  for (const bool is_fact : {false, true}) {
    lua_pushboolean(lua, is_fact);
    lua_pushcclosure(lua, record, 1);
    lua_setfield(lua, -2, is_fact ? "fact" : "event");
  }
  lua_rawseti(lua, LUA_REGISTRYINDEX, environment);
  for (const int place : {conditions, contents}) {
    lua_newtable(lua);
    lua_rawseti(lua, LUA_REGISTRYINDEX, place);
  }
}

}  // namespace personalize::rules::lua
