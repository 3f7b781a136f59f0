#include "rules/yaml/scalar_source.h"

#include <cstdint>
#include <string>
#include <vector>

#include "rules/text/ascii.h"
#include "rules/text/utf8.h"

namespace personalize::rules::yaml {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_break(char c) { return c == '\n' || c == '\r'; }

/// A scalar's value as it is read again, with the place of every byte.
class Reader {
 public:
  Reader(std::string_view file, std::size_t offset, std::size_t wanted) : file_(file), at_(offset), wanted_(wanted) {}

  void read() {
    skip_properties();
    switch (peek()) {
      case '\'': ++at_; return read_flow(Style::single_quoted);
      case '"': ++at_; return read_flow(Style::double_quoted);
      case '|':
      case '>': return read_block();
      default: return read_flow(Style::plain);
    }
  }

  /// The indentation in a block scalar's header, relative to its parent's, which is not known here: 0 if there is none.
  /// If there is, try `read_block_indented`.
  int explicit_indentation() const { return explicit_; }
  void read_block_indented(std::size_t indentation) {
    text_.clear();
    places_.clear();
    at_ = body_;
    read_lines(indentation);
  }

  bool matches(std::string_view value) const { return std::string_view(text_).substr(0, wanted_) == value; }

  std::size_t place(std::size_t position) const {
    if (position < places_.size()) return places_[position];
    return places_.empty() ? at_ : places_.back() + 1;
  }

 private:
  enum class Style { plain, single_quoted, double_quoted };

  char peek(std::size_t ahead = 0) const { return at_ + ahead < file_.size() ? file_[at_ + ahead] : '\0'; }
  bool at_end() const { return at_ >= file_.size(); }
  bool enough() const { return text_.size() > wanted_; }

  void emit(char c, std::size_t place) {
    text_ += c;
    places_.push_back(static_cast<std::uint32_t>(place));
  }

  /// Anchors and tags before the scalar, and what separates them from it.
  void skip_properties() {
    while (peek() == '&' || peek() == '!') {
      while (!at_end() && !is_blank(peek()) && !is_break(peek())) ++at_;
      while (!at_end() && (is_blank(peek()) || is_break(peek()) || peek() == '#')) {
        if (peek() == '#')
          while (!at_end() && !is_break(peek())) ++at_;
        else
          ++at_;
      }
    }
  }

  /// A line break (CR LF counts as one).
  void skip_break() { at_ += peek() == '\r' && peek(1) == '\n' ? 2 : 1; }

  /// A line break inside a flow scalar, and the white space around it.
  void fold(std::size_t keep) {
    while (text_.size() > keep && is_blank(text_.back())) {
      text_.pop_back();
      places_.pop_back();
    }
    const std::size_t first = at_;
    std::size_t breaks = 0;
    while (!at_end() && (is_blank(peek()) || is_break(peek()))) {
      if (is_break(peek())) {
        if (++breaks > 1) emit('\n', at_);
        skip_break();
      } else {
        ++at_;
      }
    }
    if (breaks == 1) emit(' ', first);
  }

  void read_flow(Style style) {
    std::size_t keep = 0;  // what came from escapes is not trimmed at the end of a line
    while (!at_end() && !enough()) {
      const char c = peek();
      if (is_break(c)) {
        fold(keep);
        keep = text_.size();
      } else if (style == Style::single_quoted && c == '\'') {
        if (peek(1) != '\'') return;
        emit('\'', at_);
        at_ += 2;
      } else if (style == Style::double_quoted && c == '"') {
        return;
      } else if (style == Style::double_quoted && c == '\\') {
        read_escape();
        keep = text_.size();
      } else {
        emit(c, at_++);
      }
    }
  }

  void emit_code_point(std::uint32_t c, std::size_t place) {
    std::string utf8;
    text::append_utf8(utf8, c);
    for (char byte : utf8) emit(byte, place);
  }

  /// One escape sequence of a double-quoted scalar (YAML 1.2, 5.7).
  void read_escape() {
    const std::size_t place = at_++;
    const char c = peek();
    if (is_break(c)) {
      skip_break();
      while (is_blank(peek())) ++at_;
      return;
    }
    ++at_;
    switch (c) {
      case '0': return emit('\0', place);
      case 'a': return emit('\a', place);
      case 'b': return emit('\b', place);
      case 't':
      case '\t': return emit('\t', place);
      case 'n': return emit('\n', place);
      case 'v': return emit('\v', place);
      case 'f': return emit('\f', place);
      case 'r': return emit('\r', place);
      case 'e': return emit('\x1B', place);
      case 'N': return emit_code_point(0x85, place);
      case '_': return emit_code_point(0xA0, place);
      case 'L': return emit_code_point(0x2028, place);
      case 'P': return emit_code_point(0x2029, place);
      case 'x': return read_hexadecimal(2, place);
      case 'u': return read_hexadecimal(4, place);
      case 'U': return read_hexadecimal(8, place);
      default: return emit(c, place);
    }
  }

