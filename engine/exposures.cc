#include "engine/exposures.h"

#include <algorithm>
#include <new>

namespace personalize::engine {
namespace {

using plugins::request_text::lower;
using plugins::request_text::same_name;

/// Headers by which browsers say so: of the Fetch standard, and older ones of Chrome, Safari and Firefox.
constexpr std::string_view purposes[] = {"sec-purpose", "purpose", "x-purpose", "x-moz"};
constexpr std::string_view speculative[] = {"prefetch", "prerender", "preview"};

bool contains(std::string_view text, std::string_view word) {
  return std::search(text.begin(), text.end(), word.begin(), word.end(),
                     [](char a, char b) { return lower(a) == b; }) != text.end();
}

/// Missing if there is none, or if it is no map.
rules::Value entry_of(const rules::Value& map, std::string_view key) {
  if (!map.is(rules::Kind::map)) return {};
  for (const rules::MapEntry& entry : map.as_map())
    if (entry.key.is(rules::Kind::string) && entry.key.text() == key) return entry.value;
  return {};
}

/// Nothing put somewhere is nothing to see; in place of something it is.
bool shows_nothing(const html::Edit& edit) { return edit.content.empty() && html::traits_of(edit.operation).adds; }

}  // namespace

bool is_prefetch(const plugins::Request& request) {
  return std::ranges::any_of(request.headers, [](const plugins::Header& header) {
    return std::ranges::any_of(purposes, [&](std::string_view name) { return same_name(header.name, name); }) &&
           std::ranges::any_of(speculative, [&](std::string_view word) { return contains(header.value, word); });
  });
}

std::string_view why_not_applied(std::span<const html::Edit> edits, std::span<const html::EditResult> results) {
  std::string_view reason = "no_content";
  for (std::size_t i = 0; i < edits.size(); ++i) {
    if (shows_nothing(edits[i])) continue;
    const html::EditResult result = i < results.size() ? results[i] : html::EditResult{.reason = html::Skip::truncated};
    if (result.applied != 0) return {};
    if (reason == "no_content") reason = html::to_string(result.reason);
  }
  return reason;
}

std::span<const std::string_view> item_ids(const rules::Value& content, rules::Arena& arena) {
  constexpr std::size_t max_items = 100, max_id_size = 256;
  const rules::Value items = entry_of(content, "items");
  if (!items.is(rules::Kind::list)) return {};
  const auto list = items.as_list().first(std::min(items.as_list().size(), max_items));
  auto* ids = static_cast<std::string_view*>(
      arena.allocate((list.size() + 1) * sizeof(std::string_view), alignof(std::string_view)));
  std::size_t count = 0;
  for (const rules::Value& item : list) {
    const rules::Value id = entry_of(item, "item_id");
    if (id.is(rules::Kind::string) && !id.text().empty() && id.text().size() <= max_id_size)
      new (ids + count++) std::string_view(id.text());
  }
  return {ids, count};
}

}  // namespace personalize::engine
