// The part of CSS Syntax level 3 that selectors are made of: identifiers, strings, white space, comments,
// numbers.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace personalize::html {

/// Walks over the text of a selector. All `take_…` leave the cursor where it was if there is nothing to take.
class CssCursor {
 public:
  explicit CssCursor(std::string_view text) : text_(text) {}

  std::size_t offset() const { return at_; }
  bool at_end() const { return at_ >= text_.size(); }
  /// Byte `ahead` of the cursor, 0 after the end.
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  void advance(std::size_t bytes = 1) { at_ += bytes; }

  /// Takes this byte if it is next.
  bool take(char byte);
  /// White space and comments; true if there was white space.
  bool skip_space();
  /// An identifier begins here.
  bool at_identifier() const;
  /// `<ident-token>`, escapes resolved.
  bool take_identifier(std::string& out);
  /// The rest of a `<hash-token>` after `#`, which may also begin with a digit. `is_id`: it could be an identifier.
  bool take_name(std::string& out);
  /// `<string-token>` in quotes of either kind. False, with the cursor moved to the error, if it is not closed.
  bool take_string(std::string& out);
  /// Everything up to the parenthesis that closes the one before the cursor, which is not taken itself.
  std::string_view until_closing_parenthesis() const;

 private:
  bool at_escape(std::size_t ahead) const;
  void take_escape(std::string& out);

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace personalize::html
