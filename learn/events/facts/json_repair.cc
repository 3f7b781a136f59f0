#include "learn/events/facts/json_repair.h"

#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "learn/events/json_text.h"

namespace personalize::learn::events {
namespace {

bool is_json_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }
bool is_hex_digit(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
std::uint32_t hex_value(char c) { return static_cast<std::uint32_t>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10); }

void append_code_point(std::string& out, std::uint32_t code_point) {
  if (code_point > 0x10FFFF || (code_point >= 0xD800 && code_point < 0xE000)) code_point = 0xFFFD;
  std::array<char, 4> bytes{};
  std::int32_t size = 0;
  U8_APPEND_UNSAFE(bytes.data(), size, code_point);
  out.append(bytes.data(), static_cast<std::size_t>(size));
}

struct Reference {
  std::string_view name;
  std::string_view text;
};
constexpr std::array<Reference, 6> references = {
    {{"amp;", "&"}, {"quot;", "\""}, {"lt;", "<"}, {"gt;", ">"}, {"apos;", "'"}, {"nbsp;", "\xC2\xA0"}}};

/// The size of the reference that `text`, which begins with `&`, begins with, whose meaning is appended; or 0.
std::size_t take_reference(std::string& out, std::string_view text) {
  for (const Reference& reference : references) {
    if (!text.substr(1).starts_with(reference.name)) continue;
    out += reference.text;
    return reference.name.size() + 1;
  }
  if (text.size() < 4 || text[1] != '#') return 0;
  const bool hex = text[2] == 'x' || text[2] == 'X';
  std::size_t at = hex ? 3 : 2;
  const std::size_t digits = at;
  std::uint32_t code_point = 0;
  for (; at < text.size() && (hex ? is_hex_digit(text[at]) : text[at] >= '0' && text[at] <= '9'); ++at) {
    if (code_point <= 0x10FFFF) code_point = code_point * (hex ? 16 : 10) + hex_value(text[at]);
  }
  if (at == digits || at == text.size() || text[at] != ';') return 0;
  append_code_point(out, code_point);
  return at + 1;
}

/// Reads what is meant, and writes JSON.
class Repair {
 public:
  explicit Repair(std::string_view text) : text_(text) { out_.reserve(text.size() + 16); }

  std::string run() {
    out_ += '[';
    while (skip_to_token()) take_token();
    while (!open_.empty()) close();
    out_ += ']';
    return std::move(out_);
  }

 private:
  /// What an open array or object waits for.
  enum class Expects : std::uint8_t { value, key, colon };
  struct Open {
    bool object;
    bool dropped;  // it is too deep
    bool empty = true;
    Expects expects;
  };

  char current() const { return text_[at_]; }
  std::string_view rest() const { return text_.substr(at_); }
  bool dropping() const { return !open_.empty() && open_.back().dropped; }

  /// Past spaces, comments and the like; false at the end.
  bool skip_to_token() {
    while (at_ < text_.size()) {
      if (is_json_space(current()) || current() == ';' || static_cast<unsigned char>(current()) < 0x20) {
        ++at_;
      } else if (!skip_mark("\xEF\xBB\xBF") && !skip_mark("\xC2\xA0") && !skip_mark("<![CDATA[") && !skip_mark("]]>") &&
                 !skip_mark("<!--") && !skip_mark("-->") && !skip_comment()) {
        return true;
      }
    }
    return false;
  }
  bool skip_mark(std::string_view mark) {
    if (!rest().starts_with(mark)) return false;
    at_ += mark.size();
    return true;
  }
  bool skip_comment() {
    const bool line = rest().starts_with("//");
    if (!line && !rest().starts_with("/*")) return false;
    // What is marked in a comment, as in `// <![CDATA[`, ends with its line as well.
    const std::string_view end = line ? "\n" : "*/";
    const std::size_t found = text_.find(end, at_ + 2);
    at_ = found == std::string_view::npos ? text_.size() : found + end.size();
    return true;
  }

