// Events as rows: the names of their columns, in the order in which they are exported.
#pragma once

#include <array>
#include <string_view>

namespace personalize::cli {

inline constexpr std::array<std::string_view, 24> event_columns = {
    "time",         "id",       "shop",        "visitor",     "confirmed", "name",           "path",       "country",
    "device",       "language", "referrer",    "search_term", "currency",  "transaction_id", "utm_source", "utm_medium",
    "utm_campaign", "utm_term", "utm_content", "value",       "results",   "duration",       "items",      "shown"};

}  // namespace personalize::cli
