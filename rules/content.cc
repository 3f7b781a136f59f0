#include "rules/content.h"

#include <algorithm>
#include <cmath>

#include "rules/text/utf8.h"

namespace personalize::rules {
namespace {

constexpr int max_nesting = 8;

bool fits(const Value& value, int depth) {
  if (depth > max_nesting) return false;
  const auto deeper = [depth](const Value& inner) { return fits(inner, depth + 1); };
  switch (value.kind()) {
    case Kind::string: return text::is_valid_utf8(value.text());
    case Kind::list: return std::ranges::all_of(value.as_list(), deeper);
    case Kind::map:
      return std::ranges::all_of(value.as_map(),
                                 [&](const MapEntry& entry) { return deeper(entry.key) && deeper(entry.value); });
    case Kind::error: return false;
    default: return true;
  }
}

}  // namespace

bool fit_for_templates(const Value& content) { return fits(content, 0); }

bool has_text(const Value& content) {
  switch (content.kind()) {
    case Kind::missing:
    case Kind::null:
    case Kind::map:
    case Kind::bytes: return false;
    case Kind::real: return std::isfinite(content.as_real());
    case Kind::list: return std::ranges::any_of(content.as_list(), has_text);
    default: return true;
  }
}

}  // namespace personalize::rules
