// Whether a start tag could matter to a matcher: what the inner loops over a page ask first.
#pragma once

#include <cstddef>
#include <string_view>

#include "html/selectors/matcher.h"
#include "html/selectors/prefilter.h"
#include "html/tokens/attributes.h"
#include "html/tokens/tag_scan.h"

namespace personalize::html {

inline bool passes_gate(const Matcher& matcher, const ScannedTag& tag) {
  const Prefilter& prefilter = matcher.prefilter();
  if (prefilter.everything() || matcher.wants_everything() || prefilter.tag(tag.name_key)) return true;
  for (std::size_t i = 0; i < tag.listed_count; ++i) {
    if (prefilter.value(tag.listed[i].name, tag.listed[i].value)) return true;
  }
  return false;
}

inline bool passes_gate(const Matcher& matcher, std::string_view name, std::string_view attributes) {
  const Prefilter& prefilter = matcher.prefilter();
  if (prefilter.everything() || matcher.wants_everything() || prefilter.tag(tag_key(name))) return true;
  if (!prefilter.attributes()) return false;
  AttributeCursor cursor(attributes);
  for (AttributePlace place; cursor.next(place);) {
    if (prefilter.attribute(place.attribute.name, place.attribute.value)) return true;
  }
  return false;
}

}  // namespace personalize::html
