#include "plugins/request/query.h"

#include <algorithm>

#include "rules/text/ascii.h"
#include "rules/text/utf8.h"

namespace personalize::plugins {
namespace {

using rules::text::hex_value;
using rules::text::is_valid_utf8;

/// `text` itself if there is nothing to decode.
std::string_view decoded(std::string_view text, rules::Arena& arena) {
  if (text.find_first_of("%+") == std::string_view::npos) return text;
  auto* out = static_cast<char*>(arena.allocate(text.size(), 1));
  char* end = out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0) {
      *end++ = static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
      i += 2;
    } else {
      *end++ = text[i] == '+' ? ' ' : text[i];
    }
  }
  return {out, static_cast<std::size_t>(end - out)};
}

}  // namespace

rules::Value parse_query(std::string_view query, rules::Arena& arena) {
  const auto count = std::min<std::size_t>(std::count(query.begin(), query.end(), '&') + 1, max_query_parameters);
  auto* entries =
      static_cast<rules::MapEntry*>(arena.allocate(count * sizeof(rules::MapEntry), alignof(rules::MapEntry)));
  std::size_t size = 0;
  for (std::size_t i = 0; i < count && !query.empty(); ++i) {
    const auto end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    const auto equals = std::min(pair.find('='), pair.size());
    const std::string_view name = decoded(pair.substr(0, equals), arena);
    const std::string_view value = decoded(pair.substr(std::min(equals + 1, pair.size())), arena);
    if (name.empty() || !is_valid_utf8(name) || !is_valid_utf8(value)) continue;
    const auto same = [&](const rules::MapEntry& entry) { return entry.key.text() == name; };
    if (std::any_of(entries, entries + size, same)) continue;
    new (entries + size++) rules::MapEntry{rules::Value::string(name), rules::Value::string(value)};
  }
  return rules::Value::map({entries, size});
}

rules::Value find(const rules::Value& map, std::string_view name) {
  for (const rules::MapEntry& entry : map.as_map())
    if (entry.key.text() == name) return entry.value;
  return {};
}

}  // namespace personalize::plugins
