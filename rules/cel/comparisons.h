// Which constants an expression compares attributes with: for lints.
#pragma once

#include <cstdint>
#include <vector>

#include "rules/cel/program.h"

namespace personalize::rules::cel {

struct Comparisons {
  /// `attribute == constant`, or an element of an attribute that is a list: `constant in attribute`,
  /// `attribute.exists(x, x == constant)`; also with `!=`.
  struct One {
    AttributeId attribute;
    Value constant;       ///< memory of the program
    std::uint32_t begin;  ///< of the comparison in the source
  };
  std::vector<One> with_constants;
  /// Attributes whose values matter in other ways, too: to functions, to comparisons with each other.
  std::vector<AttributeId> otherwise;
};

/// Segments that the expression mentions are programs of their own.
Comparisons comparisons(const Program& program);

}  // namespace personalize::rules::cel
