// Text, as far as it matters: whether it is blank.
#include "html/tokens/ascii.h"
#include "html/tree/tree.h"

namespace personalize::html {

using enum TagId;

void Tree::text(std::string_view bytes) {
  forget_token();
  if (lost_) return;
  for (std::size_t at = 0; at < bytes.size() && wants_text(); ++at) {
    const char c = bytes[at];
    const bool space = is_space(c);
    if (c == '\0' && mode_ >= Mode::in_body) continue;
    if (in_foreign_text()) {
      if (!space) frameset_ok_ = false;
    } else {
      text_in_mode(space);
    }
    if (lost_) lose();
    set_quick();
  }
}

void Tree::text_before_body(bool space) {
  if (space) return;
  if (!open_.empty() && open_.top().is(head))
    open_.top().flags |= unsafe;  // blanks before the text are in the head, as in a colgroup
  head_is_complete(true);
  while (mode_ != Mode::in_body) imply_next_mode();
  text_in_body(space);
}

void Tree::text_in_body(bool space) {
  reconstruct();
  if (!space) frameset_ok_ = false;
}

void Tree::text_in_table(bool space) {
  if (open_.top().has(trait_table_context)) {
    if (open_.top().is(template_)) doubt_closed();
    if (space) return;
    open_.mark_leak_from(open_.find(table));
  }
  foster_ = true;
  text_in_body(space);
  foster_ = false;
}

void Tree::text_in_column_group(bool space) {
  if (space || !open_.top().is(colgroup)) return;
  open_.top().flags |= unsafe;  // blanks before the text are in the colgroup, but part of the same token
  pop();
  mode_ = Mode::in_table;
  text_in_mode(space);
}

void Tree::text_after_body(bool space) {
  if (!space) back_to_body();
  text_in_body(space);
}

}  // namespace personalize::html
