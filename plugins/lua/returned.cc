#include "plugins/lua/returned.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory_resource>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace personalize::plugins {
namespace {

using rules::Kind;
using rules::MapEntry;
using rules::Value;

using Words = std::pmr::vector<std::string_view>;

/// Of a table that may be empty, which Lua does not distinguish from a list.
bool is_nothing(const Value& value) { return value.missing() || (value.is(Kind::map) && value.as_map().empty()); }

std::span<const Value> list_in(const Value& returned, const char* what) {
  if (is_nothing(returned)) return {};
  if (!returned.is(Kind::list)) throw std::runtime_error(std::string("what is returned must be a list of ") + what);
  return returned.as_list();
}

/// Command, key, arguments.
Words words_of(const Value& command, rules::Arena& arena) {
  Words words(&arena);
  if (command.is(Kind::list))
    for (const Value& word : command.as_list())
      if (word.is(Kind::string)) words.push_back(word.text());
  if (words.size() < 2 || !command.is(Kind::list) || words.size() != command.as_list().size())
    throw std::runtime_error("a command is a list of strings: { \"HGET\", \"loyalty\", \"points\" }");
  return words;
}

std::span<const std::string_view> arguments_of(const Words& words) { return std::span(words).subspan(2); }

/// Missing if there is none. Throws for entries that nobody asks for, as they are misspelt.
class Table {
 public:
  Table(const Value& value, const char* what) : what_(what) {
    if (!is_nothing(value) && !value.is(Kind::map)) fail("must be a table");
    if (value.is(Kind::map)) entries_ = value.as_map();
  }
  ~Table() = default;
  Table(const Table&) = delete;

  Value find(std::string_view name) {
    for (const MapEntry& entry : entries_) {
      if (entry.key.text() != name) continue;
      ++asked_;
      return entry.value;
    }
    return {};
  }
  std::string_view text(std::string_view name) {
    const Value value = find(name);
    if (!value.missing() && !value.is(Kind::string)) fail(std::string(name) + " must be text");
    return value.missing() ? std::string_view() : value.text();
  }
  bool flag(std::string_view name, bool otherwise) {
    const Value value = find(name);
    if (!value.missing() && !value.is(Kind::boolean)) fail(std::string(name) + " must be true or false");
    return value.missing() ? otherwise : value.is_true();
  }
  std::optional<std::int64_t> whole_number(std::string_view name) {
    const Value value = find(name);
    if (value.missing()) return std::nullopt;
    if (!value.is(Kind::int64)) fail(std::string(name) + " must be a whole number");
    return value.as_int64();
  }
  void refuse_others() const {
    if (asked_ != entries_.size()) fail("has an entry that means nothing");
  }
  [[noreturn]] void fail(const std::string& why) const { throw std::runtime_error(std::string(what_) + " " + why); }

 private:
  const char* what_;
  std::span<const MapEntry> entries_;
  std::size_t asked_ = 0;
};

std::string_view written(const Value& value, rules::Arena& arena) {
  if (value.is(Kind::string)) return value.text();
  if (value.is(Kind::int64)) return rules::copy(arena, std::to_string(value.as_int64()));
  if (value.is(Kind::boolean)) return value.is_true() ? "true" : "false";
  throw std::runtime_error("a parameter of a location is text, a whole number, true or false");
}

void add_location(const Value& fetch, Fetches& fetches) {
  Table table(fetch, "what is fetched from a location");
  const std::string_view location = table.text("location");
  const auto timeout = table.whole_number("timeout");
  if (!timeout) table.fail("needs a timeout in milliseconds: { location = \"/_recommend\", timeout = 50 }");
  const Value query = table.find("query");
  table.refuse_others();
  std::pmr::vector<Parameter> parameters(&fetches.arena());
  if (!is_nothing(query) && !query.is(Kind::map)) table.fail("has a query that is no table");
  if (query.is(Kind::map))
    for (const MapEntry& entry : query.as_map())
      parameters.push_back({entry.key.text(), written(entry.value, fetches.arena())});
  std::sort(parameters.begin(), parameters.end(),
            [](const Parameter& a, const Parameter& b) { return a.name < b.name; });
  fetches.location(location, parameters, std::chrono::milliseconds(*timeout));
}

void add_shared(const Value& fetch, Fetches& fetches) {
  Table table(fetch, "what is fetched");
  const Value command = table.find("shared");
  if (command.missing()) table.fail("is a command, or a table with `shared` or `location`");
  table.refuse_others();
  const Words words = words_of(command, fetches.arena());
  fetches.shared(words[0], words[1], arguments_of(words));
}

void add_cookie(const Value& cookie, ResponseFields& fields) {
  Table table(cookie, "a cookie");
  Cookie added{.name = table.text("name"), .value = table.text("value")};
  added.max_age_s = table.whole_number("max_age");
  if (const std::string_view path = table.text("path"); !path.empty()) added.path = path;
  added.domain = table.text("domain");
  added.secure = table.flag("secure", added.secure);
  added.http_only = table.flag("http_only", added.http_only);
  if (const std::string_view same_site = table.text("same_site"); !same_site.empty()) added.same_site = same_site;
  table.refuse_others();
  fields.add(added);
}

}  // namespace

void add_fetches(const Value& returned, Fetches& fetches) {
  for (const Value& fetch : list_in(returned, "what to fetch")) {
    if (fetch.is(Kind::map)) {
      const bool location =
          std::ranges::any_of(fetch.as_map(), [](const MapEntry& entry) { return entry.key.text() == "location"; });
      location ? add_location(fetch, fetches) : add_shared(fetch, fetches);
      continue;
    }
    const Words words = words_of(fetch, fetches.arena());
    fetches.redis(words[0], words[1], arguments_of(words));
  }
}

void add_commands(const Value& returned, Commands& commands) {
  for (const Value& command : list_in(returned, "commands")) {
    const Words words = words_of(command, commands.arena());
    commands.redis(words[0], words[1], arguments_of(words));
  }
}

void add_fields(const Value& returned, ResponseFields& fields) {
  Table table(returned, "what response_fields returns");
  const Value headers = table.find("headers"), cookies = table.find("cookies");
  table.refuse_others();
  if (!is_nothing(headers) && !headers.is(Kind::map)) table.fail("has headers that are no table of texts by name");
  if (headers.is(Kind::map))
    for (const MapEntry& entry : headers.as_map()) {
      if (!entry.value.is(Kind::string)) table.fail("has a header that is no text");
      fields.add(entry.key.text(), entry.value.text());
    }
  for (const Value& cookie : list_in(cookies, "cookies")) add_cookie(cookie, fields);
}

}  // namespace personalize::plugins
