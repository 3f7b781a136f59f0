#include "html/selectors/nth_expression.h"

#include "html/tokens/ascii.h"

namespace personalize::html {
namespace {

constexpr std::int32_t max_number = 1'000'000'000;

void trim(std::string_view& text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
}

/// Digits at the front of `text`, at least one.
std::optional<std::int32_t> take_digits(std::string_view& text) {
  if (text.empty() || !is_ascii_digit(text.front())) return std::nullopt;
  std::int64_t value = 0;
  while (!text.empty() && is_ascii_digit(text.front())) {
    value = value * 10 + (text.front() - '0');
    if (value > max_number) value = max_number;
    text.remove_prefix(1);
  }
  return static_cast<std::int32_t>(value);
}

}  // namespace

std::optional<NthExpression> parse_nth_expression(std::string_view text) {
  trim(text);
  if (equals_ignoring_case(text, "odd")) return NthExpression{2, 1};
  if (equals_ignoring_case(text, "even")) return NthExpression{2, 0};
  std::int32_t sign = 1;
  if (!text.empty() && (text.front() == '+' || text.front() == '-')) {
    if (text.front() == '-') sign = -1;
    text.remove_prefix(1);
  }
  const std::optional<std::int32_t> number = take_digits(text);
  if (text.empty()) return number ? std::optional(NthExpression{0, sign * *number}) : std::nullopt;
  if (ascii_lower(text.front()) != 'n') return std::nullopt;
  text.remove_prefix(1);
  NthExpression nth{sign * number.value_or(1), 0};
  if (text.empty()) return nth;
  trim(text);
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return std::nullopt;
  sign = text.front() == '-' ? -1 : 1;
  text.remove_prefix(1);
  trim(text);
  const std::optional<std::int32_t> offset = take_digits(text);
  if (!offset || !text.empty()) return std::nullopt;
  nth.offset = sign * *offset;
  return nth;
}

}  // namespace personalize::html
