// The WHATWG tokenizer at the granularity of tags: where text, tags, comments and doctypes begin and end.
//
// Works on a page that arrives in pieces, cut anywhere, and looks at every byte once. Text and attributes are decoded
// elsewhere, and only where needed. Follows §13.2.5 of the HTML standard; states that differ only in parse errors are
// merged.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "html/tokens/tag.h"

namespace personalize::html {

/// How the content of an element is read.
enum class TextMode : std::uint8_t { markup, rcdata, rawtext, script, plaintext };

enum class TokenKind : std::uint8_t {
  none,        ///< end of input, nothing is unfinished
  unfinished,  ///< end of input within what may become a tag or a doctype
  text,
  start_tag,
  end_tag,
  comment,  ///< comments of all kinds, also `<?x>` and `</ x>`; may come in several pieces
  cdata,    ///< a CDATA section with its delimiters; may come in several pieces
  doctype,
  nothing,  ///< `</>`
};

struct Token {
  TokenKind kind = TokenKind::none;
  bool last = true;  ///< false: more of this comment or CDATA section follows
  bool self_closing = false;
  TagName name;
};

class Tokenizer {
 public:
  /// Next token of [p, end). On return `p` is after the token. A token whose first part was reported as
  /// `unfinished` in the previous call continues at `p`.
  Token next(const char*& p, const char* end);

  /// What becomes of an unfinished token when the page ends there: `text`, `comment`, `doctype` or, for a tag, `none`.
  TokenKind end() const;

  /// After a start tag: its content ends with the end tag `name`. `plaintext` has no end.
  void enter_text(TextMode mode, TagId name);
  /// CDATA sections are recognized (that is so in SVG and MathML).
  void allow_cdata(bool allow) { cdata_allowed_ = allow; }
  /// For tests of the tokenizer alone: starts inside a CDATA section.
  void enter_cdata() { state_ = State::cdata; }

  /// True where a tag begins and ends in the ordinary way: `next` would begin in the data state.
  bool at_data() const { return state_ == State::data; }
  TextMode mode() const { return mode_; }

  /// While a tag is unfinished or just finished.
  std::uint64_t name_key() const { return name_.key(); }
  std::size_t name_length() const { return name_.length(); }
  /// The tag that is unfinished, as far as it is known.
  Token tag() const { return {end_tag_ ? TokenKind::end_tag : TokenKind::start_tag, false, false, name_.finish()}; }

  /// How many bytes at the end of an unfinished comment belong to a delimiter that would have ended it (`--`, `-`,
  /// `--!`).
  std::size_t comment_tail() const;

 private:
  enum class State : std::uint8_t {
    data,
    tag_open,
    end_tag_open,
    tag_name,
    before_attribute_name,
    attribute_name,
    after_attribute_name,
    before_attribute_value,
    value_double_quoted,
    value_single_quoted,
    value_unquoted,
    after_value_quoted,
    self_closing_start_tag,
    markup_declaration,
    bogus_comment,
    comment_start,
    comment_start_dash,
    comment,
    comment_end_dash,
    comment_end,
    comment_end_bang,
    doctype,
    cdata,
    cdata_bracket,
    cdata_end,
    text,  // RCDATA and RAWTEXT
    text_less_than,
    text_end_tag_open,
    text_end_tag_name,
    script_escape_start,
    script_escape_start_dash,
    script_escaped,
    script_escaped_dash,
    script_escaped_dash_dash,
    script_escaped_less_than,
    script_double_escape_start,
    script_double_escaped,
    script_double_escaped_dash,
    script_double_escaped_dash_dash,
    script_double_escaped_less_than,
    script_double_escape_end,
    plaintext,
  };

  Token tag_state(const char*& p, const char* end);
  Token markup_state(const char*& p, const char* end);
  Token comment_state(const char*& p, const char* end);
  Token text_state(const char*& p, const char* end);
  Token finish_tag(bool self_closing);
  Token to_text(State state);
  State declaration_byte(char c);
  void start_name(char c);

  State state_ = State::data;
  State return_state_ = State::data;  // after a `<` in raw text that does not begin an end tag
  TextMode mode_ = TextMode::markup;
  TagId text_end_ = TagId::unknown;
  bool cdata_allowed_ = false;
  bool end_tag_ = false;
  std::uint8_t matched_ = 0;  // bytes of `--`, `doctype`, `[CDATA[` or `script` seen
  TagNameBuilder name_;
};

}  // namespace personalize::html
