#include "rules/events/fact_value.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>

#include "rules/text/ascii.h"
#include "rules/text/utf8.h"

namespace personalize::rules {
namespace {

/// Longer ones are no prices, and no numbers of anything in a shop.
constexpr std::size_t max_number_bytes = 40;

constexpr std::string_view html_space = " \t\r\n\f";
constexpr std::string_view group_spaces[] = {" ", "\xC2\xA0", "\xE2\x80\xAF", "\xE2\x80\x89"};  // plain, no-break, thin
constexpr std::string_view group_quotes[] = {"'", "\xE2\x80\x99"};
constexpr std::string_view minus_signs[] = {"-", "\xE2\x88\x92"};

template <std::size_t count>
std::size_t size_of_one(const std::string_view (&signs)[count], std::string_view text) {
  const auto* const found = std::ranges::find_if(signs, [&](std::string_view sign) { return text.starts_with(sign); });
  return found == std::end(signs) ? 0 : found->size();
}

/// Three digits, and no fourth.
bool is_group(std::string_view text) {
  return text.size() >= 3 && std::all_of(text.begin(), text.begin() + 3, text::is_ascii_digit) &&
         (text.size() == 3 || !text::is_ascii_digit(text[3]));
}

/// Digits, with what separates them: "1 299,00".
std::string_view number_at(std::string_view text) {
  std::size_t size = 0;
  while (size < text.size()) {
    const std::string_view rest = text.substr(size);
    if (text::is_ascii_digit(rest[0])) {
      ++size;
      continue;
    }
    std::size_t sign = size_of_one(group_spaces, rest);
    if (sign == 0) sign = size_of_one(group_quotes, rest);
    if (sign != 0 && is_group(rest.substr(sign))) {
      size += sign;
      continue;
    }
    const bool separator = rest[0] == '.' || rest[0] == ',';
    if (!separator || rest.size() < 2 || !text::is_ascii_digit(rest[1])) break;
    ++size;
  }
  return text.substr(0, size);
}

/// Where the decimals begin, or `npos`. `alone`: there is nothing else in the text.
std::size_t decimal_sign(std::string_view number, bool alone) {
  const std::size_t dot = number.rfind('.'), comma = number.rfind(',');
  if (dot == number.npos && comma == number.npos) return number.npos;
  if (dot != number.npos && comma != number.npos) {
    const std::size_t last = std::max(dot, comma);
    // The one that comes last is decimal, if there is only one of it.
    return std::ranges::count(number, number[last]) == 1 ? last : number.npos;
  }
  const std::size_t only = dot != number.npos ? dot : comma;
  if (std::ranges::count(number, number[only]) > 1) return number.npos;
  if (number.size() - only != 4 || only > 3 || number[0] == '0') return only;
  return number[only] == '.' && alone ? only : number.npos;
}

/// Up to three digits, then groups: the last of three digits, those before it of two, as in India, or three.
bool has_good_groups(std::string_view whole) {
  bool first = true;
  for (;;) {
    const std::size_t size = std::min(whole.find_first_of(".,"), whole.size());
    const bool last = size == whole.size();
    if (first ? !last && (size == 0 || size > 3) : size != 3 && (last || size != 2)) return false;
    if (last) return true;
    first = false;
    whole.remove_prefix(size + 1);
  }
}

std::optional<double> value_of(std::string_view number, bool alone) {
  const std::size_t decimals = decimal_sign(number, alone);
  if (!has_good_groups(number.substr(0, decimals))) return std::nullopt;
  std::string plain;
  for (std::size_t i = 0; i < number.size(); ++i) {
    if (text::is_ascii_digit(number[i])) plain += number[i];
    if (i == decimals) plain += '.';
  }
  double value = 0;
  const auto result = std::from_chars(plain.data(), plain.data() + plain.size(), value);
  if (result.ec != std::errc() || result.ptr != plain.data() + plain.size()) return std::nullopt;
  return value;
}

std::optional<bool> truth_in(std::string_view text) {
  constexpr std::string_view yes[] = {"", "true", "1", "yes", "on"}, no[] = {"false", "0", "no", "off"};
  const std::string lower = text::ascii_lower(text);
  if (std::ranges::find(yes, lower) != std::end(yes)) return true;
  if (std::ranges::find(no, lower) != std::end(no)) return false;
  return std::nullopt;
}

}  // namespace

std::optional<double> number_in(std::string_view text) {
  text = text::trim(text, html_space);
  const auto is_digit = [](char c) { return text::is_ascii_digit(c); };
  const auto first = static_cast<std::size_t>(std::ranges::find_if(text, is_digit) - text.begin());
  if (first == text.size()) return std::nullopt;
  // "-5" and "-€5" are negative, "12-5" is two numbers, "SKU-5" has a hyphen, and "Total - 5" a dash.
  const std::string_view before = text.substr(0, first);
  const std::string_view word = before.substr(before.find_last_of(" \t\r\n") + 1);
  const std::size_t sign = size_of_one(minus_signs, word);
  const std::string_view number = number_at(text.substr(first));
  const std::string_view after = text.substr(first + number.size());
  if (number.size() > max_number_bytes || std::ranges::any_of(after, is_digit)) return std::nullopt;
  const auto value = value_of(number, sign == before.size() && after.empty());
  return value && sign != 0 ? -*value : value;
}

Value convert(Kind type, std::string_view text) {
  text = text::trim(text, html_space);
  switch (type) {
    case Kind::string: return text.empty() || !text::is_valid_utf8(text) ? Value() : Value::string(text);
    case Kind::boolean: {
      const auto truth = truth_in(text.substr(0, max_number_bytes));
      return truth ? Value::boolean(*truth) : Value();
    }
    case Kind::real: {
      const auto number = number_in(text);
      return number ? Value::real(*number) : Value();
    }
    case Kind::int64: {
      constexpr double largest_exact = 9007199254740992.0;  // 2^53
      const auto number = number_in(text);
      if (!number || *number != std::trunc(*number) || std::fabs(*number) > largest_exact) return {};
      return Value::int64(static_cast<std::int64_t>(*number));
    }
    default: return {};
  }
}

}  // namespace personalize::rules
