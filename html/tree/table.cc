// Insertion modes inside of tables (§13.2.6.4.9 to 15).
#include "html/tree/tree.h"

namespace personalize::html {

using enum TagId;

/// Pops until the current element has the trait (or is the root or a template).
void Tree::clear_to(std::uint32_t trait) {
  while (!top().has(trait) && !top().is(html) && !top().is(template_)) pop();
}

/// "In body", but what would land in the table itself is put in front of it.
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
      clear_to_table();
      push_marker();
      insert(tag);
      mode_ = Mode::in_caption;
      return;
    case colgroup:
      clear_to_table();
      insert(tag);
      mode_ = Mode::in_column_group;
      return;
    case col:
      clear_to_table();
      insert_implied(colgroup);
      mode_ = Mode::in_column_group;
      return start_in_column_group(tag);
    case tbody:
    case tfoot:
    case thead:
      clear_to_table();
      insert(tag);
      mode_ = Mode::in_table_body;
      return;
    case td:
    case th:
    case tr:
      clear_to_table();
      insert_implied(tbody);
      mode_ = Mode::in_table_body;
      return start_in_table_body(tag);
    case table:
      if (!in_table_scope(table)) return;
      pop_through(table);
      reset_mode();
      return start_in_mode(tag);
    case style:
    case script:
    case template_: return start_in_head(tag);
    case input:
      switch (is_hidden_input(tag)) {
        case Known::no: return foster_start(tag);
        case Known::yes: return insert_void(tag);
        case Known::unknown: break;
      }
      mark_unsafe_from(find_open(table));
      foster_start(tag);
      inserted_.safe = false;
      return;
    case form:
      if (has_form_ || in_template()) return;
      insert(tag);
      has_form_ = true;
      // It ends at once, but everything up to </form> belongs to it.
      top().flags |= unsafe;
      inserted_.safe = false;
      inserted_.open = false;
      return pop();
    default: return foster_start(tag);
  }
}

void Tree::clear_to_table() {
  while (!top().is(table) && !top().is(html) && !top().is(template_)) pop();
}

void Tree::clear_to_row() {
  while (!top().is(tr) && !top().is(html) && !top().is(template_)) pop();
}

void Tree::end_in_table(const TreeTag& tag) {
  switch (tag.name.id) {
    case table:
      if (!in_table_scope(table)) return;
      pop_through(table);
      return reset_mode();
    case body:
    case caption:
    case col:
    case colgroup:
    case html:
    case tbody:
    case td:
    case tfoot:
    case th:
    case thead:
    case tr: return;
    case template_: return end_template();
    default: return foster_end(tag);
  }
}

/// True if there was a caption to be closed.
bool Tree::close_caption() {
  if (!in_table_scope(caption)) return false;
  implied_end_tags();
  pop_through(caption);
  clear_to_marker();
  mode_ = Mode::in_table;
  return true;
}

void Tree::start_in_caption(const TreeTag& tag) {
  switch (tag.name.id) {
    case caption:
    case col:
    case colgroup:
    case tbody:
    case td:
    case tfoot:
    case th:
    case thead:
    case tr:
      if (close_caption()) start_in_table(tag);
      return;
    default: return start_in_body(tag);
  }
}

void Tree::end_in_caption(const TreeTag& tag) {
  switch (tag.name.id) {
    case caption: close_caption(); return;
    case table:
      if (close_caption()) end_in_table(tag);
      return;
    case body:
    case col:
    case colgroup:
    case html:
    case tbody:
    case td:
    case tfoot:
    case th:
    case thead:
    case tr: return;
    default: return end_in_body(tag);
  }
}

void Tree::start_in_column_group(const TreeTag& tag) {
  const TagId id = tag.name.id;
  if (id == html) return add_to_root(tag);
  if (id == col) return insert_void(tag);
  if (id == template_) return start_in_head(tag);
  if (!top().is(colgroup)) return;
  pop();
  mode_ = Mode::in_table;
  start_in_mode(tag);
}

