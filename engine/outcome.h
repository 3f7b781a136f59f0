// What became of a page, and of the rules that won on it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "html/edits/edit.h"
#include "plugins/request.h"

namespace personalize::engine {

/// What only the host knows, once the response is over.
struct Sent {
  std::uint32_t status = 200;  ///< 304: the visitor's browser had the same bytes already
  std::uint64_t bytes = 0;
  bool complete = false;                           ///< all of the page went out before the client left
  std::span<const html::EditResult> results = {};  ///< by edit of the evaluation; empty if none was made
};

/// What became of a rule that won.
struct DecisionOutcome {
  bool applied = false;
  std::string_view reason = {};  ///< why it was not: "no_content", "no_match", …
};

struct Outcome {
  Sent sent;
  bool head = false;
  bool prefetch = false;  ///< requested before anybody wanted to see it
  bool bot = false;       ///< as far as rules ask for the device
  std::span<const DecisionOutcome> decisions = {};

  /// A person saw the page, as far as a server can know.
  bool is_view() const;
};

/// The browser says that it fetches the page ahead of time.
bool is_prefetch(const plugins::Request& request);

/// Of a rule with these edits, and their results, if there are any.
DecisionOutcome outcome_of(std::span<const html::Edit> edits, std::span<const html::EditResult> results);

}  // namespace personalize::engine
