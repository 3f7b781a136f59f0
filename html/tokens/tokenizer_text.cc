// The states in script, style, title, textarea and the like (§13.2.5.2 to 5 and .15 to .31).
#include "html/tokens/ascii.h"
#include "html/tokens/scan.h"
#include "html/tokens/tokenizer.h"

namespace personalize::html {
namespace {

/// Counts how far letters agree with `name`; 255 once they do not.
std::uint8_t advance(std::uint8_t matched, char c, std::string_view name) {
  return matched < name.size() && ascii_lower(c) == name[matched] ? static_cast<std::uint8_t>(matched + 1)
                                                                  : std::uint8_t{255};
}

}  // namespace

Token Tokenizer::text_state(const char*& p, const char* end) {
  constexpr Token text{TokenKind::text, true, false, {}};
  constexpr Token unfinished{TokenKind::unfinished, false, false, {}};
  const char* const begin = p;
  while (p != end) {
    const char c = *p;
    switch (state_) {
      case State::plaintext: p = end; return text;
      case State::text:
        p = scanner().find(p, end, '<');
        if (p != begin) return text;
        return_state_ = State::text;
        state_ = State::text_less_than;
        ++p;
        break;
      case State::text_less_than:
        if (c == '/') {
          ++p;
          state_ = State::text_end_tag_open;
        } else if (c == '!' && mode_ == TextMode::script && return_state_ == State::text) {
          ++p;
          return to_text(State::script_escape_start);
        } else {
          return to_text(return_state_);
        }
        break;
      case State::text_end_tag_open:
        if (!is_ascii_letter(c)) return to_text(return_state_);
        name_.clear();
        matched_ = 0;
        state_ = State::text_end_tag_name;
        break;
      case State::text_end_tag_name: {
        const std::string_view wanted = to_string(text_end_);
        if (is_ascii_letter(c) || (matched_ < wanted.size() && c == wanted[matched_])) {
          matched_ = advance(matched_, c, wanted);
          if (matched_ == 255) return to_text(return_state_);
          name_.add(c);
          ++p;
          break;
        }
        if (matched_ != wanted.size() || !ends_tag_name(c)) return to_text(return_state_);
        end_tag_ = true;
        state_ = State::before_attribute_name;
        return tag_state(p, end);
      }
      case State::script_escape_start:
      case State::script_escape_start_dash:
        if (c != '-') {
          state_ = State::text;
          if (p != begin) return text;
          break;
        }
        ++p;
        state_ =
            state_ == State::script_escape_start ? State::script_escape_start_dash : State::script_escaped_dash_dash;
        break;
      case State::script_escaped:
      case State::script_escaped_dash:
      case State::script_escaped_dash_dash:
        if (c == '<') {
          if (p != begin) return text;
          return_state_ = State::script_escaped;
          state_ = State::script_escaped_less_than;
          ++p;
        } else if (c == '-') {
          state_ = state_ == State::script_escaped ? State::script_escaped_dash : State::script_escaped_dash_dash;
          ++p;
        } else if (c == '>' && state_ == State::script_escaped_dash_dash) {
          state_ = State::text;
          ++p;
          return text;
        } else {
          state_ = State::script_escaped;
          p = scanner().find_either(p, end, '-', '<');
        }
        break;
      case State::script_escaped_less_than:
        if (c == '/') {
          ++p;
          state_ = State::text_end_tag_open;
          break;
        }
        matched_ = 0;
        return to_text(is_ascii_letter(c) ? State::script_double_escape_start : State::script_escaped);
      case State::script_double_escape_start:
      case State::script_double_escape_end: {
        const bool start = state_ == State::script_double_escape_start;
        const State out = start ? State::script_escaped : State::script_double_escaped;
        if (is_ascii_letter(c)) {
          matched_ = advance(matched_, c, "script");
          ++p;
        } else if (ends_tag_name(c)) {
          state_ = matched_ != 6 ? out : start ? State::script_double_escaped : State::script_escaped;
          ++p;
        } else {
          state_ = out;
        }
        break;
      }
      case State::script_double_escaped:
      case State::script_double_escaped_dash:
      case State::script_double_escaped_dash_dash:
        if (c == '<') {
          state_ = State::script_double_escaped_less_than;
          ++p;
        } else if (c == '-') {
          state_ = state_ == State::script_double_escaped ? State::script_double_escaped_dash
                                                          : State::script_double_escaped_dash_dash;
          ++p;
        } else if (c == '>' && state_ == State::script_double_escaped_dash_dash) {
          state_ = State::text;
          ++p;
          return text;
        } else {
          state_ = State::script_double_escaped;
          p = scanner().find_either(p, end, '-', '<');
        }
        break;
      default:  // script_double_escaped_less_than
        if (c == '/') {
          matched_ = 0;
          state_ = State::script_double_escape_end;
          ++p;
        } else {
          state_ = State::script_double_escaped;
        }
        break;
    }
  }
  const bool maybe_tag = state_ >= State::text_less_than && state_ <= State::text_end_tag_name;
  return maybe_tag || state_ == State::script_escaped_less_than ? unfinished : text;
}

}  // namespace personalize::html