void Tree::end_in_column_group(const TreeTag& tag) {
  const TagId id = tag.name.id;
  if (id == col) return;
  if (id == template_) return end_template();
  if (!top().is(colgroup)) return;
  pop();
  mode_ = Mode::in_table;
  if (id != colgroup) end_in_mode(tag);
}

/// Ends tbody, thead or tfoot.
void Tree::close_section() {
  clear_to(trait_table_section);
  pop();
  mode_ = Mode::in_table;
}

void Tree::start_in_table_body(const TreeTag& tag) {
  switch (tag.name.id) {
    case tr:
      clear_to(trait_table_section);
      insert(tag);
      mode_ = Mode::in_row;
      return;
    case td:
    case th:
      clear_to(trait_table_section);
      insert_implied(tr);
      mode_ = Mode::in_row;
      return start_in_row(tag);
    case caption:
    case col:
    case colgroup:
    case tbody:
    case tfoot:
    case thead:
      if (!any_in_table_scope(trait_table_section)) return;
      close_section();
      return start_in_mode(tag);
    default: return start_in_table(tag);
  }
}

void Tree::end_in_table_body(const TreeTag& tag) {
  const TagId id = tag.name.id;
  switch (id) {
    case tbody:
    case tfoot:
    case thead:
      if (in_table_scope(id)) close_section();
      return;
    case table:
      if (!any_in_table_scope(trait_table_section)) return;
      close_section();
      return end_in_mode(tag);
    case body:
    case caption:
    case col:
    case colgroup:
    case html:
    case td:
    case th:
    case tr: return;
    default: return end_in_table(tag);
  }
}

/// True if there was a row to be closed.
bool Tree::close_row() {
  if (!in_table_scope(tr)) return false;
  clear_to_row();
  pop();
  mode_ = Mode::in_table_body;
  return true;
}

void Tree::start_in_row(const TreeTag& tag) {
  switch (tag.name.id) {
    case td:
    case th:
      clear_to_row();
      insert(tag);
      mode_ = Mode::in_cell;
      return push_marker();
    case caption:
    case col:
    case colgroup:
    case tbody:
    case tfoot:
    case thead:
    case tr:
      if (close_row()) start_in_mode(tag);
      return;
    default: return start_in_table(tag);
  }
}

void Tree::end_in_row(const TreeTag& tag) {
  const TagId id = tag.name.id;
  switch (id) {
    case tr: close_row(); return;
    case table:
      if (close_row()) end_in_mode(tag);
      return;
    case tbody:
    case tfoot:
    case thead:
      if (!in_table_scope(id)) return mark_unsafe_from(find_open(table));  // some parsers end the row here
      if (close_row()) end_in_mode(tag);
      return;
    case body:
    case caption:
    case col:
    case colgroup:
    case html:
    case td:
    case th: return;
    default: return end_in_table(tag);
  }
}

void Tree::close_cell() {
  implied_end_tags();
  while (!top().has(trait_cell)) pop();
  pop();
  clear_to_marker();
  mode_ = Mode::in_row;
}

void Tree::start_in_cell(const TreeTag& tag) {
  switch (tag.name.id) {
    case caption:
    case col:
    case colgroup:
    case tbody:
    case td:
    case tfoot:
    case th:
    case thead:
    case tr:
      if (!any_in_table_scope(trait_cell)) return;
      close_cell();
      return start_in_mode(tag);
    default: return start_in_body(tag);
  }
}

void Tree::end_in_cell(const TreeTag& tag) {
  const TagId id = tag.name.id;
  switch (id) {
    case td:
    case th:
      if (!in_table_scope(id)) return;
      implied_end_tags();
      pop_through(id);
      clear_to_marker();
      mode_ = Mode::in_row;
      return;
    case body:
    case caption:
    case col:
    case colgroup:
    case html: return;
    case table:
    case tbody:
    case tfoot:
    case thead:
    case tr:
      if (!in_table_scope(id)) return;
      close_cell();
      return end_in_mode(tag);
    default: return end_in_body(tag);
  }
}

}  // namespace personalize::html
