#include "plugins/lua/plugin.h"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "plugins/lua/exposures.h"
#include "plugins/lua/metrics.h"
#include "plugins/lua/returned.h"
#include "plugins/lua/typed.h"
#include "rules/spelling.h"

namespace personalize::plugins {
namespace {

using rules::Kind;
using rules::MapEntry;
using rules::Value;

constexpr std::size_t max_entries = 200;  // of headers and cookies that a script sees

Value list_of(std::span<const Reply> replies, rules::Arena& arena);

/// Nil for what Redis does not have or refuses, and for what was late.
Value value_of(const Reply& reply, rules::Arena& arena) {
  switch (reply.kind) {
    case Reply::Kind::string:
    case Reply::Kind::status: return Value::string(reply.text);
    case Reply::Kind::integer: return Value::int64(reply.integer);
    case Reply::Kind::array: return list_of(reply.elements, arena);
    default: return Value();
  }
}

Value list_of(std::span<const Reply> replies, rules::Arena& arena) {
  auto* elements = static_cast<Value*>(arena.allocate((replies.size() + 1) * sizeof(Value), alignof(Value)));
  for (std::size_t i = 0; i < replies.size(); ++i) new (elements + i) Value(value_of(replies[i], arena));
  return Value::list({elements, replies.size()});
}

/// Adds an entry unless there is one of that name: the first counts, as in `Request`.
void add_entry(std::pmr::vector<MapEntry>& entries, std::string_view name, std::string_view value) {
  if (entries.size() >= max_entries) return;
  for (const MapEntry& entry : entries)
    if (entry.key.text() == name) return;
  entries.push_back({Value::string(name), Value::string(value)});
}

Value headers_of(const Request& request, rules::Arena& arena) {
  std::pmr::vector<MapEntry> entries(&arena);
  for (const Header& header : request.headers) {
    auto* name = static_cast<char*>(arena.allocate(header.name.size() + 1, 1));
    std::transform(header.name.begin(), header.name.end(), name, request_text::lower);
    add_entry(entries, {name, header.name.size()}, header.value);
  }
  return Value::map(
      *std::pmr::polymorphic_allocator<>(&arena).new_object<std::pmr::vector<MapEntry>>(std::move(entries)));
}

/// The first value counts, as in `Request::cookie`, and a name alone has none. Missing until one is found.
void add_cookie(std::pmr::vector<MapEntry>& entries, std::string_view pair) {
  const auto equals = std::min(pair.find('='), pair.size());
  const std::string_view name = request_text::trim(pair.substr(0, equals));
  Value value;
  if (equals < pair.size() && name.size() == equals) {  // `a =1` does not set `a` there either
    std::string_view text = pair.substr(equals + 1);
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
    value = Value::string(text);
  }
  const auto known =
      std::find_if(entries.begin(), entries.end(), [&](const MapEntry& e) { return e.key.text() == name; });
  if (known != entries.end()) {
    if (known->value.missing()) known->value = value;
  } else if (!name.empty() && entries.size() < max_entries) {
    entries.push_back({Value::string(name), value});
  }
}

Value cookies_of(const Request& request, rules::Arena& arena) {
  std::pmr::vector<MapEntry> entries(&arena);
  for (const Header& header : request.headers) {
    if (!request_text::same_name(header.name, "cookie")) continue;
    for (std::string_view rest = header.value; !rest.empty();) {
      const auto end = std::min(rest.find(';'), rest.size());
      add_cookie(entries, request_text::trim(rest.substr(0, end)));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  for (MapEntry& entry : entries)
    if (entry.value.missing()) entry.value = Value::string("");
  return Value::map(
      *std::pmr::polymorphic_allocator<>(&arena).new_object<std::pmr::vector<MapEntry>>(std::move(entries)));
}

}  // namespace

LuaPlugin::LuaPlugin(std::unique_ptr<rules::lua::Script> script, std::string file)
    : script_(std::move(script)), file_(std::move(file)) {
  for (const auto& attribute : script_->provider()->attributes)
    rows_.push_back({attribute.name, attribute.type, attribute.description});
  reads_headers_ = script_->mentions("headers");
  reads_cookies_ = script_->mentions("cookies");
}

void LuaPlugin::fail(std::vector<rules::lua::Error>& errors) const {
  throw ConfigurationError(errors.front().message, file_, errors.front().line);
}

void LuaPlugin::configure(const Settings& settings) {
  auto options = script_->provider()->options;
  for (auto& [name, value] : options) value = settings.options.text(name, value);
  if (!script_->provider()->configures) return;
  std::vector<rules::lua::Error> errors;
  script_->configure(options, errors);
  if (!errors.empty()) fail(errors);
}

void LuaPlugin::activate(Activation& activation) {
  for (const AttributeRow& row : activation.attributes) schema_.add(row.name, row.type, row.description);
  std::vector<rules::lua::Error> errors;
  script_->expose(schema_, errors);
  if (!errors.empty()) fail(errors);
  for (rules::AttributeId id : script_->attributes()) activation.wanted[id] = 1;
}

Value LuaPlugin::describe(const Request& request, rules::Arena& arena) const {
  const MapEntry all[] = {
      {Value::string("method"), Value::string(request.method)},
      {Value::string("scheme"), Value::string(request.scheme)},
      {Value::string("host"), Value::string(request.host)},
      {Value::string("path"), Value::string(request.path)},
      {Value::string("query"), Value::string(request.query)},
      {Value::string("now"), Value::real(static_cast<double>(request.now_us) / 1e6)},
      {Value::string("headers"), reads_headers_ ? headers_of(request, arena) : Value()},
      {Value::string("cookies"), reads_cookies_ ? cookies_of(request, arena) : Value()},
  };
  auto* entries = static_cast<MapEntry*>(arena.allocate(sizeof(all), alignof(MapEntry)));
  return Value::map(
      {entries, static_cast<std::size_t>(std::uninitialized_copy(std::begin(all), std::end(all), entries) - entries)});
}

Value LuaPlugin::ask(const char* function, std::span<const Value> arguments, const rules::Context& known,
                     rules::Arena& arena, const Value* last) const {
  const Value result = script_->ask(function, arguments, known, arena, last);
  if (result.is(Kind::error)) throw std::runtime_error(std::string(result.text()));
  return result;
}

template <typename Known>
rules::Context LuaPlugin::context(Known known, rules::Arena& arena) const {
  rules::Context context(schema_, arena);
  for (rules::AttributeId id : script_->attributes()) context.set(id, known(id));
  return context;
}

void LuaPlugin::needs(const Request& request, Fetches& fetches) const {
  if (!script_->provider()->needs) return;
  rules::Arena& arena = fetches.arena();
  const rules::Context known = context([&](auto id) { return fetches.known(id); }, arena);
  const Value argument = describe(request, arena);
  add_fetches(ask("needs", {&argument, 1}, known, arena), fetches);
}

void LuaPlugin::check_content(const Value& with) const {
  if (!script_->provider()->checks_content) return;
  std::pmr::monotonic_buffer_resource memory;
  const rules::Context nothing(schema_, memory);
  try {
    ask("check_content", {&with, 1}, nothing, memory);
  } catch (const std::runtime_error& error) {
    throw ConfigurationError(error.what());
  }
}

void LuaPlugin::content_needs(const Request& request, const ContentRequest& content, Fetches& fetches) const {
  if (!script_->provider()->content_needs) return;
  rules::Arena& arena = fetches.arena();
  const rules::Context known = context([&](auto id) { return content.get(id); }, arena);
  const Value arguments[] = {describe(request, arena), Value::string(content.slot)};
  add_fetches(ask("content_needs", arguments, known, arena, &content.with), fetches);
}

Value LuaPlugin::content(const Request& request, const ContentRequest& content, std::span<const Reply> replies) const {
  rules::Arena& arena = content.arena();
  const rules::Context known = context([&](auto id) { return content.get(id); }, arena);
  const Value arguments[] = {describe(request, arena), Value::string(content.slot), list_of(replies, arena)};
  return ask("content", arguments, known, arena, &content.with);
}

void LuaPlugin::add_response_fields(const Request& request, ResponseFields& fields) const {
  rules::Arena& arena = fields.arena();
  const rules::Context known = context([&](auto id) { return fields.get(id); }, arena);
  const Value argument = describe(request, arena);
  add_fields(ask("response_fields", {&argument, 1}, known, arena), fields);
}

void LuaPlugin::metrics(std::vector<Metric>& metrics) const { add_lua_metrics(script_->statistics(), metrics); }

void LuaPlugin::on_exposure(const Request& request, const PageExposures& page, Commands& commands) const {
  rules::Arena& arena = commands.arena();
  if (script_->provider()->observes_exposures) {
    const rules::Context known = context([&](auto id) { return page.known.get(id); }, arena);
    const Value arguments[] = {describe(request, arena), describe_exposures(page, arena),
                               describe_end(page.response, arena)};
    add_commands(ask("on_exposure", arguments, known, arena), commands);
  } else if (page.response.viewed()) {
    const Value arguments[] = {describe(request, arena), describe_shown(page, arena)};
    add_commands(ask("record", arguments, rules::Context(schema_, arena), arena), commands);
  }
}

std::optional<ConfigurationError> LuaPlugin::deprecation() const {
  if (!script_->provider()->records) return std::nullopt;
  return ConfigurationError("plugin " + script_->provider()->name +
                                ": `record` is `on_exposure` since version 2 of the plugin interface, and the next "
                                "version will not call it: see docs/plugins.md",
                            file_);
}

void LuaPlugin::resolve(const Request& request, std::span<const Reply> replies, Attributes& attributes) const {
  if (rows_.empty()) return;
  rules::Arena& arena = attributes.arena();
  const rules::Context known = context([&](auto id) { return attributes.get(id); }, arena);
  const Value arguments[] = {describe(request, arena), list_of(replies, arena)};
  const Value result = ask("resolve", arguments, known, arena);
  if (result.missing()) return;
  if (!result.is(Kind::map)) throw std::runtime_error("resolve must return a table of attributes");
  for (const MapEntry& entry : result.as_map()) {
    const auto row =
        std::find_if(rows_.begin(), rows_.end(), [&](const AttributeRow& r) { return r.name == entry.key.text(); });
    if (row == rows_.end())
      throw std::runtime_error("resolve returns " + std::string(entry.key.text()) +
                               ", which is not among the attributes");
    const auto value = typed(entry.value, row->type, arena);
    if (!value)
      throw std::runtime_error("resolve must return a value of type " + to_string(row->type) + " for " +
                               std::string(row->name));
    attributes.set(static_cast<std::size_t>(row - rows_.begin()), *value);
  }
}

std::unique_ptr<LuaPlugin> make_lua_plugin(const std::string& file, std::string_view text) {
  std::vector<rules::lua::Error> errors;
  auto script = rules::lua::Script::load(text, errors);
  if (!script) throw ConfigurationError(errors.front().message, file, errors.front().line);
  if (!script->provider()) return nullptr;
  return std::make_unique<LuaPlugin>(std::move(script), file);
}

LuaFile::LuaFile(const std::string& path, std::string text) : PluginFile(path), text_(std::move(text)) {
  const auto plugin = make_lua_plugin(path, text_);
  if (!plugin) throw ConfigurationError("is not a plugin: a plugin in Lua returns a table", path);
  if (auto deprecated = plugin->deprecation()) deprecate(*std::move(deprecated));
}

std::unique_ptr<Plugin> LuaFile::make() const { return make_lua_plugin(path(), text_); }

}  // namespace personalize::plugins
