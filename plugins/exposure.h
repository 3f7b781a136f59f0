// What plugins are told of a page once its response is over.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "rules/type.h"
#include "rules/value.h"

namespace personalize::plugins {

/// Attributes of all plugins, once they have been resolved. Ids are from `Activation::use`.
class KnownAttributes {
 public:
  /// For hosts. `values`: by AttributeId.
  explicit KnownAttributes(std::span<const rules::Value> values) : values_(values) {}
  const rules::Value& get(rules::AttributeId id) const { return values_[id]; }

 private:
  std::span<const rules::Value> values_;
};

/// A rule that won its slot on a page.
struct Exposure {
  std::string_view slot;
  std::string_view rule;
  bool applied = false;              ///< its edits were made in the page that was sent
  std::string_view reason = {};      ///< why they were not: "no_match", "no_content", …; empty if they were
  std::string_view experiment = {};  ///< that the rule takes part in, or empty …
  std::string_view variation = {};   ///< … and the visitor's variation of it
  std::span<const std::string_view> items = {};  ///< of the content: the `item_id` of each of its `items`, in order
};

/// How a response ended.
struct ResponseEnd {
  std::uint32_t status = 200;  ///< 304: the visitor's browser had the same page already
  std::uint64_t bytes = 0;     ///< that were sent, the header included
  bool complete = false;       ///< all of the page went out before the client left
  bool head = false;           ///< the request was a HEAD
  bool prefetch = false;       ///< requested before anybody wanted to see it
  bool bot = false;            ///< by a robot, if rules or plugins ask for the device

  /// A person saw the page, as far as a server can know.
  bool viewed() const { return complete && (status == 200 || status == 304) && !head && !prefetch && !bot; }
};

/// A page that rules decided about.
struct PageExposures {
  std::span<const Exposure> exposures;  ///< in the order of the slots; may be empty
  ResponseEnd response;
  KnownAttributes known;
};

}  // namespace personalize::plugins
