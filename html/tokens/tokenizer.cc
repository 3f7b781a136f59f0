#include "html/tokens/tokenizer.h"

#include "html/tokens/ascii.h"
#include "html/tokens/scan.h"

namespace personalize::html {
namespace {

const char* find(const char* p, const char* end, char wanted) { return scanner().find(p, end, wanted); }

}  // namespace

void Tokenizer::enter_text(TextMode mode, TagId name) {
  mode_ = mode;
  text_end_ = name;
  state_ = mode == TextMode::markup ? State::data : mode == TextMode::plaintext ? State::plaintext : State::text;
}

Token Tokenizer::finish_tag(bool self_closing) {
  state_ = State::data;
  mode_ = TextMode::markup;
  return {end_tag_ ? TokenKind::end_tag : TokenKind::start_tag, true, self_closing, name_.finish()};
}

Token Tokenizer::to_text(State state) {
  state_ = state;
  return {TokenKind::text, true, false, {}};
}

void Tokenizer::start_name(char c) {
  name_.clear();
  name_.add(c);
}

Token Tokenizer::next(const char*& p, const char* end) {
  if (p == end) return {TokenKind::none, true, false, {}};
  if (state_ == State::data) {
    const char* const found = find(p, end, '<');
    if (found != p) {
      p = found;
      return {TokenKind::text, true, false, {}};
    }
    ++p;
    state_ = State::tag_open;
    if (p == end) return {TokenKind::unfinished, false, false, {}};
  }
  if (state_ == State::tag_open) {
    if (is_ascii_letter(*p)) {
      end_tag_ = false;
      start_name(*p++);
      state_ = State::tag_name;
    } else if (*p == '/') {
      ++p;
      state_ = State::end_tag_open;
    } else if (*p == '!') {
      ++p;
      matched_ = 0;
      state_ = State::markup_declaration;
    } else if (*p == '?') {
      state_ = State::bogus_comment;
    } else {
      return to_text(State::data);
    }
    if (p == end && state_ != State::bogus_comment) return {TokenKind::unfinished, false, false, {}};
  }
  if (state_ == State::end_tag_open) {
    if (is_ascii_letter(*p)) {
      end_tag_ = true;
      start_name(*p++);
      state_ = State::tag_name;
    } else if (*p == '>') {
      ++p;
      state_ = State::data;
      return {TokenKind::nothing, true, false, {}};
    } else {
      state_ = State::bogus_comment;
    }
    if (p == end) return {TokenKind::unfinished, false, false, {}};
  }
  if (state_ <= State::self_closing_start_tag) return tag_state(p, end);
  if (state_ <= State::bogus_comment) return markup_state(p, end);
  if (state_ <= State::cdata_end) return comment_state(p, end);
  return text_state(p, end);
}

Token Tokenizer::tag_state(const char*& p, const char* end) {
  for (; p != end; ++p) {
    const char c = *p;
    switch (state_) {
      case State::tag_name:
        if (!ends_tag_name(c)) {
          name_.add(c);
          break;
        }
        state_ = State::before_attribute_name;
        [[fallthrough]];
      case State::before_attribute_name:
        if (is_space(c)) break;
        if (c == '=') {
          state_ = State::attribute_name;
          break;
        }
        state_ = State::attribute_name;
        [[fallthrough]];
      case State::attribute_name:
        if (c == '=') {
          state_ = State::before_attribute_value;
          break;
        }
        if (!ends_tag_name(c)) break;
        state_ = State::after_attribute_name;
        [[fallthrough]];
      case State::after_attribute_name:
        if (is_space(c)) break;
        if (c == '>') return ++p, finish_tag(false);
        state_ = c == '/'   ? State::self_closing_start_tag
                 : c == '=' ? State::before_attribute_value
                            : State::attribute_name;
        break;
      case State::before_attribute_value:
        if (is_space(c)) break;
        if (c == '>') return ++p, finish_tag(false);
        state_ = c == '"' ? State::value_double_quoted : c == '\'' ? State::value_single_quoted : State::value_unquoted;
        break;
      case State::value_double_quoted:
      case State::value_single_quoted: {
        const char quote = state_ == State::value_double_quoted ? '"' : '\'';
        p = find(p, end, quote);
        if (p == end) return {TokenKind::unfinished, false, false, {}};
        state_ = State::after_value_quoted;
        break;
      }
      case State::value_unquoted:
        if (is_space(c)) state_ = State::before_attribute_name;
        if (c == '>') return ++p, finish_tag(false);
        break;
      case State::after_value_quoted:
        if (c == '>') return ++p, finish_tag(false);
        state_ = is_space(c) ? State::before_attribute_name
                 : c == '/'  ? State::self_closing_start_tag
                             : State::attribute_name;
        break;
      default:  // self_closing_start_tag
        if (c == '>') return ++p, finish_tag(true);
        state_ = State::before_attribute_name;
        --p;
        break;
    }
  }
  return {TokenKind::unfinished, false, false, {}};
}

/// After `<!`: how far the bytes so far (`matched_` of them) agree with `--`, `doctype` and `[CDATA[`.
Tokenizer::State Tokenizer::declaration_byte(char c) {
  constexpr std::string_view doctype = "doctype";
  constexpr std::string_view cdata = "[CDATA[";
  if (matched_ == 0) {
    if (c == '-')
      return_state_ = State::comment_start;
    else if (ascii_lower(c) == 'd')
      return_state_ = State::doctype;
    else if (c == '[' && cdata_allowed_)
      return_state_ = State::cdata;
    else
      return State::bogus_comment;
  } else if (return_state_ == State::comment_start ? c != '-'
             : return_state_ == State::doctype     ? ascii_lower(c) != doctype[matched_]
                                                   : c != cdata[matched_]) {
    return State::bogus_comment;
  }
  ++matched_;
  const std::size_t needed = return_state_ == State::comment_start ? 2 : 7;
  return matched_ == needed ? return_state_ : State::markup_declaration;
}

Token Tokenizer::markup_state(const char*& p, const char* end) {
  while (state_ == State::markup_declaration) {
    if (p == end) return {TokenKind::unfinished, false, false, {}};
    state_ = declaration_byte(*p);
    if (state_ != State::bogus_comment) ++p;
  }
  if (state_ != State::bogus_comment) return comment_state(p, end);
  p = find(p, end, '>');
  if (p == end) return {TokenKind::comment, false, false, {}};
  ++p;
  state_ = State::data;
  return {TokenKind::comment, true, false, {}};
}

Token Tokenizer::comment_state(const char*& p, const char* end) {
  const auto finished = [this](TokenKind kind) {
    state_ = State::data;
    return Token{kind, true, false, {}};
  };
  if (state_ == State::doctype) {
    p = find(p, end, '>');
    if (p == end) return {TokenKind::unfinished, false, false, {}};
    ++p;
    return finished(TokenKind::doctype);
  }
  const bool in_cdata = state_ >= State::cdata;
  for (; p != end; ++p) {
    const char c = *p;
    switch (state_) {
      case State::comment_start:
        if (c == '>') return ++p, finished(TokenKind::comment);
        state_ = c == '-' ? State::comment_start_dash : State::comment;
        break;
      case State::comment_start_dash:
        if (c == '>') return ++p, finished(TokenKind::comment);
        state_ = c == '-' ? State::comment_end : State::comment;
        break;
      case State::comment:
        p = find(p, end, '-');
        if (p == end) return {TokenKind::comment, false, false, {}};
        state_ = State::comment_end_dash;
        break;
      case State::comment_end_dash: state_ = c == '-' ? State::comment_end : State::comment; break;
      case State::comment_end:
        if (c == '>') return ++p, finished(TokenKind::comment);
        if (c == '-') break;
        state_ = c == '!' ? State::comment_end_bang : State::comment;
        break;
      case State::comment_end_bang:
        if (c == '>') return ++p, finished(TokenKind::comment);
        state_ = c == '-' ? State::comment_end_dash : State::comment;
        break;
      case State::cdata:
        p = find(p, end, ']');
        if (p == end) return {TokenKind::cdata, false, false, {}};
        state_ = State::cdata_bracket;
        break;
      case State::cdata_bracket: state_ = c == ']' ? State::cdata_end : State::cdata; break;
      default:  // cdata_end
        if (c == '>') return ++p, finished(TokenKind::cdata);
        if (c != ']') state_ = State::cdata;
        break;
    }
  }
  return {in_cdata ? TokenKind::cdata : TokenKind::comment, false, false, {}};
}

std::size_t Tokenizer::comment_tail() const {
  switch (state_) {
    case State::comment_start_dash:
    case State::comment_end_dash: return 1;
    case State::comment_end: return 2;
    case State::comment_end_bang: return 3;
    default: return 0;
  }
}

TokenKind Tokenizer::end() const {
  switch (state_) {
    case State::tag_open:
    case State::end_tag_open:
    case State::text_less_than:
    case State::text_end_tag_open:
    case State::text_end_tag_name:
    case State::script_escaped_less_than: return TokenKind::text;
    case State::markup_declaration:
    case State::bogus_comment:
    case State::comment_start:
    case State::comment_start_dash:
    case State::comment:
    case State::comment_end_dash:
    case State::comment_end:
    case State::comment_end_bang: return TokenKind::comment;
    case State::doctype: return TokenKind::doctype;
    case State::cdata:
    case State::cdata_bracket:
    case State::cdata_end: return TokenKind::cdata;
    default: return TokenKind::none;
  }
}

}  // namespace personalize::html
