#include "html/tokens/entities.h"

#include <array>
#include <cstdint>

namespace personalize::html {
namespace {

constexpr char names[] =
#include "html/tokens/entities.inc"
    ;

constexpr std::string_view replacement = "\xEF\xBF\xBD";

constexpr bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Where the names with a first letter begin.
constexpr std::array<std::uint16_t, 128> make_index() {
  std::array<std::uint16_t, 128> index{};
  const std::string_view all(names, sizeof names - 1);
  std::size_t at = 0;
  while (at < all.size()) {
    auto& first = index[static_cast<unsigned char>(all[at])];
    if (first == 0) first = static_cast<std::uint16_t>(at + 1);  // 0: none
    at = all.find('\0', at) + 1;
    at = all.find('\0', at) + 1;
  }
  return index;
}

static_assert(sizeof names < 65535);
const std::array<std::uint16_t, 128> first_with = make_index();

struct Entity {
  std::string_view name;
  std::string_view text;
};

/// The longest name that `text` (after the `&`) begins with.
Entity find_entity(std::string_view text) {
  Entity best;
  if (text.empty() || !is_alphanumeric(text[0])) return best;
  std::size_t at = first_with[static_cast<unsigned char>(text[0])];
  if (at == 0) return best;
  const std::string_view all(names, sizeof names - 1);
  for (--at; at < all.size() && all[at] == text[0];) {
    const std::string_view name(names + at);
    const std::string_view value(names + at + name.size() + 1);
    if (name.size() > best.name.size() && text.starts_with(name)) best = {name, value};
    at += name.size() + value.size() + 2;
  }
  return best;
}

char32_t numeric_reference(char32_t code) {
  // What windows-1252 has in the place of the C1 controls.
  static constexpr std::array<char16_t, 32> c1 = {0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                                  0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,   0x017D, 0x8F,
                                                  0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                                  0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};
  if (code == 0 || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return 0xFFFD;
  return code >= 0x80 && code < 0xA0 ? c1[code - 0x80] : code;
}

int digit_value(char c, unsigned base) {
  int value = -1;
  if (c >= '0' && c <= '9')
    value = c - '0';
  else if (base == 16 && c >= 'a' && c <= 'f')
    value = c - 'a' + 10;
  else if (base == 16 && c >= 'A' && c <= 'F')
    value = c - 'A' + 10;
  return value;
}

std::size_t decode_numeric(std::string_view text, std::string& out) {
  std::size_t at = 2;
  unsigned base = 10;
  if (at < text.size() && (text[at] == 'x' || text[at] == 'X')) {
    base = 16;
    ++at;
  }
  const std::size_t digits = at;
  char32_t code = 0;
  for (; at < text.size(); ++at) {
    const int value = digit_value(text[at], base);
    if (value < 0) break;
    if (code <= 0x10FFFF) code = code * base + static_cast<char32_t>(value);
  }
  if (at == digits) return 0;
  append_utf8(numeric_reference(code), out);
  return at < text.size() && text[at] == ';' ? at + 1 : at;
}

}  // namespace

void append_utf8(char32_t code, std::string& out) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (code >> 18));
    out += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

std::size_t decode_reference(std::string_view text, ReferencePlace place, std::string& out) {
  if (text.size() > 1 && text[1] == '#') return decode_numeric(text, out);
  const Entity entity = find_entity(text.substr(1));
  if (entity.name.empty()) return 0;
  const std::size_t size = entity.name.size() + 1;
  if (place == ReferencePlace::attribute && entity.name.back() != ';' && size < text.size() &&
      (text[size] == '=' || is_alphanumeric(text[size]))) {
    return 0;  // "?a=1&copy=2" has no reference
  }
  out += entity.text;
  return size;
}

namespace {

void decode(std::string_view raw, bool references, ReferencePlace place, NulByte nul, std::string& out) {
  for (std::size_t at = 0; at < raw.size();) {
    const char c = raw[at];
    if (c == '&' && references) {
      const std::size_t used = decode_reference(raw.substr(at), place, out);
      if (used != 0) {
        at += used;
        continue;
      }
    } else if (c == '\r') {
      out += '\n';
      at += at + 1 < raw.size() && raw[at + 1] == '\n' ? 2 : 1;
      continue;
    } else if (c == '\0' && nul == NulByte::replace) {
      out += replacement;
      ++at;
      continue;
    }
    out += c;
    ++at;
  }
}

}  // namespace

std::string_view decode_attribute(std::string_view raw, std::string& scratch) {
  if (raw.find_first_of(std::string_view("&\r\0", 3)) == std::string_view::npos) return raw;
  scratch.clear();
  decode(raw, true, ReferencePlace::attribute, NulByte::replace, scratch);
  return scratch;
}

void decode_text(std::string_view raw, bool references, NulByte nul, std::string& out) {
  decode(raw, references, ReferencePlace::text, nul, out);
}

}  // namespace personalize::html
