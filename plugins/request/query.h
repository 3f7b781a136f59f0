#pragma once

#include <string_view>

#include "rules/value.h"

namespace personalize::plugins {

/// Limit on the parameters of a query string that are looked at.
inline constexpr std::size_t max_query_parameters = 64;

/// A query string's parameters as map from string to string, decoded as forms are ("+" is a space). Of equal
/// names the first counts; what is not UTF-8 after decoding is left out.
rules::Value parse_query(std::string_view query, rules::Arena& arena);

/// The value of that name in such a map, or missing.
rules::Value find(const rules::Value& map, std::string_view name);

}  // namespace personalize::plugins
