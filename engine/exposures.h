// What became of a page, and of the rules that won on it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "html/edits/edit.h"
#include "plugins/request.h"
#include "rules/value.h"

namespace personalize::engine {

/// What only the host knows, once the response is over.
struct Sent {
  std::uint32_t status = 200;  ///< 304: the visitor's browser had the same bytes already
  std::uint64_t bytes = 0;
  bool complete = false;                           ///< all of the page went out before the client left
  std::span<const html::EditResult> results = {};  ///< by edit of the evaluation; empty if none was made
};

/// The browser says that it fetches the page ahead of time.
bool is_prefetch(const plugins::Request& request);

/// Why nothing of a rule with these edits, and their results if there are any, is on the page: "no_content",
/// "no_match", … Empty if something is.
std::string_view why_not_applied(std::span<const html::Edit> edits, std::span<const html::EditResult> results);

/// The `item_id` of each of a content's `items`, without those that have none. Few: the rest is not told.
std::span<const std::string_view> item_ids(const rules::Value& content, rules::Arena& arena);

}  // namespace personalize::engine
