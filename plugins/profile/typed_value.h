#pragma once

#include <string_view>

#include "rules/schema.h"
#include "rules/value.h"

namespace personalize::plugins {

/// The value that a stored text stands for, or `missing` if it is not of that type. Nothing around a value is
/// skipped: " 5" is no int.
///
///   string, html    any UTF-8
///   int, uint       decimal digits, for int with an optional "-"
///   double          decimal or with exponent, finite
///   bool            true, false, 1, 0
///   timestamp       RFC 3339 (2026-11-22T10:00:00Z, …+01:00) or seconds since 1970, with an optional fraction
///   duration        seconds with an optional fraction, as "90" or "90s"
///   bytes           as they are
///   list<T>         a JSON array if the text begins with "[", else elements between commas; spaces are dropped.
///                   An empty text is an empty list; one element that is not a T makes the list missing
///   map<string, T>  a JSON object
///   dyn             any JSON; what is not JSON is a string
rules::Value typed_value(std::string_view text, const rules::Type& type, rules::Arena& arena);

}  // namespace personalize::plugins
