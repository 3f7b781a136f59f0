#include "rules/lua/table_functions.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "rules/lua/state.h"

namespace personalize::rules::lua {
namespace {

// Reading two elements and comparing them, without the bytes of texts.
constexpr std::size_t bytes_per_comparison = 16;
constexpr std::size_t bytes_per_move = 16;
// As deep as Lua itself lets functions in C call each other. An error takes time with the square of the depth.
constexpr int max_sort_nesting = 200;

/// Quicksort with the median of three as the pivot. Nothing in it runs instructions of the script, unless the script
/// passed a comparison function, so it charges for every comparison.
class Sort {
 public:
  explicit Sort(lua_State* lua)
      : lua_(lua), meter_(State::owner(lua).meter()), compares_itself_(!lua_isnil(lua, order)) {
    // A C function runs no instructions either, and may take any time.
    price_ = lua_iscfunction(lua, order) ? Meter::max_debt : bytes_per_comparison;
  }

  void run(int first, int last) {
    while (first < last) {
      put_in_order(first, last);
      if (last - first == 1) return;
      const int middle = first + (last - first) / 2;
      if (comes_before(middle, first))
        exchange(middle, first);
      else
        put_in_order(middle, last);
      if (last - first == 2) return;
      const auto [left, right] = partition(first, middle, last);
      // The smaller part at once, so that the depth is the logarithm of the length.
      if (left - first < last - left) {
        run(first, right);
        first = left + 1;
      } else {
        run(left + 1, last);
        last = right;
      }
    }
  }

 private:
  static constexpr int list = 1, order = 2;  // places on the stack

  struct Parts {
    int left;   // where the pivot is
    int right;  // before it
  };
  Parts partition(int first, int middle, int last) {
    lua_rawgeti(lua_, list, middle);
    const int pivot = lua_gettop(lua_);
    exchange(middle, last - 1);
    int left = first, right = last - 1;
    while (true) {
      while (lua_rawgeti(lua_, list, ++left), comes_before_on_stack(-1, pivot)) {
        if (left >= last) luaL_error(lua_, "invalid order function for sorting");
        lua_pop(lua_, 1);
      }
      while (lua_rawgeti(lua_, list, --right), comes_before_on_stack(pivot, -1)) {
        if (right <= first) luaL_error(lua_, "invalid order function for sorting");
        lua_pop(lua_, 1);
      }
      lua_settop(lua_, pivot);
      if (right < left) break;
      exchange(left, right);
    }
    lua_settop(lua_, pivot - 1);
    exchange(last - 1, left);
    return {left, left - 1};
  }

  void put_in_order(int first, int second) {
    if (comes_before(second, first)) exchange(first, second);
  }

  void exchange(int a, int b) {
    lua_rawgeti(lua_, list, a);
    lua_rawgeti(lua_, list, b);
    lua_rawseti(lua_, list, a);
    lua_rawseti(lua_, list, b);
  }

  bool comes_before(int a, int b) {
    lua_rawgeti(lua_, list, a);
    lua_rawgeti(lua_, list, b);
    const bool result = comes_before_on_stack(-2, -1);
    lua_pop(lua_, 2);
    return result;
  }

  bool comes_before_on_stack(int a, int b) {
    meter_.charge(price_);
    const int top = lua_gettop(lua_);
    if (a < 0) a += top + 1;
    if (b < 0) b += top + 1;
    if (compares_itself_) {
      lua_pushvalue(lua_, order);
      lua_pushvalue(lua_, a);
      lua_pushvalue(lua_, b);
      lua_call(lua_, 2, 1);
      const bool result = lua_toboolean(lua_, -1) != 0;
      lua_pop(lua_, 1);
      return result;
    }
    if (lua_type(lua_, a) == LUA_TSTRING && lua_type(lua_, b) == LUA_TSTRING) return text_comes_before(a, b);
    return lua_lessthan(lua_, a, b) != 0;
  }

  bool text_comes_before(int a, int b) {
    constexpr std::size_t piece = 4096;
    const std::string_view left = text_at(a), right = text_at(b);
    if (left.data() == right.data()) return false;  // equal texts are interned
    const std::size_t size = std::min(left.size(), right.size());
    for (std::size_t at = 0; at < size; at += piece) {
      const std::size_t part = std::min(piece, size - at);
      meter_.charge(part);
      if (const int order = std::memcmp(left.data() + at, right.data() + at, part); order != 0) return order < 0;
    }
    return left.size() < right.size();
  }

  std::string_view text_at(int place) const {
    std::size_t size = 0;
    const char* text = lua_tolstring(lua_, place, &size);
    return {text, size};
  }

  lua_State* lua_;
  Meter& meter_;
  bool compares_itself_;  // the script passed a function
  std::size_t price_;     // of a comparison
};

}  // namespace

int sort(lua_State* lua) {
  luaL_checktype(lua, 1, LUA_TTABLE);
  lua_settop(lua, 2);
  if (!lua_isnil(lua, 2)) luaL_checktype(lua, 2, LUA_TFUNCTION);
  luaL_checkstack(lua, 40, "");
  const State::Nesting nesting(State::owner(lua));
  if (nesting.depth() > max_sort_nesting) luaL_error(lua, "table.sort is nested too deeply");
  Sort(lua).run(1, static_cast<int>(lua_objlen(lua, 1)));
  return 0;
}

// Lua accepts a position far before the list, and moves everything from there on.
int insert(lua_State* lua) {
  luaL_checktype(lua, 1, LUA_TTABLE);
  Meter& meter = State::owner(lua).meter();
  int place = static_cast<int>(lua_objlen(lua, 1)) + 1;
  const int arguments = lua_gettop(lua);
  if (arguments == 3) {
    const int position = luaL_checkint(lua, 2);
    for (; place > position; --place) {
      meter.charge(bytes_per_move);
      lua_rawgeti(lua, 1, place - 1);
      lua_rawseti(lua, 1, place);
    }
    place = position;
  } else if (arguments != 2) {
    luaL_error(lua, "wrong number of arguments to 'insert'");
  }
  lua_rawseti(lua, 1, place);
  return 0;
}

}  // namespace personalize::rules::lua
