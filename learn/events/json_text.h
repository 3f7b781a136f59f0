// Writes JSON by appending to a string: without allocation once the string is large enough.
#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <concepts>
#include <string>
#include <string_view>

namespace personalize::learn::events {

/// Appends `text` in quotes. Bytes that are not UTF-8 become U+FFFD.
void append_json_text(std::string& out, std::string_view text);

class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }
  /// `name` needs no escapes.
  void key(std::string_view name) {
    constexpr std::size_t max_short = 60;
    char piece[max_short + 4];  // in one go: most of an event's bytes are its keys
    char* end = piece;
    if (!after_key_ && !first_) *end++ = ',';
    if (name.size() > max_short) {
      out_.append(piece, static_cast<std::size_t>(end - piece)).append("\"").append(name).append("\":");
    } else {
      *end++ = '"';
      end = std::copy(name.begin(), name.end(), end);
      *end++ = '"';
      *end++ = ':';
      out_.append(piece, static_cast<std::size_t>(end - piece));
    }
    first_ = false;
    after_key_ = true;
  }
  void text(std::string_view value) {
    separate();
    append_json_text(out_, value);
  }
  void boolean(bool value) {
    separate();
    out_ += value ? "true" : "false";
  }
  /// Shortest form that reads back as the same number. JSON has no infinity: null.
  template <class Number>
  requires std::integral<Number> || std::floating_point<Number>
  void number(Number value) {
    separate();
    if constexpr (std::floating_point<Number>) {
      if (!std::isfinite(value)) {
        out_ += "null";
        return;
      }
    }
    char digits[32];
    char* end = nullptr;
    if constexpr (std::floating_point<Number>) {
      // Large ones with an exponent: without it readers take them for integers that are too large.
      const bool large = std::abs(value) >= 1e15;
      end = large ? std::to_chars(digits, digits + sizeof digits, value, std::chars_format::scientific).ptr
                  : std::to_chars(digits, digits + sizeof digits, value).ptr;
    } else {
      end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    }
    out_.append(digits, end);
  }

 private:
  void separate() {
    if (!after_key_ && !first_) out_.append(",", 1);
    after_key_ = first_ = false;
  }
  void open(char bracket) {
    separate();
    out_ += bracket;
    first_ = true;
  }
  void close(char bracket) {
    out_ += bracket;
    first_ = false;
  }

  std::string& out_;
  bool first_ = true;       // of its object or array
  bool after_key_ = false;  // its value comes next
};

}  // namespace personalize::learn::events