  void take_token() {
    switch (current()) {
      case '{':
      case '[': return begin(current() == '{');
      case '}':
      case ']': return end(current() == '}');
      case ',': ++at_; return;
      case ':':
        ++at_;
        if (!open_.empty() && open_.back().expects == Expects::colon) {
          if (!open_.back().dropped) out_ += ':';
          open_.back().expects = Expects::value;
        }
        return;
      default: break;
    }
    std::string value;
    const bool quoted = current() == '"' || current() == '\'';
    if (quoted)
      read_string(value);
    else
      read_word(value);
    put(value, quoted);
  }

  void begin(bool object) {
    ++at_;
    // An object where a name is wanted: what should be before it, braces and a comma, is missing.
    while (!open_.empty() && open_.back().object && open_.back().expects == Expects::key) close();
    const bool dropped = dropping() || open_.size() >= limits::max_json_depth;
    begin_value();
    open_.push_back({object, dropped, true, object ? Expects::key : Expects::value});
    open_objects_ += object ? 1 : 0;
    if (!dropped) out_ += object ? '{' : '[';
  }

  void end(bool object) {
    ++at_;
    if ((object ? open_objects_ : open_.size() - open_objects_) == 0) return;  // it closes nothing
    while (open_.back().object != object) close();
    close();
  }

  void close() {
    const Open open = open_.back();
    if (!open.dropped) {
      if (open.object && open.expects == Expects::colon) out_ += ':';
      if (open.object && open.expects != Expects::key) out_ += "null";
      out_ += open.object ? '}' : ']';
    } else if (!open_[open_.size() - 2].dropped) {
      out_ += "null";
    }
    open_objects_ -= open.object ? 1 : 0;
    open_.pop_back();
  }

  /// A value comes next, and not a name.
  void begin_value() {
    if (open_.empty()) return separate(top_empty_, false);
    Open& open = open_.back();
    if (!open.object) separate(open.empty, open.dropped);
    if (open.object && open.expects == Expects::colon && !open.dropped) out_ += ':';  // it is missing
    open.expects = open.object ? Expects::key : Expects::value;
  }
  void separate(bool& empty, bool dropped) {
    if (!empty && !dropped) out_ += ',';
    empty = false;
  }

  /// A string or word: a name or a value.
  void put(const std::string& value, bool quoted) {
    if (!open_.empty() && open_.back().object && open_.back().expects == Expects::key) {
      Open& open = open_.back();
      if (!open.dropped) {
        if (!open.empty) out_ += ',';
        append_json_text(out_, value);
      }
      open.empty = false;
      open.expects = Expects::colon;
      return;
    }
    begin_value();
    if (dropping()) return;
    if (!quoted && (value == "true" || value == "false" || value == "null" || is_number(value)))
      out_ += value;
    else if (!quoted && (value == "undefined" || value == "NaN" || value == "None"))
      out_ += "null";
    else
      append_json_text(out_, value);
  }

  /// As JSON has it, and not so long that it would lose digits.
  static bool is_number(std::string_view text) {
    std::size_t at = text.starts_with('-') ? 1 : 0;
    const auto digits = [&] {
      const std::size_t begin = at;
      while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
      return at - begin;
    };
    const bool zero = at < text.size() && text[at] == '0';
    const std::size_t whole = digits();
    if (whole == 0 || whole > 15 || (zero && whole > 1)) return false;
    if (at == text.size()) return true;
    if (text[at] != '.') return false;
    ++at;
    const std::size_t fraction = digits();
    return fraction != 0 && fraction <= 15 && at == text.size();
  }

  void read_word(std::string& value) {
    const std::size_t begin = at_;
    while (at_ < text_.size() && !is_json_space(current()) &&
           std::string_view("{}[],:\"'").find(current()) == std::string_view::npos)
      ++at_;
    if (at_ == begin) ++at_;
    value = text_.substr(begin, at_ - begin);
  }

  void read_string(std::string& value) {
    const char quote = current();
    ++at_;
    while (at_ < text_.size()) {
      const char c = current();
      if (c == quote && ends_string()) {
        ++at_;
        return;
      }
      if (c == '\\') {
        take_escape(value);
        continue;
      }
      value += c;
      ++at_;
    }
  }

