#include "rules/templates/script_state.h"

#include <algorithm>
#include <utility>

#include "rules/text/ascii.h"

namespace personalize::rules::templates {

namespace {

bool begins_tag(char c) { return text::is_ascii_letter(c) || c == '/' || c == '!' || c == '?'; }

}  // namespace

void ScriptState::feed(char c) {
  if (markup_ != Markup::tag)
    markup_ = c == '<' ? Markup::less : markup_ == Markup::less && begins_tag(c) ? Markup::tag : Markup::none;
  const char before = std::exchange(before_, c == '/' || c == '*' || c == '\\' ? c : '\0');
  switch (part_) {
    case Part::code:
      if (c == '"' || c == '\'' || c == '`') {
        part_ = Part::string;
        quote_ = c;
      } else if (before == '/' && (c == '/' || c == '*')) {
        part_ = c == '/' ? Part::line_comment : Part::block_comment;
        before_ = 0;
      }
      return;
    case Part::string:
      if (before == '\\') {
        before_ = 0;
      } else if (c == quote_ || ((c == '\n' || c == '\r') && quote_ != '`')) {
        part_ = Part::code;
        quote_ = 0;
      }
      return;
    case Part::line_comment:
      if (c == '\n' || c == '\r') part_ = Part::code;
      return;
    case Part::block_comment:
      if (before == '*' && c == '/') {
        part_ = Part::code;
        before_ = 0;
      }
      return;
  }
}

bool ScriptState::join(const ScriptState& other) {
  markup_ = std::max(markup_, other.markup_);
  return part_ == other.part_ && quote_ == other.quote_ && before_ == other.before_;
}

const char* ScriptState::refusal() const {
  if (part_ == Part::string)
    return "inside a string of the script: without the quotes around it, `json` writes its own";
  if (part_ == Part::line_comment || part_ == Part::block_comment) return "inside a comment of the script";
  if (markup_ != Markup::none)
    return "after a `<` of the script that a letter or a value follows: write a space between them, for "
           "scripts inside SVG "
           "are read as tags";
  if (before_ == '/' || before_ == '\\') return "after a slash of the script";
  return nullptr;
}

}  // namespace personalize::rules::templates
