#include "rules/lua/table_reader.h"

#include <algorithm>
#include <cmath>

#include "rules/lua/action_tree.h"
#include "rules/lua/state.h"
#include "rules/spelling.h"

namespace personalize::rules::lua {
namespace {

constexpr std::string_view rule_fields[] = {"id",        "slot",     "priority", "enabled", "pages",
                                            "operation", "template", "actions",  "when",    "content"};
constexpr std::string_view provider_fields[] = {"name",          "options",         "attributes",    "configure",
                                                "needs",         "resolve",         "content_needs", "content",
                                                "check_content", "response_fields", "on_exposure",   "record"};

constexpr std::size_t max_mistakes = 100;

/// `"int"` or `{ "int", "what it means" }` on top of the stack.
void read_attribute(TableReader& table, std::string name, std::vector<ProviderDefinition::Attribute>& attributes) {
  lua_State* lua = table.lua();
  const int top = lua_gettop(lua);
  if (lua_istable(lua, top)) {
    lua_rawgeti(lua, top, 1);
    lua_rawgeti(lua, top, 2);
  }
  const int type = lua_istable(lua, top) ? top + 1 : top;
  if (lua_type(lua, type) != LUA_TSTRING)
    return table.fail("the type of attribute " + name + " must be text, such as \"int\"");
  ProviderDefinition::Attribute attribute{std::move(name), {}, {}};
  const std::string text = table.text_at(type);
  if (const auto parsed = parse_type(text))
    attribute.type = *parsed;
  else
    return table.fail("unknown type \"" + text.substr(0, 40) + "\" of attribute " + attribute.name);
  if (type != top && lua_type(lua, top + 2) == LUA_TSTRING) attribute.description = table.text_at(top + 2);
  attributes.push_back(std::move(attribute));
}

}  // namespace

std::string TableReader::text_at(int place) const {
  std::size_t size = 0;
  const char* text = lua_tolstring(lua_, place, &size);
  Meter& meter = State::owner(lua_).meter();
  meter.charge(size);
  meter.take_out(size + sizeof(std::string));
  return {text, size};
}

void TableReader::fail(std::string message) {
  errors_.push_back({line_, std::move(message)});
  if (errors_.size() >= max_mistakes) luaL_error(lua_, "there are too many mistakes");
}

void TableReader::only(std::span<const std::string_view> names) {
  for (lua_pushnil(lua_); lua_next(lua_, place_) != 0; lua_pop(lua_, 1)) {
    if (lua_type(lua_, -2) != LUA_TSTRING) {
      fail(std::string(what_) + " has named fields only, like " + std::string(names[0]) + " = \"…\"");
      continue;
    }
    const std::string field = text_at(-2);
    if (std::find(names.begin(), names.end(), field) != names.end()) continue;
    Nearest nearest(field);
    for (const std::string_view name : names) nearest.consider(name);
    fail("unknown field " + field.substr(0, 40) + " of " + std::string(what_) + nearest.hint());
  }
}

// Pushes a field. True if it is present and of that type.
bool TableReader::push(const char* field, int type, const char* wanted) {
  lua_pushstring(lua_, field);
  lua_rawget(lua_, place_);
  if (lua_type(lua_, -1) == type) return true;
  if (!lua_isnil(lua_, -1)) fail(std::string(field) + " must be " + wanted + ", not " + luaL_typename(lua_, -1));
  return false;
}

void TableReader::text(const char* field, std::string& out, bool required) {
  if (push(field, LUA_TSTRING, "text"))
    out = text_at(-1);
  else if (required && lua_isnil(lua_, -1))
    fail(std::string(what_) + " needs " + field);
  lua_pop(lua_, 1);
}

void TableReader::flag(const char* field, bool& out) {
  if (push(field, LUA_TBOOLEAN, "true or false")) out = lua_toboolean(lua_, -1) != 0;
  lua_pop(lua_, 1);
}

void TableReader::whole_number(const char* field, std::int32_t& out) {
  if (push(field, LUA_TNUMBER, "a number")) {
    const double number = lua_tonumber(lua_, -1);
    if (number != std::trunc(number) || std::fabs(number) > 1e9)
      fail(std::string(field) + " must be a whole number");
    else
      out = static_cast<std::int32_t>(number);
  }
  lua_pop(lua_, 1);
}

void TableReader::texts(const char* field, std::vector<std::string>& out) {
  lua_pushstring(lua_, field);
  lua_rawget(lua_, place_);
  if (lua_type(lua_, -1) == LUA_TSTRING) {
    out.push_back(text_at(-1));
  } else if (lua_istable(lua_, -1)) {
    for (int i = 1; i <= static_cast<int>(lua_objlen(lua_, -1)); ++i) {
      lua_rawgeti(lua_, -1, i);
      if (lua_type(lua_, -1) == LUA_TSTRING)
        out.push_back(text_at(-1));
      else
        fail(std::string(field) + " must be a list of strings");
      lua_pop(lua_, 1);
    }
  } else if (!lua_isnil(lua_, -1)) {
    fail(std::string(field) + " must be a list of strings");
  }
  lua_pop(lua_, 1);
}

void TableReader::actions(const char* field, RuleDefinition& rule) {
  if (push(field, LUA_TTABLE, "a table")) {
    rule.nodes = std::make_unique<std::deque<yaml::Node>>();
    if (auto actions = ActionTree::read(lua_, -1, *rule.nodes)) {
      rule.actions = *actions;
    } else {
      fail(std::move(actions.error()));
    }
  }
  lua_pop(lua_, 1);
}

void read_rule(TableReader& table, RuleDefinition& rule) {
  table.only(rule_fields);
  table.text("id", rule.id, true);
  table.text("slot", rule.slot, true);
  table.text("operation", rule.operation);
  table.text("template", rule.content_template);
  table.flag("enabled", rule.enabled);
  table.whole_number("priority", rule.priority);
  table.texts("pages", rule.pages);
  table.actions("actions", rule);
}

void read_provider(TableReader& table, ProviderDefinition& provider) {
  lua_State* lua = table.lua();
  table.only(provider_fields);
  table.text("name", provider.name, true);
  table.each("options", [&](std::string name) {
    if (lua_isstring(lua, -1))
      provider.options.emplace_back(std::move(name), table.text_at(-1));
    else
      table.fail("option " + name + " must be text or a number");
  });
  table.each("attributes", [&](std::string name) { read_attribute(table, std::move(name), provider.attributes); });
  std::sort(provider.attributes.begin(), provider.attributes.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  provider.configures = table.function("configure");
  provider.needs = table.function("needs");
  provider.records = table.function("record");
  provider.observes_exposures = table.function("on_exposure");
  provider.adds_response_fields = table.function("response_fields");
  provider.checks_content = table.function("check_content");
  provider.content_needs = table.function("content_needs");
  provider.provides_content = table.function("content");
  if (provider.content_needs && !provider.provides_content) table.fail("content_needs needs content");
  if (provider.checks_content && !provider.provides_content) table.fail("check_content needs content");
  if (!table.function("resolve") && !provider.attributes.empty()) table.fail("a provider needs resolve");
  lua_pop(lua, 9);
}

}  // namespace personalize::rules::lua