  /// The quote here is followed by what can follow a string; otherwise it has not been escaped.
  bool ends_string() const {
    const std::size_t next = next_token(at_ + 1);
    if (next >= text_.size()) return true;
    switch (text_[next]) {
      case '}':
      case ']': return true;
      case ':': return !open_.empty() && open_.back().object && open_.back().expects == Expects::key;
      case ',': return begins_value_or_name(next_token(next + 1));
      // A comma that is missing: the next name stands on the next line.
      case '"': return text_.substr(at_, next - at_).find('\n') != std::string_view::npos;
      case '/': return next + 1 < text_.size() && (text_[next + 1] == '/' || text_[next + 1] == '*');
      default: return false;
    }
  }
  bool begins_value_or_name(std::size_t at) const {
    if (at >= text_.size()) return true;
    const char c = text_[at];
    if (std::string_view("\"'{}[]/-").find(c) != std::string_view::npos || (c >= '0' && c <= '9')) return true;
    std::size_t end = at;
    while (end < text_.size() && end - at < near && is_word(text_[end])) ++end;
    if (end == at) return false;
    const std::string_view word = text_.substr(at, end - at);
    const std::size_t next = next_token(end);
    return word == "true" || word == "false" || word == "null" || (next < text_.size() && text_[next] == ':');
  }
  static bool is_word(char c) {
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_' || c == '$' || c == '@';
  }
  /// The next byte that is no space, among a few; the end of the text if there is none.
  std::size_t next_token(std::size_t at) const {
    const std::size_t end = std::min(text_.size(), at + near);
    while (at < end && is_json_space(text_[at])) ++at;
    return at < end ? at : text_.size();
  }
  static constexpr std::size_t near = 256;

  void take_escape(std::string& value) {
    if (at_ + 1 == text_.size()) {
      ++at_;
      return;
    }
    const char c = text_[at_ + 1];
    constexpr std::string_view names = "bfnrt\"\\/'", meanings = "\b\f\n\r\t\"\\/'";
    if (const std::size_t found = names.find(c); found != std::string_view::npos) {
      value += meanings[found];
      at_ += 2;
    } else if (std::uint32_t unit = 0; c == 'u' && hex(at_ + 2, 4, unit)) {
      at_ += 6;
      std::uint32_t low = 0;
      if (unit >= 0xD800 && unit < 0xDC00 && rest().starts_with("\\u") && hex(at_ + 2, 4, low) && low >= 0xDC00 &&
          low < 0xE000) {
        unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
        at_ += 6;
      }
      append_code_point(value, unit);
    } else if (c == 'x' && hex(at_ + 2, 2, unit)) {  // as JavaScript has it
      append_code_point(value, unit);
      at_ += 4;
    } else {
      value += '\\';
      ++at_;
    }
  }
  bool hex(std::size_t begin, std::size_t size, std::uint32_t& value) const {
    if (begin > text_.size() || text_.size() - begin < size) return false;
    value = 0;
    for (const char c : text_.substr(begin, size)) {
      if (!is_hex_digit(c)) return false;
      value = value * 16 + hex_value(c);
    }
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string out_;
  std::vector<Open> open_;
  std::size_t open_objects_ = 0;
  bool top_empty_ = true;
};

}  // namespace

void append_without_references(std::string& out, std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t used = text[at] == '&' ? take_reference(out, text.substr(at)) : 0;
    if (used == 0) out += text[at];
    at += used == 0 ? 1 : used;
  }
}

std::string repaired_json(std::string_view text) {
  const std::size_t begin = text.find_first_of("{[");
  const std::string_view inside = begin == std::string_view::npos ? text : text.substr(begin + 1);
  const std::size_t first = inside.find_first_not_of(" \t\r\n{[");
  const bool escaped = first != std::string_view::npos &&
                       (inside.substr(first).starts_with("&quot;") || inside.substr(first).starts_with("&#34;") ||
                        inside.substr(first).starts_with("&#x22;"));
  if (!escaped) return Repair(text).run();
  std::string decoded;
  append_without_references(decoded, text);
  return Repair(decoded).run();
}

}  // namespace personalize::learn::events
