#include "module/coding/accept_encoding.h"

#include "module/coding/weighted_list.h"

namespace personalize::nginx {

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

}  // namespace personalize::nginx
