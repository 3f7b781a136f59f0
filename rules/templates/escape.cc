#include "rules/templates/escape.h"

#include <array>

#include "rules/templates/url_state.h"
#include "rules/text/ascii.h"

namespace personalize::rules::templates {
namespace {

/// What replaces some bytes; all others stay. The table that is looked up for every byte is small.
class Replacements {
 public:
  constexpr Replacements with(unsigned char byte, std::string_view text) const {
    Replacements more = *this;
    more.texts_[more.numbers_[byte] = ++more.count_] = text;
    return more;
  }
  /// Empty: it stays.
  std::string_view operator[](char c) const { return texts_[numbers_[static_cast<unsigned char>(c)]]; }

 private:
  std::array<std::uint8_t, 256> numbers_{};
  std::array<std::string_view, 8> texts_{};
  std::uint8_t count_ = 0;
};

constexpr Replacements text_replacements =
    Replacements()
        .with('&', "&amp;")
        .with('<', "&lt;")
        .with('>', "&gt;")
        .with('"', "&quot;")
        .with(0, "\uFFFD");  // parsers drop or replace it, depending on the place
constexpr Replacements attribute_replacements = text_replacements.with('\'', "&#39;");
constexpr Replacements json_replacements =
    Replacements().with('&', "\\u0026").with('<', "\\u003c").with('>', "\\u003e");

using Set = std::array<bool, 256>;

constexpr Set unreserved = [] {
  Set s{};
  for (int c = 'a'; c <= 'z'; ++c) s[c] = s[c - 32] = true;
  for (int c = '0'; c <= '9'; ++c) s[c] = true;
  for (char c : {'-', '.', '_', '~'}) s[c] = true;
  return s;
}();

/// What is left as it is in an address. The quotes and parentheses among the reserved characters are still encoded,
/// because of where addresses end up.
constexpr Set in_address = [] {
  Set s = unreserved;
  for (char c : {':', '/', '?', '#', '[', ']', '@', '!', '$', '&', '*', '+', ',', ';', '=', '%'}) s[c] = true;
  return s;
}();

void append_replaced(std::pmr::string& out, std::string_view value, const Replacements& replacements) {
  std::size_t done = 0;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const std::string_view replacement = replacements[value[i]];
    if (replacement.empty()) continue;
    out.append(value.substr(done, i - done)).append(replacement);
    done = i + 1;
  }
  out.append(value.substr(done));
}

void append_encoded(std::pmr::string& out, std::string_view value, const Set& kept) {
  for (char c : value) {
    if (kept[static_cast<unsigned char>(c)]) {
      out += c;
    } else {
      text::append_hex(out += '%', c, text::upper_hex_digits);
    }
  }
}

std::string_view trim_controls(std::string_view address) {
  const auto is_trimmed = [](char c) { return static_cast<unsigned char>(c) <= 0x20; };
  while (!address.empty() && is_trimmed(address.front())) address.remove_prefix(1);
  while (!address.empty() && is_trimmed(address.back())) address.remove_suffix(1);
  return address;
}

void append_address(std::pmr::string& out, std::string_view value) {
  const std::string scheme = scheme_of(value);
  if (!scheme.empty() && !allowed_scheme(scheme)) {
    out += '#';
    return;
  }
  value = trim_controls(value);
  if (value.starts_with(':')) {  // an empty scheme: text before it would become one
    out += '#';
    return;
  }
  append_encoded(out, value, in_address);
}

void append_json(std::pmr::string& out, std::string_view value) {
  std::size_t done = 0;
  for (std::size_t i = 0; i + 2 < value.size(); ++i) {
    if (value[i] != '\xE2' || value[i + 1] != '\x80' || (value[i + 2] != '\xA8' && value[i + 2] != '\xA9')) continue;
    append_replaced(out, value.substr(done, i - done), json_replacements);
    out.append(value[i + 2] == '\xA8' ? "\\u2028" : "\\u2029");
    done = i + 3;
  }
  append_replaced(out, value.substr(done), json_replacements);
}

}  // namespace

void append_escaped(std::pmr::string& out, std::string_view value, Escape escape) {
  switch (escape) {
    case Escape::none: out.append(value); return;
    case Escape::text: append_replaced(out, value, text_replacements); return;
    case Escape::attribute: append_replaced(out, value, attribute_replacements); return;
    case Escape::url: append_address(out, value); return;
    case Escape::url_part: append_encoded(out, value, unreserved); return;
    case Escape::url_attribute: {
      std::pmr::string address(out.get_allocator());
      append_address(address, value);
      append_replaced(out, address, attribute_replacements);
      return;
    }
    case Escape::json: append_json(out, value); return;
  }
}

}  // namespace personalize::rules::templates
