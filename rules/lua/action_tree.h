// `actions` of a rule in Lua, events and facts, as the tree that a rule file would be read into.
#pragma once

#include <deque>
#include <lua.hpp>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "rules/yaml/document.h"

namespace personalize::rules::lua {

class ActionTree {
 public:
  /// The value at a place of the stack, or why a rule file could not hold it; its nodes go to `nodes`, the value first.
  /// `what`: for messages, "actions". Raises Lua errors.
  static tl::expected<const yaml::Node*, std::string> read(lua_State* lua, int place, std::deque<yaml::Node>& nodes,
                                                           std::string_view what = "actions");

 private:
  ActionTree(lua_State* lua, std::deque<yaml::Node>& nodes, std::string_view what)
      : lua_(lua), nodes_(nodes), what_(what) {}
  const yaml::Node* value(int place, int depth);
  const yaml::Node* list(int place, std::size_t size, int depth);
  const yaml::Node* map(int place, int depth);
  const yaml::Node* scalar(std::string text);
  const yaml::Node* refuse(std::string problem);

  lua_State* lua_;
  std::deque<yaml::Node>& nodes_;
  std::string_view what_;
  std::string problem_;
};

}  // namespace personalize::rules::lua
