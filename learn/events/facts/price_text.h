// Prices and currencies as pages write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace personalize::learn::events {

/// Who wrote the text: that decides what a mark between digits means where both are possible.
enum class PriceWriter : std::uint8_t {
  machine,  ///< "1.299" is less than two
  people,   ///< "1.299" is more than a thousand, unless the currency has thousandths
};

/// The first number in `text`: "1.299,00 €", "1 299,00", "From $12", "12,-", "₹1,29,999.00", "1'299.95", in the digits
/// of any of the usual scripts. Nothing if there is none, or what is there is no price. `currency`: its code, if known.
std::optional<double> read_price(std::string_view text, PriceWriter writer, std::string_view currency = {});

/// The code of the currency that `text` names by its code or by a sign that only one currency has; empty if none. Of
/// static storage, or a view of `text`.
std::string_view read_currency(std::string_view text);

}  // namespace personalize::learn::events
