#include "learn/events/vocabulary.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace personalize::learn::events {
namespace {

constexpr auto words = [] {
  using enum EventName;
  using enum Trust;
  return std::to_array<Word>({
      {page_view, "page_view", nobody},
      {view_item, "view_item", browsers},
      {view_item_list, "view_item_list", browsers},
      {select_item, "select_item", browsers},
      {view_search_results, "view_search_results", nobody},
      {add_to_cart, "add_to_cart", browsers},
      {remove_from_cart, "remove_from_cart", browsers},
      {add_to_wishlist, "add_to_wishlist", browsers},
      {view_cart, "view_cart", nobody},
      {begin_checkout, "begin_checkout", nobody},
      {add_shipping_info, "add_shipping_info", nobody},
      {add_payment_info, "add_payment_info", nobody},
      {purchase, "purchase", nobody},
      {refund, "refund", nobody},
      {view_promotion, "view_promotion", nobody},
      {select_promotion, "select_promotion", nobody},
      {login, "login", nobody},
      {sign_up, "sign_up", nobody},
      {share, "share", nobody},
      {dwell, "dwell", browsers},
      {item, "item", nobody},
      {item_gone, "item_gone", nobody},
  });
}();

static_assert([] {
  for (std::size_t i = 0; i < words.size(); ++i)
    if (words[i].name != static_cast<EventName>(i)) return false;
  return words.size() == static_cast<std::size_t>(EventName::item_gone) + 1;
}());

const Word& word(EventName name) { return words[static_cast<std::size_t>(name)]; }

}  // namespace

std::span<const Word> vocabulary() { return words; }

std::string_view to_string(EventName name) { return word(name).text; }

std::optional<EventName> find_event_name(std::string_view text) {
  const auto* const found =
      std::find_if(words.begin(), words.end(), [&](const Word& word) { return word.text == text; });
  return found != words.end() ? std::optional(found->name) : std::nullopt;
}

bool browsers_may_say(EventName name) { return word(name).trust == Trust::browsers; }

}  // namespace personalize::learn::events