  void read_hexadecimal(int digits, std::size_t place) {
    std::uint32_t c = 0;
    for (; digits > 0; --digits, ++at_) {
      const int digit = text::hex_value(peek());
      if (digit < 0) break;
      c = c * 16 + static_cast<std::uint32_t>(digit);
    }
    emit_code_point(c, place);
  }

  void read_block() {
    folded_ = peek() == '>';
    for (++at_; !at_end() && !is_break(peek()); ++at_) {
      if (peek() >= '1' && peek() <= '9' && explicit_ == 0) explicit_ = peek() - '0';
      if (peek() == '#') {
        while (!at_end() && !is_break(peek())) ++at_;
        break;
      }
    }
    if (!at_end()) skip_break();
    body_ = at_;
    if (explicit_ == 0) read_lines(detect_indentation());
  }

  /// Of the first line that is not empty.
  std::size_t detect_indentation() const {
    std::size_t i = at_;
    for (std::size_t start = i; i < file_.size(); start = i) {
      while (i < file_.size() && file_[i] == ' ') ++i;
      if (i < file_.size() && !is_break(file_[i])) return i - start;
      while (i < file_.size() && is_break(file_[i])) ++i;
    }
    return 0;
  }

  struct Line {
    std::size_t begin, end;
    bool indented_more = false;
  };

  void read_lines(std::size_t indentation) {
    bool first = true;
    bool previous_more = false;
    while (!at_end() && !enough()) {
      const std::size_t blank_lines = skip_empty_lines(indentation);
      const std::size_t first_break = last_break_;
      std::size_t spaces = 0;
      while (spaces < indentation && peek(spaces) == ' ') ++spaces;
      if (at_end() || spaces < indentation) {
        for (std::size_t i = first ? 0 : 1; i < blank_lines + (first ? 0 : 1); ++i) emit('\n', first_break);
        return;
      }
      at_ += indentation;
      const bool more = is_blank(peek());
      separate(first, folded_ && !more && !previous_more, blank_lines, first_break);
      while (!at_end() && !is_break(peek())) emit(peek(), at_), ++at_;
      last_break_ = at_;
      if (!at_end()) skip_break();
      first = false;
      previous_more = more;
    }
    if (!first) emit('\n', last_break_);
  }

  /// What is between two lines of a block scalar: the break of the first, and the empty lines.
  void separate(bool first, bool fold, std::size_t blank_lines, std::size_t place) {
    std::size_t breaks = blank_lines + (first ? 0 : 1);
    if (!first && fold) {
      if (blank_lines == 0) return emit(' ', place);
      --breaks;
    }
    for (; breaks > 0; --breaks) emit('\n', place);
  }

  /// Lines with nothing but (at most `indentation`) spaces.
  std::size_t skip_empty_lines(std::size_t indentation) {
    std::size_t lines = 0;
    while (true) {
      std::size_t spaces = 0;
      while (spaces < indentation && peek(spaces) == ' ') ++spaces;
      if (at_ + spaces >= file_.size() || !is_break(peek(spaces))) return lines;
      at_ += spaces;
      if (lines == 0 && text_.empty()) last_break_ = at_;
      skip_break();
      ++lines;
    }
  }

  std::string_view file_;
  std::size_t at_;
  std::size_t wanted_;
  std::string text_;
  std::vector<std::uint32_t> places_;
  std::size_t body_ = 0;
  std::size_t last_break_ = 0;
  int explicit_ = 0;
  bool folded_ = false;
};

}  // namespace

std::size_t source_offset(std::string_view file, std::size_t offset, std::string_view value, std::size_t position) {
  position = position < value.size() ? position : value.size();
  const std::string_view before = value.substr(0, position);
  Reader reader(file, offset, position);
  reader.read();
  constexpr std::size_t deepest = 200;
  for (std::size_t i = 1; reader.explicit_indentation() && i < deepest && !reader.matches(before); ++i)
    reader.read_block_indented(i);
  return reader.matches(before) ? reader.place(position) : offset;
}

}  // namespace personalize::rules::yaml
