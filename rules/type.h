// The types of attributes.
#pragma once

#include <cstdint>

#include "rules/value.h"

namespace personalize::rules {

/// Type of an attribute. Written in rule files as `string`, `int`, `uint`, `double`, `bool`, `timestamp`, `duration`,
/// `html` (a string whose author vouches for it as markup), `list<T>`, `map<string, T>`, `dyn`.
struct Type {
  Kind kind = Kind::missing;     ///< `missing` stands for `dyn`
  Kind element = Kind::missing;  ///< of a list's elements or a map's values
  bool html = false;             ///< string that may be inserted raw
  bool operator==(const Type&) const = default;
};
/// Position of an attribute in the schema and in every `Context` made for it.
using AttributeId = std::uint32_t;

}  // namespace personalize::rules
