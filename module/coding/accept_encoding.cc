#include "module/coding/accept_encoding.h"

#include <utility>

#include "module/coding/body_codings.h"
#include "module/coding/weighted_list.h"

namespace personalize::module {
namespace {

bool is_refused(const WeightedElement& element) { return element.quality == 0 && element.parameters.empty(); }

/// A `*` that allows anything cannot stay, one that refuses everything else can.
bool can_stay(const WeightedElement& element) {
  return element.name == "*" ? is_refused(element) : element.name.empty() || is_readable_coding(element.name);
}

bool is_named(std::string_view header, std::string_view coding) {
  while (!header.empty())
    if (same(take_element(header).name, coding)) return true;
  return false;
}

void append(std::string& list, std::string_view name, std::string_view rest) {
  if (!list.empty()) list += ", ";
  list.append(name).append(rest);
}

}  // namespace

int quality(std::string_view header, std::string_view coding) {
  int any = 0;
  while (!header.empty()) {
    const WeightedElement element = take_element(header);
    const bool is_any = element.name == "*";
    if (!is_any && !same(element.name, coding)) continue;
    const int value = element.parameters.empty() ? element.quality.value_or(0) : 0;
    if (!is_any) return value;
    any = value;
  }
  return any;
}

std::string without_unreadable(std::string_view field, std::string_view header) {
  std::string_view rest = field;
  bool all_can_stay = true;
  while (!rest.empty() && all_can_stay) all_can_stay = can_stay(take_element(rest));
  if (all_can_stay) return {};
  std::string left;
  bool star_done = header.empty();
  while (!field.empty()) {
    std::string_view text = take_part(field, ',');
    std::string_view one = text;
    const WeightedElement element = take_element(one);
    if (can_stay(element)) {
      if (!text.empty()) append(left, text, {});
    } else if (element.name == "*" && !std::exchange(star_done, true)) {
      const std::string_view parameters = text.substr(1);
      for (std::string_view coding : {"gzip", "br"})
        if (!is_named(header, coding)) append(left, coding, parameters);
    }
  }
  return left.empty() ? "identity" : left;
}

}  // namespace personalize::module
