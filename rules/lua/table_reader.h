// Tables in which a script describes itself.
#pragma once

#include <cstdint>
#include <lua.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rules/lua/script.h"

namespace personalize::rules::lua {

/// Reads the fields of a table on the stack. Mistakes are collected, not raised; what is read counts for the budget.
class TableReader {
 public:
  /// `what` is "a rule". `place`: of the table, from the stack's bottom. `line`: of mistakes.
  TableReader(lua_State* lua, std::string_view what, int place, std::uint32_t line, std::vector<Error>& errors)
      : lua_(lua), what_(what), place_(place), line_(line), errors_(errors) {}

  /// Reports fields of other names.
  void only(std::span<const std::string_view> names);
  void text(const char* field, std::string& out, bool required = false);
  void flag(const char* field, bool& out);
  void whole_number(const char* field, std::int32_t& out);
  void texts(const char* field, std::vector<std::string>& out);
  /// The actions, as in `do` of a rule file.
  void actions(const char* field, RuleDefinition& rule);
  /// Pushes the function, or nil. True if it is there.
  bool function(const char* field) { return push(field, LUA_TFUNCTION, "a function"); }
  /// Calls `use(key)`, with the value on top of the stack, for every field of the table in that field.
  template <typename Use>
  void each(const char* field, Use use) {
    if (push(field, LUA_TTABLE, "a table")) {
      const int table = lua_gettop(lua_);
      for (lua_pushnil(lua_); lua_next(lua_, table) != 0; lua_settop(lua_, table + 1)) {
        if (lua_type(lua_, table + 1) == LUA_TSTRING)
          use(text_at(table + 1));
        else
          fail(std::string(field) + " has named fields only");
      }
    }
    lua_pop(lua_, 1);
  }
  /// The text at a place of the stack, which must be text.
  std::string text_at(int place) const;

  /// Raises a Lua error if there are too many mistakes already.
  void fail(std::string message);
  lua_State* lua() const { return lua_; }

 private:
  bool push(const char* field, int type, const char* wanted);

  lua_State* lua_;
  std::string_view what_;
  int place_;
  std::uint32_t line_;
  std::vector<Error>& errors_;
};

/// `rule { … }` without its functions.
void read_rule(TableReader& table, RuleDefinition& rule);
/// `return { … }`: a provider.
void read_provider(TableReader& table, ProviderDefinition& provider);

}  // namespace personalize::rules::lua
