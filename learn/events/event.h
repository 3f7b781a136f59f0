// What a visitor did, and what was shown on the page: one value per page or action.
//
// Texts are views: whoever makes an event keeps what it points to. Names are those of the JSON form and, where it has
// one for it, Google Analytics 4's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "learn/events/vocabulary.h"

namespace personalize::learn::events {

/// A product that an event is about. Empty texts and numbers that are not there are unknown.
struct Item {
  std::string_view item_id;  ///< as its own page calls it
  std::string_view item_name, item_brand, item_category, item_variant;
  std::optional<double> price;  ///< of one, in the event's currency
  std::optional<std::int64_t> quantity;

  friend bool operator==(const Item&, const Item&) = default;
};

/// What a rule put, or did not put, into a slot of the page.
struct Exposure {
  std::string_view slot, rule;
  std::string_view experiment, variation;    ///< empty: none
  bool applied = true;                       ///< the visitor saw it; otherwise the edit could not be made
  std::vector<std::string_view> items = {};  ///< ids of recommended products, in their order

  friend bool operator==(const Exposure&, const Exposure&) = default;
};

/// Where a visit came from, as the page's address says.
struct Campaign {
  std::string_view utm_source, utm_medium, utm_campaign, utm_term, utm_content;

  friend bool operator==(const Campaign&, const Campaign&) = default;
};

struct Event {
  std::int64_t time = 0;  ///< milliseconds since 1970 UTC
  std::string_view id;    ///< unique; the same event may arrive twice
  std::string_view shop;  ///< empty: there is only one
  std::string_view visitor;
  bool confirmed = true;  ///< some request brought the visitor's id back
  EventName name = EventName::page_view;
  std::string_view path;  ///< without query string
  std::string_view country, device, language, referrer;
  std::string_view currency, search_term, transaction_id;
  std::optional<double> value;           ///< of a purchase or refund, in `currency`
  std::optional<std::int64_t> results;   ///< of a search: how many
  std::optional<std::int64_t> duration;  ///< of `dwell`: milliseconds
  Campaign campaign;
  std::vector<Item> items;
  std::vector<Exposure> shown;

  friend bool operator==(const Event&, const Event&) = default;
};

namespace limits {
inline constexpr std::size_t max_event_bytes = 64 * 1024;  ///< of the JSON form
inline constexpr std::size_t max_items = 200;              ///< of one event, as in GA4; further ones are dropped
inline constexpr std::size_t max_exposures = 100;          ///< of one event
}  // namespace limits

}  // namespace personalize::learn::events
