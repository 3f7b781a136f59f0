#include "rules/lua/action_tree.h"

#include <algorithm>
#include <utility>

#include "rules/lua/state.h"

namespace personalize::rules::lua {
namespace {

constexpr int deepest = 8;
constexpr std::size_t max_nodes = 10'000;

}  // namespace

tl::expected<const yaml::Node*, std::string> ActionTree::read(lua_State* lua, int place, std::deque<yaml::Node>& nodes,
                                                              std::string_view what) {
  if (place < 0) place = lua_gettop(lua) + place + 1;
  ActionTree tree(lua, nodes, what);
  const yaml::Node* root = tree.value(place, 0);
  if (!tree.problem_.empty()) return tl::unexpected(std::move(tree.problem_));
  return root;
}

const yaml::Node* ActionTree::refuse(std::string problem) {
  if (problem_.empty()) problem_ = std::move(problem);
  return nullptr;
}

const yaml::Node* ActionTree::scalar(std::string text) {
  Meter& meter = State::owner(lua_).meter();
  meter.charge(text.size());
  meter.take_out(text.size() + sizeof(yaml::Node));
  yaml::Node& node = nodes_.emplace_back();
  node.kind = yaml::Node::Kind::scalar;
  node.text = std::move(text);
  return &node;
}

const yaml::Node* ActionTree::value(int place, int depth) {
  if (depth > deepest) return refuse(std::string(what_) + " are nested too deeply");
  if (nodes_.size() >= max_nodes) return refuse("there are too many " + std::string(what_));
  State::owner(lua_).meter().charge(Meter::bytes_per_instruction);
  luaL_checkstack(lua_, 4, nullptr);
  switch (lua_type(lua_, place)) {
    case LUA_TBOOLEAN: return scalar(lua_toboolean(lua_, place) ? "true" : "false");
    case LUA_TNUMBER:
    case LUA_TSTRING: {
      lua_pushvalue(lua_, place);  // a number would become text in place
      std::size_t size = 0;
      const char* text = lua_tolstring(lua_, -1, &size);
      const yaml::Node* node = scalar({text, size});
      lua_pop(lua_, 1);
      return node;
    }
    case LUA_TTABLE: {
      const std::size_t size = lua_objlen(lua_, place);
      return size > 0 ? list(place, size, depth) : map(place, depth);
    }
    default: return refuse(std::string("a ") + luaL_typename(lua_, place) + " is not allowed in " + std::string(what_));
  }
}

const yaml::Node* ActionTree::list(int place, std::size_t size, int depth) {
  yaml::Node& node = nodes_.emplace_back();
  node.kind = yaml::Node::Kind::list;
  for (std::size_t i = 1; i <= size && problem_.empty(); ++i) {
    lua_rawgeti(lua_, place, static_cast<int>(i));
    node.items.push_back(value(lua_gettop(lua_), depth + 1));
    lua_pop(lua_, 1);
  }
  return &node;
}

// A table has no order: sorted by name, so that the same file always means the same.
const yaml::Node* ActionTree::map(int place, int depth) {
  yaml::Node& node = nodes_.emplace_back();
  node.kind = yaml::Node::Kind::map;
  for (lua_pushnil(lua_); lua_next(lua_, place) != 0; lua_pop(lua_, 1)) {
    if (lua_type(lua_, -2) != LUA_TSTRING) {
      lua_pop(lua_, 2);
      return refuse(what_ == "actions" ? "an action has named fields, like inner = \"…\""
                                       : std::string(what_) + " have named fields");
    }
    std::size_t size = 0;
    const char* name = lua_tolstring(lua_, -2, &size);
    const yaml::Node* key = scalar({name, size});
    node.entries.emplace_back(key, value(lua_gettop(lua_), depth + 1));
  }
  std::sort(node.entries.begin(), node.entries.end(),
            [](const auto& a, const auto& b) { return a.first->text < b.first->text; });
  return &node;
}

}  // namespace personalize::rules::lua
