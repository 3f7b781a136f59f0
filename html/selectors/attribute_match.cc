#include "html/selectors/attribute_match.h"

#include <algorithm>

namespace personalize::html {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

bool equal(std::string_view a, std::string_view b, bool ignore_case) {
  if (!ignore_case) return a == b;
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

bool contains(std::string_view value, std::string_view wanted, bool ignore_case) {
  if (!ignore_case) return value.find(wanted) != std::string_view::npos;
  return std::search(value.begin(), value.end(), wanted.begin(), wanted.end(),
                     [](char x, char y) { return lower(x) == lower(y); }) != value.end();
}

bool includes(std::string_view value, std::string_view wanted, bool ignore_case) {
  std::size_t at = 0;
  while (at < value.size()) {
    while (at < value.size() && is_html_space(value[at])) ++at;
    const std::size_t start = at;
    while (at < value.size() && !is_html_space(value[at])) ++at;
    if (at > start && equal(value.substr(start, at - start), wanted, ignore_case)) return true;
  }
  return false;
}

}  // namespace

bool equals_lower(std::string_view name, std::string_view lower_case) {
  return name.size() == lower_case.size() && std::equal(name.begin(), name.end(), lower_case.begin(),
                                                        [](char c, char wanted) { return lower(c) == wanted; });
}

bool value_matches(AttributeOperator op, std::string_view value, std::string_view wanted, bool ignore_case) {
  const std::size_t size = wanted.size();
  switch (op) {
    case AttributeOperator::exists: return true;
    case AttributeOperator::equals: return equal(value, wanted, ignore_case);
    case AttributeOperator::includes: return includes(value, wanted, ignore_case);
    case AttributeOperator::dash_match:
      return equal(value.substr(0, size), wanted, ignore_case) && (value.size() == size || value[size] == '-');
    case AttributeOperator::prefix: return size > 0 && equal(value.substr(0, size), wanted, ignore_case);
    case AttributeOperator::suffix:
      return size > 0 && value.size() >= size && equal(value.substr(value.size() - size), wanted, ignore_case);
    case AttributeOperator::contains: return size > 0 && contains(value, wanted, ignore_case);
  }
  return false;
}

}  // namespace personalize::html
