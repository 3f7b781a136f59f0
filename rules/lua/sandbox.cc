#include "rules/lua/sandbox.h"

#include <cmath>
#include <cstring>
#include <string>

#include "rules/lua/state.h"
#include "rules/spelling.h"

namespace personalize::rules::lua {
namespace {

constexpr const char* globals[] = {"assert",   "error", "ipairs", "next",   "pairs", "select", "tonumber",
                                   "tostring", "type",  "unpack", "string", "table", "math",   "bit"};
constexpr const char* string_functions[] = {"byte", "char",    "format", "len",  "lower",
                                            "rep",  "reverse", "sub",    "upper"};
constexpr const char* table_functions[] = {"concat", "insert", "remove", "sort"};
constexpr const char* math_functions[] = {"abs",  "ceil", "floor", "fmod", "huge",  "max", "min",
                                          "modf", "pow",  "sqrt",  "log",  "log10", "exp", "pi"};
constexpr std::string_view rule_fields[] = {"id",        "slot", "priority", "enabled", "pages",
                                            "operation", "template", "when",    "content"};

std::string_view argument(lua_State* lua, int place) {
  std::size_t size = 0;
  const char* text = luaL_checklstring(lua, place, &size);
  return {text, size};
}

// string.find(text, needle): plain text, because patterns may take exponential time.
int find(lua_State* lua) {
  const std::string_view text = argument(lua, 1);
  const std::string_view needle = argument(lua, 2);
  const void* found =
      needle.empty() ? text.data() : memmem(text.data(), text.size(), needle.data(), needle.size());
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

// Reads the fields of a rule's table, which is the first argument. Mistakes are collected, not raised.
class RuleReader {
 public:
  RuleReader(lua_State* lua, RuleDefinition& rule, std::vector<Error>& errors)
      : lua_(lua), rule_(rule), errors_(errors) {}

  void read() {
    check_fields();
    text("id", rule_.id, true);
    text("slot", rule_.slot, true);
    text("operation", rule_.operation, false);
    text("template", rule_.content_template, false);
    if (push("enabled", LUA_TBOOLEAN, "true or false")) rule_.enabled = lua_toboolean(lua_, -1) != 0;
    lua_pop(lua_, 1);
    priority();
    pages();
  }

  /// Pushes the function, or nil.
  bool function(const char* field) { return push(field, LUA_TFUNCTION, "a function"); }

  void fail(std::string message) { errors_.push_back({rule_.line, std::move(message)}); }

 private:
  void check_fields() {
    for (lua_pushnil(lua_); lua_next(lua_, 1) != 0; lua_pop(lua_, 1)) {
      if (lua_type(lua_, -2) != LUA_TSTRING) {
        fail("a rule has named fields only, like id = \"…\"");
        continue;
      }
      const std::string_view field = lua_tostring(lua_, -2);
      Nearest nearest(field);
      bool known = false;
      for (const std::string_view name : rule_fields) {
        known = known || name == field;
        nearest.consider(name);
      }
      if (!known) fail("unknown field " + std::string(field.substr(0, 40)) + " of a rule" + nearest.hint());
    }
  }

  // Pushes a field. True if it is there and of the type.
  bool push(const char* field, int type, const char* wanted) {
    lua_pushstring(lua_, field);
    lua_rawget(lua_, 1);
    if (lua_type(lua_, -1) == type) return true;
    if (!lua_isnil(lua_, -1))
      fail(std::string(field) + " must be " + wanted + ", not " + luaL_typename(lua_, -1));
    return false;
  }

  void text(const char* field, std::string& out, bool required) {
    lua_pushstring(lua_, field);
    lua_rawget(lua_, 1);
    if (required && lua_isnil(lua_, -1)) fail("a rule needs " + std::string(field));
    lua_pop(lua_, 1);
    if (push(field, LUA_TSTRING, "text")) out = argument(lua_, -1);
    lua_pop(lua_, 1);
  }

  void priority() {
    if (push("priority", LUA_TNUMBER, "a number")) {
      const double number = lua_tonumber(lua_, -1);
      if (number != std::trunc(number) || std::fabs(number) > 1e9)
        fail("priority must be a whole number");
      else
        rule_.priority = static_cast<std::int32_t>(number);
    }
    lua_pop(lua_, 1);
  }

  void pages() {
    lua_pushstring(lua_, "pages");
    lua_rawget(lua_, 1);
    if (lua_type(lua_, -1) == LUA_TSTRING) {
      rule_.pages.emplace_back(argument(lua_, -1));
    } else if (lua_istable(lua_, -1)) {
      for (int i = 1; i <= static_cast<int>(lua_objlen(lua_, -1)); ++i) {
        lua_rawgeti(lua_, -1, i);
        if (lua_type(lua_, -1) == LUA_TSTRING)
          rule_.pages.emplace_back(argument(lua_, -1));
        else
          fail("pages must be a list of texts");
        lua_pop(lua_, 1);
      }
    } else if (!lua_isnil(lua_, -1)) {
      fail("pages must be a list of texts");
    }
    lua_pop(lua_, 1);
  }

  lua_State* lua_;
  RuleDefinition& rule_;
  std::vector<Error>& errors_;
};

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
  if (!state.rules_) return luaL_error(lua, "rule() is only for while the file is loaded");
  luaL_checktype(lua, 1, LUA_TTABLE);
  if (state.rules_->size() >= most_rules) return luaL_error(lua, "too many rules in one file");
  RuleDefinition& rule = state.rules_->emplace_back();
  lua_Debug record;
  if (lua_getstack(lua, 1, &record) && lua_getinfo(lua, "l", &record) && record.currentline > 0) {
    rule.line = static_cast<std::uint32_t>(record.currentline);
  }
  RuleReader reader(lua, rule, *state.errors_);
  reader.read();
  rule.has_condition = reader.function("when");
  if (rule.has_condition) store(lua, conditions, state.rules_->size());
  rule.has_content = reader.function("content");
  if (rule.has_content) store(lua, contents, state.rules_->size());
  if (rule.content_template.empty() && rule.has_content) rule.content_template = "{{content}}";
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
