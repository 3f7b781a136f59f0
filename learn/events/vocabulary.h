// What visitors do, in the words of Google Analytics 4 (its "recommended events"), and three words of our own.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace personalize::learn::events {

enum class EventName : std::uint8_t {
  page_view,
  view_item,
  view_item_list,
  select_item,
  view_search_results,
  add_to_cart,
  remove_from_cart,
  add_to_wishlist,
  view_cart,
  begin_checkout,
  add_shipping_info,
  add_payment_info,
  purchase,
  refund,
  view_promotion,
  select_promotion,
  login,
  sign_up,
  share,
  dwell,      ///< how long a page was looked at
  item,       ///< what a page says about the product that it sells
  item_gone,  ///< a product's page is no longer there
};

/// Who may say that something happened, beside the edge itself.
enum class Trust : std::uint8_t {
  browsers,  ///< scripts in the page
  nobody,    ///< what decides about money and about the catalogue
};

struct Word {
  EventName name;
  std::string_view text;
  Trust trust;
};

/// All names, in the order of `EventName`.
std::span<const Word> vocabulary();

std::string_view to_string(EventName name);
std::optional<EventName> find_event_name(std::string_view text);
/// Scripts in the page may report it.
bool browsers_may_say(EventName name);

}  // namespace personalize::learn::events
