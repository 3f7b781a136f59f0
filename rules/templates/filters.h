// `{{ value | money: "EUR" }}`: what is done to a value before it is escaped. Money, numbers and dates are written
// as in the page's language (Unicode CLDR, through ICU).
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "rules/templates/parse.h"
#include "rules/templates/print_locale.h"
#include "rules/value.h"

namespace personalize::rules::templates {

/// How things are written for the visitor.
struct Locale {
  Languages languages;
  std::string_view zone;  ///< IANA name; UTC where it is empty or unknown
};

class Filter {
 public:
  virtual ~Filter() = default;
  /// The value as text in `arena` (or a constant); values not meant for the filter are returned as they are.
  virtual Value apply(const Value& value, const Locale& visitor, Arena& arena) const = 0;
  /// True if the result depends on languages or the zone.
  virtual bool needs_locale() const { return false; }
  /// True if the result is JSON.
  virtual bool is_json() const { return false; }
};

/// A filter, or what is wrong with the call.
using MadeFilter = tl::expected<std::unique_ptr<const Filter>, std::string>;

struct FilterDefinition {
  std::string_view name;
  std::size_t min_arguments;
  std::size_t max_arguments;
  std::string_view usage;  ///< for the message if there are too few or too many
  MadeFilter (*make)(const FilterCall& call);
};

/// Those of `date`, `money`, …: filters_icu.cc.
std::span<const FilterDefinition> localized_filters();

MadeFilter make_filter(const FilterCall& call);

/// Of all filters.
std::vector<std::string_view> filter_names();

}  // namespace personalize::rules::templates
