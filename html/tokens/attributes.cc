#include "html/tokens/attributes.h"

#include "html/tokens/ascii.h"

namespace personalize::html {
bool AttributeCursor::next(AttributePlace& place) {
  const std::string_view b = bytes_;
  std::size_t at = at_;
  while (at < b.size() && (is_space(b[at]) || b[at] == '/')) ++at;
  if (at == b.size()) {
    at_ = at;
    return false;
  }
  place = {};
  place.begin = at;
  ++at;  // even a `=` begins a name
  while (at < b.size() && !is_space(b[at]) && b[at] != '/' && b[at] != '=') ++at;
  place.attribute.name = b.substr(place.begin, at - place.begin);
  place.end = place.value_begin = at;

  std::size_t look = at;
  while (look < b.size() && is_space(b[look])) ++look;
  if (look == b.size() || b[look] != '=') {
    at_ = at;
    return true;
  }
  ++look;
  while (look < b.size() && is_space(b[look])) ++look;
  if (look == b.size()) {  // `<a b=>`
    place.end = place.value_begin = at_ = look;
    return true;
  }
  place.has_value = true;
  if (b[look] == '"' || b[look] == '\'') {
    place.quote = b[look];
    const std::size_t close = b.find(place.quote, look + 1);
    place.value_begin = look + 1;
    const std::size_t value_end = close == std::string_view::npos ? b.size() : close;
    place.attribute.value = b.substr(place.value_begin, value_end - place.value_begin);
    place.end = value_end == b.size() ? value_end : value_end + 1;
  } else {
    place.value_begin = look;
    at = look + 1;  // whatever begins the value belongs to it
    while (at < b.size() && !is_space(b[at])) ++at;
    place.attribute.value = b.substr(look, at - look);
    place.end = at;
  }
  at_ = place.end;
  return true;
}

std::string_view complete_attributes(std::string_view bytes) {
  AttributeCursor cursor(bytes);
  std::size_t complete = 0;
  for (AttributePlace place; cursor.next(place); complete = place.end) {
    std::size_t behind = place.end;
    if (place.quote != 0 && place.end == place.value_begin + place.attribute.value.size()) break;
    if (!place.has_value) {  // a `=` may follow
      while (behind < bytes.size() && is_space(bytes[behind])) ++behind;
    }
    if (place.quote == 0 && behind == bytes.size()) break;
  }
  return bytes.substr(0, complete);
}

std::size_t attributes_begin(std::string_view tag) {
  std::size_t at = 1;
  while (at < tag.size() && !ends_tag_name(tag[at])) ++at;
  return at;
}

}  // namespace personalize::html
