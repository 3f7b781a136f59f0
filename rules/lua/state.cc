#include "rules/lua/state.h"

#include <algorithm>
#include <charconv>

#include "rules/lua/bridge.h"
#include "rules/lua/sandbox.h"
#include "rules/lua/table_reader.h"

namespace personalize::rules::lua {
namespace {

// One name for all files, because Lua shortens long ones; the caller adds the real one to messages.
constexpr char chunk_name[] = "@script";
constexpr std::string_view place_prefix = "script:";

// The file is handed to the parser in pieces: its work is not counted, and it can be slow, looking up a name in all
// functions around it for example.
struct Source {
  std::string_view rest;
  Meter& meter;

  static const char* next(lua_State*, void* self, std::size_t* size) {
    constexpr std::size_t piece = 256;
    auto& [rest, meter] = *static_cast<Source*>(self);
    meter.check_time();
    *size = std::min(piece, rest.size());
    const char* begin = rest.data();
    rest.remove_prefix(*size);
    return begin;
  }
};

constexpr std::size_t max_patterns = 64;
// Unicode classes and repetitions in one pattern. Each may take a tenth of a millisecond, mostly to find out that the
// pattern is too large.
constexpr std::size_t max_expansions = 256;

std::size_t expansions(std::string_view pattern) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < pattern.size(); ++i)
    if (pattern[i] == '{' || (pattern[i] == '\\' && i + 1 < pattern.size() && (pattern[i + 1] | 0x20) == 'p')) ++count;
  return count;
}

}  // namespace

State::State(const Budget& budget) : meter_(budget), lua_(lua_newstate(allocate, this)) {}

State::~State() {
  if (lua_) lua_close(lua_);
}

State& State::owner(lua_State* lua) {
  void* self = nullptr;
  lua_getallocf(lua, &self);
  return *static_cast<State*>(self);
}

const RE2* State::pattern(std::string_view text) {
  const auto known = patterns_.find(text);
  if (known != patterns_.end()) return known->second.get();
  if (text.size() > cel::max_pattern || expansions(text) > max_expansions) return nullptr;
  meter_.charge(text.size() * 64 + expansions(text) * 8192);
  auto regex = cel::compile_regex(text);
  if (patterns_.size() >= max_patterns) patterns_.clear();
  const RE2* result = patterns_.emplace(text, regex ? *std::move(regex) : nullptr).first->second.get();
  meter_.check_time();
  return result;
}

void* State::allocate(void* self, void* block, std::size_t old_size, std::size_t new_size) {
  return static_cast<State*>(self)->meter_.allocate(block, old_size, new_size);
}

void State::count(lua_State* lua, lua_Debug*) { owner(lua).meter_.count(); }

// All Lua runs in here: an unprotected error ends the process.
template <typename Body>
State::Outcome State::protect(Body body) {
  if (!lua_) return {true, true, false, "not enough memory", 1};
  meter_.begin();
  unknown_attribute_ = false;
  const auto run = [](lua_State* lua) {
    (*static_cast<Body*>(lua_touserdata(lua, 1)))(lua);
    return 0;
  };
  const int status = lua_cpcall(lua_, run, &body);
  Outcome result = outcome(status);
  lua_settop(lua_, 0);
  return result;
}

// The error message on the stack, taken apart: "script:12: message".
State::Outcome State::outcome(int status) {
  Outcome result;
  if (status == 0) return result;
  result.failed = true;
  result.overrun = meter_.overrun() || status == LUA_ERRMEM;
  result.unknown_attribute = unknown_attribute_;
  std::size_t size = 0;
  const char* text = lua_type(lua_, -1) == LUA_TSTRING ? lua_tolstring(lua_, -1, &size) : nullptr;
  std::string_view message = text ? std::string_view(text, size) : "failed without a message";
  if (status == LUA_ERRMEM) message = "uses too much memory";
  if (message.starts_with(place_prefix)) {
    const std::string_view rest = message.substr(place_prefix.size());
    std::uint32_t line = 1;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), line);
    const std::size_t digits = static_cast<std::size_t>(end - rest.data());
    if (error == std::errc() && rest.substr(digits).starts_with(": ")) {
      result.line = line;
      message = rest.substr(digits + 2);
    }
  }
  result.message = message.substr(0, 400);
  return result;
}

State::Outcome State::run(std::string_view source, const Definitions& definitions, std::vector<Error>& errors) {
  definitions_ = &definitions;
  errors_ = &errors;
  const auto body = [&](lua_State* lua) {
    luaJIT_setmode(lua, 0, LUAJIT_MODE_ENGINE | LUAJIT_MODE_OFF);
    meter_.attach(lua, count);
    Sandbox::open(lua, *this);
    // "t": text only. Lua does not verify bytecode.
    Source text{source, meter_};
    if (lua_loadx(lua, Source::next, &text, chunk_name, "t") != 0) lua_error(lua);
    lua_rawgeti(lua, LUA_REGISTRYINDEX, Sandbox::environment);
    lua_setfenv(lua, -2);
    lua_call(lua, 0, 1);
    if (lua_isnil(lua, -1)) return;
    if (!lua_istable(lua, -1)) luaL_error(lua, "a file must return a table or nothing, not %s", luaL_typename(lua, -1));
    TableReader table(lua, "a provider", lua_gettop(lua), 1, errors);
    read_provider(table, definitions.provider.emplace());
    lua_rawseti(lua, LUA_REGISTRYINDEX, Sandbox::provider);
  };
  Outcome result = protect(body);
  definitions_ = nullptr;
  errors_ = nullptr;
  return result;
}

State::Outcome State::bind(const Schema& schema) {
  schema_ = &schema;
  return protect([&](lua_State* lua) { Bridge::expose(lua, *this, schema); });
}

State::Outcome State::call(bool condition, std::size_t rule, const Context& context, Arena& arena, Value& result) {
  context_ = &context;
  Outcome outcome = protect([&](lua_State* lua) {
    lua_rawgeti(lua, LUA_REGISTRYINDEX, condition ? Sandbox::conditions : Sandbox::contents);
    lua_rawgeti(lua, -1, static_cast<int>(rule) + 1);
    lua_rawgeti(lua, LUA_REGISTRYINDEX, Sandbox::attributes);
    lua_call(lua, 1, 1);
    if (!condition) {
      result = Bridge::value(lua, -1, arena);
    } else if (lua_isboolean(lua, -1) || lua_isnil(lua, -1)) {
      result = Value::boolean(lua_toboolean(lua, -1) != 0);
    } else {
      luaL_error(lua, "when must return true or false, not %s", luaL_typename(lua, -1));
    }
  });
  context_ = nullptr;
  return outcome;
}

State::Outcome State::ask(const char* function, std::span<const Value> arguments, const Context* context, Arena& arena,
                          Value& result, const Value* last) {
  context_ = context;
  Outcome outcome = protect([&](lua_State* lua) {
    lua_rawgeti(lua, LUA_REGISTRYINDEX, Sandbox::provider);
    lua_getfield(lua, -1, function);
    if (!lua_isfunction(lua, -1)) return;
    for (const Value& argument : arguments) Bridge::push(lua, argument);
    if (context) lua_rawgeti(lua, LUA_REGISTRYINDEX, Sandbox::attributes);
    if (last) Bridge::push(lua, *last);
    lua_call(lua, static_cast<int>(arguments.size()) + (context ? 1 : 0) + (last ? 1 : 0), 1);
    result = Bridge::value(lua, -1, arena);
  });
  context_ = nullptr;
  return outcome;
}

}  // namespace personalize::rules::lua
