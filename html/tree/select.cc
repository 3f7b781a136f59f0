// Insertion modes inside of `select` (§13.2.6.4.16 and 17 of the standard as it was until 2025, see `start_in_select`).
#include "html/tokens/tag_set.h"
#include "html/tree/tree.h"

namespace personalize::html {

using enum TagId;

namespace {

/// What ends a `select` in a table.
constexpr TagSet table_parts = {caption, table, tbody, tfoot, thead, tr, td, th};

}  // namespace

void Tree::start_select(const TreeTag& tag) {
  reconstruct();
  insert(tag);
  frameset_ok_ = false;
  const bool table_mode = mode_ >= Mode::in_table && mode_ <= Mode::in_cell && mode_ != Mode::in_column_group;
  mode_ = table_mode ? Mode::in_select_in_table : Mode::in_select;
}

bool Tree::in_select_scope() const {
  for (std::size_t i = size_; i-- > 0;) {
    if (frames_[i].is(select)) return true;
    if (!frames_[i].is(option) && !frames_[i].is(optgroup)) return false;
  }
  return false;
}

void Tree::close_select() {
  pop_through(select);
  reset_mode();
}

/// Parsers from before 2025 drop most tags inside of `select`, later ones keep them. What is dropped here makes the
/// select unsafe.
void Tree::start_in_select(const TreeTag& tag) {
  const TagId id = tag.name.id;
  if (mode_ == Mode::in_select_in_table && table_parts.has(id)) {
    close_select();
    return start_in_mode(tag);
  }
  switch (id) {
    case html: return add_to_root(tag);
    case option:
      if (top().is(option)) pop();
      return insert(tag);
    case optgroup:
    case hr:
      if (top().is(option)) pop();
      if (top().is(optgroup)) pop();
      return id == hr ? insert_void(tag) : insert(tag);
    case select:
      if (!in_select_scope()) return;
      frames_[find_open(select)].fate |= is_orphan | has_leaked;  // without it the tag would begin another one
      return close_select();
    case input:
    case keygen:
    case textarea:
      if (!in_select_scope()) return;
      if (id != input) mark_unsafe_from(0);
      close_select();
      return start_in_mode(tag);
    case script:
    case template_: return start_in_head(tag);
    default: return ignored_in_select(tag);
  }
}

/// Later parsers treat it as they do in the body, so that it may contain what follows or turn it into text.
void Tree::ignored_in_select(const TreeTag& tag) {
  switch (tag_tables.start[static_cast<std::size_t>(tag.name.id)]) {
    case BodyStart::ignored:
    case BodyStart::body:
    case BodyStart::frameset: return;
    case BodyStart::plaintext:
    case BodyStart::xmp:
    case BodyStart::iframe:
    case BodyStart::raw: return mark_unsafe_from(0);
    default:
      return mark_unsafe_from(
          tag.name.id == style || tag.name.id == title || tag.name.id == noframes ? 0 : find_open(select));
  }
}

void Tree::end_in_select(const TreeTag& tag) {
  const TagId id = tag.name.id;
  if (table_parts.has(id)) {
    if (mode_ != Mode::in_select_in_table || !in_table_scope(id)) return;
    close_select();
    return end_in_mode(tag);
  }
  switch (id) {
    case optgroup:
      if (top().is(option) && frames_[size_ - 2].is(optgroup)) pop();
      if (top().is(optgroup)) pop();
      return;
    case option:
      if (top().is(option)) pop();
      return;
    case select:
      if (in_select_scope()) close_select();
      return;
    case template_: return end_template();
    default: return mark_unsafe_from(find_open(select));
  }
}

}  // namespace personalize::html
