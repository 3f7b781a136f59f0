#include "engine/outcome.h"

#include <algorithm>

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

/// Nothing put somewhere is nothing to see; in place of something it is.
bool shows_nothing(const html::Edit& edit) { return edit.content.empty() && html::traits_of(edit.operation).adds; }

}  // namespace

bool Outcome::is_view() const {
  return sent.complete && (sent.status == 200 || sent.status == 304) && !head && !prefetch && !bot;
}

bool is_prefetch(const plugins::Request& request) {
  return std::ranges::any_of(request.headers, [](const plugins::Header& header) {
    return std::ranges::any_of(purposes, [&](std::string_view name) { return same_name(header.name, name); }) &&
           std::ranges::any_of(speculative, [&](std::string_view word) { return contains(header.value, word); });
  });
}

DecisionOutcome outcome_of(std::span<const html::Edit> edits, std::span<const html::EditResult> results) {
  DecisionOutcome outcome{.applied = false, .reason = "no_content"};
  for (std::size_t i = 0; i < edits.size(); ++i) {
    if (shows_nothing(edits[i])) continue;
    const html::EditResult result = i < results.size() ? results[i] : html::EditResult{.reason = html::Skip::truncated};
    if (result.applied != 0) return {.applied = true, .reason = {}};
    if (outcome.reason == "no_content") outcome.reason = html::to_string(result.reason);
  }
  return outcome;
}

}  // namespace personalize::engine
