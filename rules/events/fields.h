// The fields of events that rule files may fill, and of their items.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "learn/events/event.h"

namespace personalize::rules::events {

enum class FieldKind : std::uint8_t {
  id,        ///< text or a whole number; one that is too long is left out, as its beginning would be another's
  text,      ///< the same, but cut where it is too long
  currency,  ///< three letters, in capitals
  amount,    ///< a number that is not negative
  whole,     ///< a whole number that is not negative
};

template <class Owner>
struct Field {
  std::string_view name;
  FieldKind kind;
  std::variant<std::string_view Owner::*, std::optional<double> Owner::*, std::optional<std::int64_t> Owner::*> member;
};

inline constexpr auto event_fields = std::to_array<Field<learn::events::Event>>({
    {"search_term", FieldKind::text, &learn::events::Event::search_term},
    {"results", FieldKind::whole, &learn::events::Event::results},
    {"transaction_id", FieldKind::id, &learn::events::Event::transaction_id},
    {"value", FieldKind::amount, &learn::events::Event::value},
    {"currency", FieldKind::currency, &learn::events::Event::currency},
    {"duration", FieldKind::whole, &learn::events::Event::duration},
});

inline constexpr auto item_fields = std::to_array<Field<learn::events::Item>>({
    {"item_id", FieldKind::id, &learn::events::Item::item_id},
    {"item_name", FieldKind::text, &learn::events::Item::item_name},
    {"item_brand", FieldKind::text, &learn::events::Item::item_brand},
    {"item_category", FieldKind::text, &learn::events::Item::item_category},
    {"item_variant", FieldKind::text, &learn::events::Item::item_variant},
    {"price", FieldKind::amount, &learn::events::Item::price},
    {"quantity", FieldKind::whole, &learn::events::Item::quantity},
});

/// Limits on what one request can put into events, whatever it sends.
inline constexpr std::size_t max_id_bytes = 128;
inline constexpr std::size_t max_text_bytes = 256;
inline constexpr double max_amount = 1e12;
inline constexpr std::int64_t max_whole = 1'000'000'000'000;  ///< milliseconds, too: thirty years

}  // namespace personalize::rules::events
