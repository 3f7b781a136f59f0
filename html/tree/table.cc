// Insertion modes in tables (§13.2.6.4.9 to 15).
#include "html/tree/tree.h"

namespace personalize::html {

using enum TagId;

namespace {

/// End tags that are ignored in tables unless the mode handles them.
bool is_ignored_end(TagId id) { return has_trait(id, trait_table_part) || id == body || id == html; }

constexpr auto is_table = [](const OpenElement& element) { return element.is(table); };
constexpr auto is_section = [](const OpenElement& element) { return element.has(trait_table_section); };
constexpr auto is_row = [](const OpenElement& element) { return element.is(tr); };

}  // namespace

/// "Clear the stack back to" an element (or the root or a template).
template <class Wanted>
void Tree::clear_to(Wanted wanted) {
  while (!wanted(open_.top()) && !open_.top().is(html) && !open_.top().is(template_)) pop();
}

/// "In body", but what would go directly into the table is put before it.
void Tree::foster_start(const TreeTag& tag) {
  foster_ = true;
  start_in_body(tag);
  foster_ = false;
}

void Tree::foster_end(const TreeTag& tag) {
  foster_ = true;
  end_in_body(tag);
  foster_ = false;
}

void Tree::start_in_table(const TreeTag& tag) {
  const TagId id = tag.name.id;
  switch (id) {
    case caption:
      clear_to(is_table);
      push_marker();
      insert(tag);
      mode_ = Mode::in_caption;
      return;
    case colgroup:
      clear_to(is_table);
      insert(tag);
      mode_ = Mode::in_column_group;
      return;
    case col:
      clear_to(is_table);
      insert_implied(colgroup);
      mode_ = Mode::in_column_group;
      return start_in_column_group(tag);
    case tbody:
    case tfoot:
    case thead:
      clear_to(is_table);
      insert(tag);
      mode_ = Mode::in_table_body;
      return;
    case td:
    case th:
    case tr:
      clear_to(is_table);
      insert_implied(tbody);
      mode_ = Mode::in_table_body;
      return start_in_table_body(tag);
    case table:
      if (!open_.in_table_scope(table)) return;
      pop_through(table);
      reset_mode();
      return start_in_mode(tag);
    case style:
    case script:
    case template_: return start_head_content(tag);
    case input:
      switch (is_hidden_input(tag)) {
        case Known::no: return foster_start(tag);
        case Known::yes: return insert_void(tag);
        case Known::unknown: break;
      }
      open_.mark_unsafe_from(open_.find(table));
      foster_start(tag);
      inserted_.safe = false;
      return;
    case form:
      if (has_form_ || open_.in_template()) return;
      insert(tag);
      has_form_ = true;
      // It is closed at once, but everything up to </form> belongs to it.
      open_.top().flags |= unsafe;
      inserted_.safe = false;
      inserted_.open = false;
      return pop();
    default: return foster_start(tag);
  }
}

void Tree::end_in_table(const TreeTag& tag) {
  const TagId id = tag.name.id;
  if (id == template_) return end_template();
  if (is_ignored_end(id)) return;
  if (id != table) return foster_end(tag);
  if (!open_.in_table_scope(table)) return;
  pop_through(table);
  reset_mode();
}

/// True if there was a caption to be closed.
bool Tree::close_caption() {
  if (!open_.in_table_scope(caption)) return false;
  implied_end_tags();
  pop_through(caption);
  clear_to_marker();
  mode_ = Mode::in_table;
  return true;
}

void Tree::start_in_caption(const TreeTag& tag) {
  if (!has_trait(tag.name.id, trait_table_part)) return start_in_body(tag);
  if (close_caption()) start_in_table(tag);
}

void Tree::end_in_caption(const TreeTag& tag) {
  const TagId id = tag.name.id;
  if (id == caption || id == table) {
    if (close_caption() && id == table) end_in_table(tag);
    return;
  }
  if (!is_ignored_end(id)) end_in_body(tag);
}

void Tree::start_in_column_group(const TreeTag& tag) {
  const TagId id = tag.name.id;
  if (id == html) return add_to_root(tag);
  if (id == col) return insert_void(tag);
  if (id == template_) return start_head_content(tag);
  if (!open_.top().is(colgroup)) return;
  pop();
  mode_ = Mode::in_table;
  start_in_mode(tag);
}

void Tree::end_in_column_group(const TreeTag& tag) {
  const TagId id = tag.name.id;
  if (id == col) return;
  if (id == template_) return end_template();
  if (!open_.top().is(colgroup)) return;
  pop();
  mode_ = Mode::in_table;
  if (id != colgroup) end_in_mode(tag);
}

/// Ends tbody, thead or tfoot.
void Tree::close_section() {
  clear_to(is_section);
  pop();
  mode_ = Mode::in_table;
}

void Tree::start_in_table_body(const TreeTag& tag) {
  const TagId id = tag.name.id;
  if (id == tr) {
    clear_to(is_section);
    insert(tag);
    mode_ = Mode::in_row;
    return;
  }
  if (has_trait(id, trait_cell)) {
    clear_to(is_section);
    insert_implied(tr);
    mode_ = Mode::in_row;
    return start_in_row(tag);
  }
  if (!has_trait(id, trait_table_part)) return start_in_table(tag);
  if (!open_.any_in_table_scope(trait_table_section)) return;
  close_section();
  start_in_mode(tag);
}

void Tree::end_in_table_body(const TreeTag& tag) {
  const TagId id = tag.name.id;
  if (has_trait(id, trait_table_section)) {
    if (open_.in_table_scope(id)) close_section();
    return;
  }
  if (id == table) {
    if (!open_.any_in_table_scope(trait_table_section)) return;
    close_section();
    return end_in_mode(tag);
  }
  if (!is_ignored_end(id)) end_in_table(tag);
}

/// True if there was a row to be closed.
bool Tree::close_row() {
  if (!open_.in_table_scope(tr)) return false;
  clear_to(is_row);
  pop();
  mode_ = Mode::in_table_body;
  return true;
}

void Tree::start_in_row(const TreeTag& tag) {
  const TagId id = tag.name.id;
  if (has_trait(id, trait_cell)) {
    clear_to(is_row);
    insert(tag);
    mode_ = Mode::in_cell;
    return push_marker();
  }
  if (!has_trait(id, trait_table_part)) return start_in_table(tag);
  if (close_row()) start_in_mode(tag);
}

void Tree::end_in_row(const TreeTag& tag) {
  const TagId id = tag.name.id;
  if (id == tr) {
    close_row();
    return;
  }
  if (has_trait(id, trait_table_section) && !open_.in_table_scope(id)) {
    return open_.mark_unsafe_from(open_.find(table));  // some parsers end the row here
  }
  if (id == table || has_trait(id, trait_table_section)) {
    if (close_row()) end_in_mode(tag);
    return;
  }
  if (!is_ignored_end(id)) end_in_table(tag);
}

void Tree::close_cell() {
  implied_end_tags();
  while (!open_.top().has(trait_cell)) pop();
  pop();
  clear_to_marker();
  mode_ = Mode::in_row;
}

void Tree::start_in_cell(const TreeTag& tag) {
  if (!has_trait(tag.name.id, trait_table_part)) return start_in_body(tag);
  if (!open_.any_in_table_scope(trait_cell)) return;
  close_cell();
  start_in_mode(tag);
}

void Tree::end_in_cell(const TreeTag& tag) {
  const TagId id = tag.name.id;
  if (has_trait(id, trait_cell)) {
    if (!open_.in_table_scope(id)) return;
    implied_end_tags();
    pop_through(id);
    clear_to_marker();
    mode_ = Mode::in_row;
    return;
  }
  if (id == table || id == tr || has_trait(id, trait_table_section)) {
    if (!open_.in_table_scope(id)) return;
    close_cell();
    return end_in_mode(tag);
  }
  if (!is_ignored_end(id)) end_in_body(tag);
}

}  // namespace personalize::html
