// The insertion modes (§13.2.4.1).
#include <iterator>

#include "html/tree/tree.h"

namespace personalize::html {

using enum TagId;

const Tree::ModeRules& Tree::rules() const {
  static constexpr ModeRules modes[] = {
      {Mode::initial, &Tree::start_in_next_mode, &Tree::end_in_next_mode, &Tree::text_before_body},
      {Mode::before_html, &Tree::start_before_html, &Tree::end_before_html, &Tree::text_before_body},
      {Mode::before_head, &Tree::start_before_head, &Tree::end_before_head, &Tree::text_before_body},
      {Mode::in_head, &Tree::start_in_head, &Tree::end_in_head, &Tree::text_before_body},
      {Mode::after_head, &Tree::start_after_head, &Tree::end_after_head, &Tree::text_before_body},
      {Mode::in_body, &Tree::start_in_body, &Tree::end_in_body, &Tree::text_in_body},
      {Mode::in_table, &Tree::start_in_table, &Tree::end_in_table, &Tree::text_in_table},
      {Mode::in_caption, &Tree::start_in_caption, &Tree::end_in_caption, &Tree::text_in_body},
      {Mode::in_column_group, &Tree::start_in_column_group, &Tree::end_in_column_group, &Tree::text_in_column_group},
      {Mode::in_table_body, &Tree::start_in_table_body, &Tree::end_in_table_body, &Tree::text_in_table},
      {Mode::in_row, &Tree::start_in_row, &Tree::end_in_row, &Tree::text_in_table},
      {Mode::in_cell, &Tree::start_in_cell, &Tree::end_in_cell, &Tree::text_in_body},
      {Mode::in_select, &Tree::start_in_select, &Tree::end_in_select, &Tree::ignore_text},
      {Mode::in_select_in_table, &Tree::start_in_select, &Tree::end_in_select, &Tree::ignore_text},
      {Mode::in_template, &Tree::start_in_template, &Tree::end_in_template, &Tree::text_in_body},
      {Mode::after_body, &Tree::start_after_body, &Tree::end_after_body, &Tree::text_after_body},
      {Mode::in_frameset, &Tree::start_in_frameset, &Tree::end_in_frameset, &Tree::ignore_text},
      {Mode::after_frameset, &Tree::start_in_frameset, &Tree::end_in_frameset, &Tree::ignore_text},
      {Mode::after_after_body, &Tree::start_after_body, &Tree::end_after_after_body, &Tree::text_after_body},
      {Mode::after_after_frameset, &Tree::start_in_frameset, &Tree::end_in_frameset, &Tree::ignore_text},
  };
  static_assert(std::size(modes) == static_cast<std::size_t>(Mode::after_after_frameset) + 1);
  const ModeRules& rules = modes[static_cast<std::size_t>(mode_)];
  assert(rules.mode == mode_);
  return rules;
}

void Tree::reset_mode() {
  for (std::size_t i = open_.size(); i-- > 0;) {
    const OpenElement& frame = open_[i];
    if (!frame.html()) continue;
    switch (frame.id) {
      case select:
        mode_ = Mode::in_select;
        for (std::size_t k = i; k-- > 0 && !open_[k].is(template_);) {
          if (open_[k].is(table)) mode_ = Mode::in_select_in_table;
        }
        return;
      case td:
      case th: mode_ = Mode::in_cell; return;
      case tr: mode_ = Mode::in_row; return;
      case tbody:
      case thead:
      case tfoot: mode_ = Mode::in_table_body; return;
      case caption: mode_ = Mode::in_caption; return;
      case colgroup: mode_ = Mode::in_column_group; return;
      case table: mode_ = Mode::in_table; return;
      case template_: mode_ = template_count_ != 0 ? template_modes_[template_count_ - 1] : Mode::in_body; return;
      case head: mode_ = Mode::in_head; return;
      case body: mode_ = Mode::in_body; return;
      case frameset: mode_ = Mode::in_frameset; return;
      case html: mode_ = has_head_ ? Mode::after_head : Mode::before_head; return;
      default: break;
    }
  }
  mode_ = Mode::in_body;
}

}  // namespace personalize::html
