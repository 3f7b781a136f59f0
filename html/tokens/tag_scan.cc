#include "html/tokens/tag_scan.h"

namespace personalize::html {
namespace {

/// The bytes of [begin, end) that are names of attributes without value.
bool add_names(const char* begin, const char* end, ScannedTag& tag) {
  while (begin != end) {
    if (ends_tag_name(*begin)) {
      ++begin;
      continue;
    }
    const char* const name = begin;
    while (begin != end && !ends_tag_name(*begin)) ++begin;
    const auto length = static_cast<std::size_t>(begin - name);
    if (tag.lists(*name, length) && !tag.add({name, length}, {})) return false;
  }
  return true;
}

/// A value that begins at `p`, after its `=`. Returns what is after it, or null if that cannot be told.
const char* find_value(const Strip& strip, const char* p, std::string_view& value) {
  if (p == strip.end() || is_space(*p) || *p == '>') return nullptr;
  const char* end = p;
  if (*p == '"' || *p == '\'') {
    const ByteKinds::Mask& closing = *p == '"' ? strip.kinds().quotes : strip.kinds().apostrophes;
    end = strip.find(closing, ++p);
    value = {p, static_cast<std::size_t>(end - p)};
    return end == strip.end() ? nullptr : end + 1;
  }
  while (end != strip.end() && !is_space(*end) && *end != '>') ++end;
  value = {p, static_cast<std::size_t>(end - p)};
  return end == strip.end() ? nullptr : end;
}

}  // namespace

bool scan_odd_attributes(const Strip& strip, const char* p, ScannedTag& tag) {
  const char* unquoted_end = nullptr;
  for (;;) {
    const char* event = p;
    while (event != strip.end() && *event != '=' && *event != '>') ++event;
    if (event == strip.end()) return false;
    if (*event == '>') {
      if (!add_names(p, event, tag)) return false;
      tag.self_closing = event[-1] == '/' && event != unquoted_end;
      tag.end = event + 1;
      return true;
    }
    // The name that the `=` belongs to; others before it have no value.
    const char* name = event;
    while (name != p && !ends_tag_name(name[-1])) --name;
    if (name == event) return false;  // ` =x`
    if (!add_names(p, name, tag)) return false;
    std::string_view value;
    const char* const behind = find_value(strip, event + 1, value);
    if (behind == nullptr) return false;
    const auto length = static_cast<std::size_t>(event - name);
    if (tag.lists(*name, length) && !tag.add({name, length}, value)) return false;
    if (behind == value.data() + value.size()) unquoted_end = behind;
    p = behind;
  }
}

}  // namespace personalize::html
