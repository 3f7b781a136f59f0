// Insertion modes in `select` (§13.2.6.4.16 and 17 of the standard as it was until 2025, see `start_in_select`).
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

void Tree::close_select() {
  pop_through(select);
  reset_mode();
}

/// Parsers from before 2025 drop most tags in a `select`, later ones keep them. What is dropped here makes the select
/// unsafe.
void Tree::start_in_select(const TreeTag& tag) {
  const TagId id = tag.name.id;
  if (mode_ == Mode::in_select_in_table && table_parts.has(id)) {
    close_select();
    return start_in_mode(tag);
  }
  switch (id) {
    case html: return add_to_root(tag);
    case option:
      if (open_.top().is(option)) pop();
      return insert(tag);
    case optgroup:
    case hr:
      if (open_.top().is(option)) pop();
      if (open_.top().is(optgroup)) pop();
      return id == hr ? insert_void(tag) : insert(tag);
    case select:
      if (!open_.in_select_scope()) return;
      open_[open_.find(select)].fate |= is_orphan | has_leaked;  // without it the tag would begin another one
      return close_select();
    case input:
    case keygen:
    case textarea:
      if (!open_.in_select_scope()) return;
      if (id != input) open_.mark_unsafe_from(0);
      close_select();
      return start_in_mode(tag);
    case script:
    case template_: return start_head_content(tag);
    default: return ignored_in_select(tag);
  }
}

/// Later parsers treat it as in the body, so it may contain what follows or turn it into text.
void Tree::ignored_in_select(const TreeTag& tag) {
  switch (tag_tables.start[static_cast<std::size_t>(tag.name.id)]) {
    case BodyStart::ignored:
    case BodyStart::body:
    case BodyStart::frameset: return;
    case BodyStart::plaintext:
    case BodyStart::xmp:
    case BodyStart::iframe:
    case BodyStart::raw: return open_.mark_unsafe_from(0);
    default:
      return open_.mark_unsafe_from(
          tag.name.id == style || tag.name.id == title || tag.name.id == noframes ? 0 : open_.find(select));
  }
}

void Tree::end_in_select(const TreeTag& tag) {
  const TagId id = tag.name.id;
  if (table_parts.has(id)) {
    if (mode_ != Mode::in_select_in_table || !open_.in_table_scope(id)) return;
    close_select();
    return end_in_mode(tag);
  }
  switch (id) {
    case optgroup:
      if (open_.top().is(option) && open_[open_.size() - 2].is(optgroup)) pop();
      if (open_.top().is(optgroup)) pop();
      return;
    case option:
      if (open_.top().is(option)) pop();
      return;
    case select:
      if (open_.in_select_scope()) close_select();
      return;
    case template_: return end_template();
    default: return open_.mark_unsafe_from(open_.find(select));
  }
}

}  // namespace personalize::html
