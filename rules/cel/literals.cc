// Escape sequences of string and bytes literals.
#include <string>

#include "rules/cel/lexer.h"
#include "rules/text/ascii.h"
#include "rules/text/utf8.h"

namespace personalize::rules::cel {
namespace {

char simple_escape(char c) {
  switch (c) {
    case 'a': return '\a';
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'v': return '\v';
    case '\\':
    case '?':
    case '"':
    case '\'':
    case '`': return c;
    default: return '\0';
  }
}

struct Digits {
  std::size_t count;
  int base;
};

// How many digits follow the escape's letter; an octal escape has its digits from the letter on.
Digits digits_of(char letter, bool bytes) {
  switch (letter) {
    case 'x':
    case 'X': return {2, 16};
    case 'u': return {bytes ? 0u : 4u, 16};
    case 'U': return {bytes ? 0u : 8u, 16};
    case '0':
    case '1':
    case '2':
    case '3': return {3, 8};
    default: return {0, 0};
  }
}

// Appends what the escape at `at`, its backslash, stands for; `at` moves to what follows it.
tl::expected<void, Error> decode_escape(std::string_view body, std::size_t& at, bool bytes, std::string& out) {
  const auto fail = [begin = at](const char* message) { return tl::unexpected(Error{begin, message}); };
  ++at;
  const char letter = at < body.size() ? body[at] : '\0';
  if (const char c = simple_escape(letter)) {
    out += c;
    ++at;
    return {};
  }
  const Digits digits = digits_of(letter, bytes);
  if (digits.count == 0) return fail("unknown escape sequence");
  if (digits.base == 16) ++at;
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < digits.count; ++i, ++at) {
    const int digit = at < body.size() ? text::hex_value(body[at]) : -1;
    if (digit < 0 || digit >= digits.base) return fail("escape sequence with too few digits");
    value = value * static_cast<std::uint32_t>(digits.base) + static_cast<std::uint32_t>(digit);
  }
  if (bytes) {
    out += static_cast<char>(value);
  } else if (!text::is_unicode_scalar(value)) {
    return fail("escape sequence is not a Unicode character");
  } else {
    text::append_utf8(out, value);
  }
  return {};
}

}  // namespace

tl::expected<std::string, Error> decode_literal(std::string_view literal) {
  std::string out;
  bool raw = false;
  bool bytes = false;
  std::size_t at = 0;
  for (; literal[at] != '"' && literal[at] != '\''; ++at) {
    raw = raw || literal[at] == 'r' || literal[at] == 'R';
    bytes = bytes || literal[at] == 'b' || literal[at] == 'B';
  }
  const bool triple = literal.size() - at >= 6 && literal[at + 1] == literal[at] && literal[at + 2] == literal[at];
  const std::size_t quotes = triple ? 3 : 1;
  const std::string_view body = literal.substr(0, literal.size() - quotes);
  for (at += quotes; at < body.size();) {
    if (body[at] != '\\' || raw) {
      out += body[at++];
    } else if (auto decoded = decode_escape(body, at, bytes, out); !decoded) {
      return tl::unexpected(std::move(decoded.error()));
    }
  }
  if (!bytes && !text::is_valid_utf8(out)) return tl::unexpected(Error{0, "string is not valid UTF-8"});
  return out;
}

}  // namespace personalize::rules::cel
