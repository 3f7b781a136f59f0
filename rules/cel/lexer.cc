#include "rules/cel/lexer.h"

#include <algorithm>
#include <array>

#include "rules/text/ascii.h"

namespace personalize::rules::cel {
namespace {

bool is_digit(char c) { return text::is_ascii_digit(c); }
bool is_hex(char c) { return text::hex_value(c) >= 0; }
bool is_name_start(char c) { return text::is_ascii_letter(c) || c == '_'; }
bool is_name(char c) { return is_name_start(c) || is_digit(c); }

constexpr std::array<std::string_view, 17> reserved = {"as",       "break",  "const",  "continue", "else", "for",
                                                       "function", "if",     "import", "let",      "loop", "namespace",
                                                       "package",  "return", "var",    "void",     "while"};

constexpr std::array<std::string_view, 6> long_punctuation = {"==", "!=", "<=", ">=", "&&", "||"};

class Lexer {
 public:
  Lexer(std::string_view source, std::vector<Error>& errors) : source_(source), errors_(errors) {}

  std::vector<Token> run() {
    while (true) {
      skip_space();
      if (at_ >= source_.size()) break;
      if (!next()) return {};
    }
    add(TokenKind::end, at_);
    return std::move(tokens_);
  }

 private:
  char peek(std::size_t ahead = 0) const { return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0'; }

  void add(TokenKind kind, std::size_t begin) {
    tokens_.push_back(
        {kind, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(at_), source_.substr(begin, at_ - begin)});
  }

  bool fail(std::size_t offset, std::string message) {
    errors_.push_back({offset, std::move(message)});
    return false;
  }

  void skip_space() {
    while (at_ < source_.size()) {
      const char c = source_[at_];
      if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
        ++at_;
      } else if (c == '/' && peek(1) == '/') {
        while (at_ < source_.size() && source_[at_] != '\n') ++at_;
      } else {
        return;
      }
    }
  }

  bool next() {
    const char c = peek();
    if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return number();
    if (const std::size_t prefix = literal_prefix(); peek(prefix) == '"' || peek(prefix) == '\'') {
      return string(prefix);
    }
    if (is_name_start(c)) return word();
    if (c == '`') return quoted_identifier();
    return punctuation();
  }

  // Length of r, b, br, rb in any case before a quote.
  std::size_t literal_prefix() const {
    const auto is = [](char c, char letter) { return c == letter || c == letter - 32; };
    if ((is(peek(), 'b') && is(peek(1), 'r')) || (is(peek(), 'r') && is(peek(1), 'b'))) return 2;
    return is(peek(), 'b') || is(peek(), 'r') ? 1 : 0;
  }

  bool number() {
    const std::size_t begin = at_;
    TokenKind kind = TokenKind::integer;
    if (peek() == '0' && (peek(1) == 'x' || peek(1) == 'X') && is_hex(peek(2))) {
      at_ += 2;
      while (is_hex(peek())) ++at_;
    } else {
      while (is_digit(peek())) ++at_;
      if (peek() == '.' && is_digit(peek(1))) {
        kind = TokenKind::real;
        ++at_;
        while (is_digit(peek())) ++at_;
      }
      const std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 2 : 1;
      if ((peek() == 'e' || peek() == 'E') && is_digit(peek(sign))) {
        kind = TokenKind::real;
        at_ += sign;
        while (is_digit(peek())) ++at_;
      }
    }
    if (kind == TokenKind::integer && (peek() == 'u' || peek() == 'U')) {
      ++at_;
      kind = TokenKind::unsigned_integer;
    }
    if (is_name(peek())) return fail(begin, "malformed number");
    add(kind, begin);
    return true;
  }

  bool string(std::size_t prefix) {
    const std::size_t begin = at_;
    bool raw = false;
    bool bytes = false;
    for (std::size_t i = 0; i < prefix; ++i) {
      raw = raw || peek(i) == 'r' || peek(i) == 'R';
      bytes = bytes || peek(i) == 'b' || peek(i) == 'B';
    }
    at_ += prefix;
    const char quote = peek();
    const bool triple = peek(1) == quote && peek(2) == quote;
    at_ += triple ? 3 : 1;
    while (at_ < source_.size()) {
      const char c = source_[at_];
      if (c == '\\' && !raw) {
        at_ += 2;
      } else if (c == quote && (!triple || (peek(1) == quote && peek(2) == quote))) {
        at_ += triple ? 3 : 1;
        add(bytes ? TokenKind::bytes : TokenKind::string, begin);
        return true;
      } else if (!triple && (c == '\n' || c == '\r')) {
        break;
      } else {
        ++at_;
      }
    }
    return fail(begin, "string without closing quote");
  }

  bool word() {
    const std::size_t begin = at_;
    while (is_name(peek())) ++at_;
    const std::string_view text = source_.substr(begin, at_ - begin);
    TokenKind kind = TokenKind::identifier;
    if (text == "true") kind = TokenKind::word_true;
    if (text == "false") kind = TokenKind::word_false;
    if (text == "null") kind = TokenKind::word_null;
    if (text == "in") kind = TokenKind::word_in;
    add(kind, begin);
    return true;
  }

  bool quoted_identifier() {
    const std::size_t begin = at_++;
    while (is_name(peek()) || peek() == '.' || peek() == '-' || peek() == '/' || peek() == ' ') ++at_;
    if (peek() != '`') return fail(begin, "name without closing backquote");
    ++at_;
    add(TokenKind::quoted_identifier, begin);
    auto& text = tokens_.back().text;
    text = text.substr(1, text.size() - 2);
    if (text.empty()) return fail(begin, "empty name");
    return true;
  }

  bool punctuation() {
    const std::size_t begin = at_;
    const std::string_view two = source_.substr(at_, 2);
    if (std::find(long_punctuation.begin(), long_punctuation.end(), two) != long_punctuation.end()) {
      at_ += 2;
    } else if (std::string_view("+-*/%!<>?:.,()[]{}").find(peek()) != std::string_view::npos) {
      ++at_;
    } else {
      return fail(begin, unexpected(two));
    }
    add(TokenKind::punctuation, begin);
    return true;
  }

  // People write what their other languages taught them.
  static std::string unexpected(std::string_view two) {
    if (two[0] == '=') return "unexpected =, did you mean ==?";
    if (two[0] == '&') return "unexpected &, did you mean &&?";
    if (two[0] == '|') return "unexpected |, did you mean ||?";
    const auto byte = static_cast<unsigned char>(two[0]);
    if (byte < 0x20 || byte >= 0x7f) return "unexpected character";
    return std::string("unexpected ") + two[0];
  }

  std::string_view source_;
  std::vector<Error>& errors_;
  std::size_t at_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> tokenize(std::string_view source, std::vector<Error>& errors) { return Lexer(source, errors).run(); }

bool is_reserved(std::string_view word) { return std::find(reserved.begin(), reserved.end(), word) != reserved.end(); }

}  // namespace personalize::rules::cel
