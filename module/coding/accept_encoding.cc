#include "module/coding/accept_encoding.h"

#include <algorithm>

namespace personalize::nginx {
namespace {

constexpr int most = 1000;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool same(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

/// Up to `separator`, which is taken away too.
std::string_view take(std::string_view& text, char separator) {
  const std::string_view part = text.substr(0, text.find(separator));
  text.remove_prefix(std::min(part.size() + 1, text.size()));
  return trimmed(part);
}

/// "0.75": at most three digits behind the point. 0 for anything else.
int weight(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1') || (text.size() > 1 && text[1] != '.'))
    return 0;
  int result = (text[0] - '0') * most;
  int unit = most;
  for (char digit : text.substr(std::min<std::size_t>(text.size(), 2))) {
    if (digit < '0' || digit > '9') return 0;
    result += (digit - '0') * (unit /= 10);
  }
  return std::min(result, most);
}

}  // namespace

int quality(std::string_view header, std::string_view coding) {
  int any = 0;
  while (!header.empty()) {
    std::string_view element = take(header, ',');
    const std::string_view name = take(element, ';');
    const bool is_any = name == "*";
    if (!is_any && !same(name, coding)) continue;
    const std::string_view parameter = take(element, '=');
    const int value = parameter.empty() ? most : same(parameter, "q") ? weight(trimmed(element)) : 0;
    if (!is_any) return value;
    any = value;
  }
  return any;
}

}  // namespace personalize::nginx
