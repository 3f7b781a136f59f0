// `{{ value | money: "EUR" }}`: what is done to a value before it is escaped. Money, numbers and dates are written
// as in the page's language (Unicode CLDR, through ICU).
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "rules/templates/parse.h"
#include "rules/templates/print_locale.h"
#include "rules/type.h"
#include "rules/value.h"

namespace personalize::rules::templates {

/// How things are written for the visitor.
struct Locale {
  Languages languages;
  std::string_view zone;    ///< IANA name; UTC where it is empty or unknown
  bool for_people = false;  ///< the text is read by them, and all of this is known
};

class Filter {
 public:
  virtual ~Filter() = default;
  /// The value as text in `arena` (or a constant); values not meant for the filter are returned as they are.
  virtual Value apply(const Value& value, const Locale& visitor, Arena& arena) const = 0;
  /// True if the result depends on languages or the zone.
  virtual bool needs_locale() const { return false; }
  /// Type of what `apply` gives for a value of that type; nothing if that makes no sense.
  virtual std::optional<Type> result(const Type& type) const { return type; }
};

std::unique_ptr<const Filter> json_filter();  ///< json_filter.cc

/// A filter, or what is wrong with the call.
using MadeFilter = tl::expected<std::unique_ptr<const Filter>, std::string>;

struct FilterDefinition {
  std::string_view name;
  std::size_t min_arguments;
  std::size_t max_arguments;
  std::string_view usage;  ///< for the message if there are too few or too many
  MadeFilter (*make)(const FilterCall& call);
};

/// `max_arguments` of filters whose `make` says itself what is wrong.
inline constexpr std::size_t judged_by_make = static_cast<std::size_t>(-1);

std::span<const FilterDefinition> number_filters();  ///< `number`, `money`, …: number_filters.cc
std::span<const FilterDefinition> date_filters();    ///< `date`, `time`, …: date_filters.cc
std::span<const FilterDefinition> letter_filters();  ///< `upper`, `lower`, …: letter_filters.cc

MadeFilter make_filter(const FilterCall& call);

/// Of all filters.
std::vector<std::string_view> filter_names();

}  // namespace personalize::rules::templates
