#include "rules/templates/url_state.h"

#include <algorithm>
#include <array>

#include "html/tokens/ascii.h"

namespace personalize::rules::templates {
namespace {

bool ends_scheme_search(char c) { return c == '/' || c == '?' || c == '#' || c == '\\'; }
/// Whether browsers ignore this character of an address (URL standard, 4.4).
bool is_dropped(char c, bool at_start) {
  return c == '\t' || c == '\n' || c == '\r' || (at_start && static_cast<unsigned char>(c) <= 0x20);
}

}  // namespace

bool allowed_scheme(std::string_view scheme) {
  constexpr std::array<std::string_view, 4> allowed = {"http", "https", "mailto", "tel"};
  return std::find(allowed.begin(), allowed.end(), scheme) != allowed.end();
}

std::string scheme_of(std::string_view address) {
  std::string scheme;
  for (char c : address) {
    if (ends_scheme_search(c)) return {};
    if (c == ':') return scheme;
    if (!is_dropped(c, scheme.empty())) scheme += html::ascii_lower(c);
  }
  return {};
}

const char* UrlState::feed(char c) {
  constexpr const char* refusal = "only http, https, mailto, tel and relative addresses are allowed here";
  if (part_ == Part::settled) return nullptr;
  if (ends_scheme_search(c)) {
    part_ = Part::settled;
  } else if (c == ':') {
    if (part_ == Part::value_so_far || !allowed_scheme(scheme_)) return refusal;
    part_ = Part::settled;
  } else if (!is_dropped(c, part_ == Part::start)) {
    if (part_ == Part::start) part_ = Part::maybe_scheme;
    scheme_ += html::ascii_lower(c);
  }
  return nullptr;
}

void UrlState::feed_value() {
  if (part_ != Part::settled) part_ = Part::value_so_far;
  scheme_.clear();
}

void UrlState::join(const UrlState& other) {
  if (*this == other) return;
  // Values are encoded whole from here on, which is safe after any beginning; a `:` is so only after a settled one.
  part_ = part_ == Part::settled && other.part_ == Part::settled ? Part::settled : Part::value_so_far;
  scheme_.clear();
}

}  // namespace personalize::rules::templates
