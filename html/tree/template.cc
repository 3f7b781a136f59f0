// Templates (§13.2.6.4.4 and 22).
#include "html/limits.h"
#include "html/tree/tree.h"

namespace personalize::html {

using enum TagId;

void Tree::start_template(const TreeTag& tag) {
  if (template_count_ == limits::max_templates) {
    lost_ = true;
    return;
  }
  insert(tag);
  push_marker();
  frameset_ok_ = false;
  template_modes_[template_count_++] = Mode::in_template;
  mode_ = Mode::in_template;
}

void Tree::end_template() {
  const std::size_t index = open_.find(template_);
  if (index == open_.size()) return;
  implied_end_tags_thoroughly();
  pop_through(template_);
  clear_to_marker();
  if (template_count_ != 0) --template_count_;
  reset_mode();
}

void Tree::start_in_template(const TreeTag& tag) {
  const TagId id = tag.name.id;
  if (has_trait(id, trait_head_content)) return start_head_content(tag);
  switch (id) {
    case caption:
    case colgroup:
    case tbody:
    case tfoot:
    case thead: mode_ = Mode::in_table; break;
    case col: mode_ = Mode::in_column_group; break;
    case tr: mode_ = Mode::in_table_body; break;
    case td:
    case th: mode_ = Mode::in_row; break;
    default: mode_ = Mode::in_body; break;
  }
  if (template_count_ != 0) template_modes_[template_count_ - 1] = mode_;
  start_in_mode(tag);
}

void Tree::end_in_template(const TreeTag& tag) {
  if (tag.name.id == template_) end_template();
}

}  // namespace personalize::html
