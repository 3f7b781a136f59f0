// `{{ value | money: "EUR" }}`: what is done to a value before it is escaped. Money, numbers and dates are written the
// way the visitor's locale has it (Unicode CLDR, through ICU).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rules/templates/parse.h"
#include "rules/value.h"

namespace personalize::rules::templates {

/// How the visitor writes.
struct Locale {
  std::string_view tag;   ///< BCP 47, "de-AT"; English where it is empty or unknown
  std::string_view zone;  ///< IANA name; UTC where it is empty or unknown
};

class Filter {
 public:
  virtual ~Filter() = default;
  /// The value as text in `arena` (or a constant); values that the filter is not for are returned as they are.
  virtual Value apply(const Value& value, const Locale& visitor, Arena& arena) const = 0;
  /// True if the result depends on the visitor's locale or zone.
  virtual bool needs_locale() const { return false; }
  /// True if the result is JSON.
  virtual bool is_json() const { return false; }
};

/// Null, and an error, if there is no such filter or its arguments are wrong.
std::unique_ptr<const Filter> compile_filter(const FilterCall& call, Error& error);

/// Filters of `date`, `money`, …, in filters_icu.cc; null if `call` names none of them.
std::unique_ptr<const Filter> compile_localized_filter(const FilterCall& call, Error& error);

}  // namespace personalize::rules::templates
