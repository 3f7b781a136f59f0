#include "module/coding/weighted_list.h"

#include <algorithm>

namespace personalize::module {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

/// In a longer text a quotation mark that is never closed makes a string of the rest: looking for its end again for
/// each element would take quadratic time.
constexpr std::size_t max_forgiven = 1000;

/// Where `separator` first occurs outside quoted strings; the text's length if it does not. A quotation mark that is
/// never closed does not begin a string.
std::size_t find_separator(std::string_view text, char separator) {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\')
      ++i;
    else if (text[i] == '"')
      quoted = !quoted;
    else if (!quoted && text[i] == separator)
      return i;
  }
  return quoted && text.size() <= max_forgiven ? std::min(text.find(separator), text.size()) : text.size();
}

/// "0.75": at most three digits after the point.
std::optional<int> weight(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1') || (text.size() > 1 && text[1] != '.'))
    return std::nullopt;
  int result = (text[0] - '0') * max_weight;
  int unit = max_weight;
  for (char digit : text.substr(std::min<std::size_t>(text.size(), 2))) {
    if (digit < '0' || digit > '9') return std::nullopt;
    result += (digit - '0') * (unit /= 10);
  }
  return std::min(result, max_weight);
}

}  // namespace

std::string_view take_part(std::string_view& text, char separator) {
  const std::string_view part = text.substr(0, find_separator(text, separator));
  text.remove_prefix(std::min(part.size() + 1, text.size()));
  return trimmed(part);
}

bool same(std::string_view a, std::string_view b) {
  if (a == b) return true;  // as nearly always
  if (a.size() != b.size()) return false;
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

std::pair<std::string_view, std::string_view> take_parameter(std::string_view& parameters) {
  std::string_view value = take_part(parameters, ';');
  const std::string_view name = take_part(value, '=');
  return {name, trimmed(value)};
}

WeightedElement take_element(std::string_view& list) {
  std::string_view rest = take_part(list, ',');
  WeightedElement element{take_part(rest, ';'), {}, max_weight};
  const std::string_view all = rest;
  while (!rest.empty()) {
    const std::size_t before = all.size() - rest.size();
    const auto [name, value] = take_parameter(rest);
    if (!same(name, "q")) continue;
    element.parameters = trimmed(all.substr(0, before == 0 ? 0 : before - 1));
    element.quality = weight(value);
    return element;  // what follows would be an extension, and none has been defined
  }
  element.parameters = trimmed(all);
  return element;
}

}  // namespace personalize::module
