#include "html/selectors/css_cursor.h"

#include <cstdint>

#include "html/tokens/ascii.h"
#include "html/tokens/entities.h"

namespace personalize::html {
namespace {

bool is_name_start(char c) { return is_ascii_letter(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80; }
bool is_name_byte(char c) { return is_name_start(c) || is_ascii_digit(c) || c == '-'; }

int hex_value(char c) {
  if (is_ascii_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

bool CssCursor::take(char byte) {
  if (at_end() || peek() != byte) return false;
  ++at_;
  return true;
}

bool CssCursor::skip_space() {
  bool space = false;
  while (!at_end()) {
    if (is_space(peek())) {
      space = true;
      ++at_;
    } else if (peek() == '/' && peek(1) == '*') {
      const std::size_t end = text_.find("*/", at_ + 2);
      at_ = end == std::string_view::npos ? text_.size() : end + 2;
    } else {
      break;
    }
  }
  return space;
}

bool CssCursor::at_escape(std::size_t ahead) const {
  return peek(ahead) == '\\' && at_ + ahead + 1 < text_.size() && peek(ahead + 1) != '\n' && peek(ahead + 1) != '\r' &&
         peek(ahead + 1) != '\f';
}

bool CssCursor::at_identifier() const {
  if (at_end()) return false;
  if (peek() == '-') return is_name_start(peek(1)) || peek(1) == '-' || at_escape(1);
  return is_name_start(peek()) || at_escape(0);
}

void CssCursor::take_escape(std::string& out) {
  ++at_;
  if (hex_value(peek()) < 0) {
    out += text_[at_++];
    return;
  }
  std::uint32_t code = 0;
  for (int digits = 0; digits < 6 && !at_end() && hex_value(peek()) >= 0; ++digits) {
    code = code * 16 + static_cast<std::uint32_t>(hex_value(text_[at_++]));
  }
  if (peek() == '\r' && peek(1) == '\n') ++at_;
  if (!at_end() && is_space(peek())) ++at_;
  const bool no_character = code == 0 || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF);
  append_utf8(no_character ? U'\uFFFD' : static_cast<char32_t>(code), out);
}

bool CssCursor::take_identifier(std::string& out) { return at_identifier() && take_name(out); }

bool CssCursor::take_name(std::string& out) {
  const std::size_t start = at_;
  out.clear();
  while (!at_end()) {
    if (is_name_byte(peek())) {
      out += text_[at_++];
    } else if (at_escape(0)) {
      take_escape(out);
    } else {
      break;
    }
  }
  return at_ != start;
}

bool CssCursor::take_string(std::string& out) {
  const char quote = peek();
  out.clear();
  ++at_;
  while (!at_end()) {
    const char c = peek();
    if (c == quote) {
      ++at_;
      return true;
    }
    if (c == '\n' || c == '\r' || c == '\f') return false;
    if (c != '\\') {
      out += c;
      ++at_;
    } else if (at_escape(0)) {
      take_escape(out);
    } else {  // an escaped line break stands for nothing
      at_ += peek(1) == '\r' && peek(2) == '\n' ? 3 : 2;
    }
  }
  at_ = text_.size();
  return false;
}

std::string_view CssCursor::until_closing_parenthesis() const {
  std::size_t end = at_;
  while (end < text_.size() && text_[end] != ')') ++end;
  return text_.substr(at_, end - at_);
}

}  // namespace personalize::html
