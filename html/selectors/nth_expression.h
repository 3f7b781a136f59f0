// The `An+B` of :nth-child() and its relatives (CSS Syntax level 3, section 6).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace personalize::html {

struct NthExpression {
  std::int32_t step = 0;    ///< A
  std::int32_t offset = 0;  ///< B

  /// There is an n ≥ 0 with A·n + B = index.
  bool matches(std::int64_t index) const {
    const std::int64_t rest = index - offset;
    if (step == 0) return rest == 0;
    return rest % step == 0 && rest / step >= 0;
  }
};

/// `odd`, `even`, `5`, `-n + 3`, …; nothing if `text` is not of that form. Numbers are limited to a billion.
std::optional<NthExpression> parse_nth_expression(std::string_view text);

}  // namespace personalize::html
