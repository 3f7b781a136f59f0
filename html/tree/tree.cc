#include "html/tree/tree.h"

#include <algorithm>

namespace personalize::html {

using enum TagId;

Tree::Tree(TreeListener& listener) : listener_(listener) {}

Tree::Tree(const Tree& other, TreePlace place, TreeListener& listener)
    : listener_(listener),
      size_(place.open),
      frameset_ok_(false),
      quirks_(other.quirks_),
      has_head_(other.has_head_),
      has_form_(other.has_form_without(place.open)),
      form_frame_(other.form_frame_ < place.open ? other.form_frame_ : no_frame),
      template_count_(static_cast<std::uint16_t>(other.templates_in(place.open))),
      reopened_from_(static_cast<std::uint16_t>(place.open - place.reopened)) {
  for (std::size_t i = 0; i < size_; ++i) {
    frames_[i] = other.frames_[i];
    frames_[i].watch = 0;
    frames_[i].flags |= watched;
  }
  const std::size_t entries = other.formatting_without(size_);
  for (std::size_t i = 0; i < entries; ++i) {
    if (other.is_own(other.formatting_[i], size_)) continue;
    FormattingList::Entry entry = other.formatting_[i];
    if (entry.frame >= size_) entry.frame = no_frame;
    formatting_.push(entry);
  }
  for (std::size_t i = 0; i < template_count_; ++i) template_modes_[i] = other.template_modes_[i];
  formatting_.count_closed();
  reset_mode();
  set_quick();
}

TreePlace Tree::in_front() const {
  const std::size_t open = size_ - (inserted_.open ? 1 : 0);
  return {open, reopened_from_ < open ? open - reopened_from_ : 0};
}

std::size_t Tree::go_in_front() {
  const std::size_t reopened = size_ - reopened_from_;
  for (std::size_t i = 0; i < reopened; ++i) {
    const std::size_t entry = formatting_.of_frame(--size_);
    if (entry != formatting_.size()) formatting_[entry].frame = no_frame;
    if (size_ != 0) --top().children;
  }
  formatting_.count_closed();
  set_quick();
  return reopened;
}

void Tree::start_tag(const TreeTag& tag) {
  forget_token();
  if (start_quickly(tag.name, !tag.attributes.empty() || tag.cut_short)) return note_quick_start(tag.name);
  text_mode_ = TextMode::markup;
  if (lost_) return lost_start_tag(tag);
  if (size_ != 0 && start_is_foreign(tag)) {
    start_foreign(tag);
  } else {
    start_in_mode(tag);
  }
  if (lost_) lose();
  set_quick();
}

void Tree::end_tag(const TreeTag& tag) {
  forget_token();
  if (end_quickly(tag.name, 0)) return;
  const bool raw = text_mode_ != TextMode::markup;
  text_mode_ = TextMode::markup;
  if (lost_) return;
  in_end_tag_ = true;
  end_tag_ = tag.name;
  if (raw) {
    pop();
  } else if (size_ != 0 && !top().html()) {
    end_foreign(tag);
  } else {
    end_in_mode(tag);
  }
  in_end_tag_ = false;
  if (lost_) lose();
  set_quick();
}

void Tree::forget_token() {
  inserted_.inserted = false;
  outermost_ended_.inserted = false;
  implied_count_ = 0;
  reopened_from_ = no_frame;
  back_in_body_ = false;
}

void Tree::set_quick() {
  const bool in_body = mode_ == Mode::in_body || mode_ == Mode::in_cell;
  quick_ = in_body && !frameset_ok_ && !lost_ && size_ != 0 && text_mode_ == TextMode::markup;
}

void Tree::end() {
  in_end_tag_ = false;
  forget_token();
  at_end_ = true;
  head_is_complete();
  while (size_ != 0) {
    pop();
    if (has_marker(frames_[size_])) clear_to_marker();  // what is put after it would open what is in front of that
  }
}

bool Tree::takes_text() const {
  if (size_ == 0 || text_mode_ != TextMode::markup) return false;
  if (in_foreign_text()) return true;
  const bool table_part = top().has(trait_table_context) && !top().is(template_);
  return !table_part && !top().is(colgroup) && !top().is(frameset) && !top().is(head) && !top().is(html);
}

bool Tree::takes_form() const {
  const std::size_t around = size_ - (inserted_.open ? 1u : 0u);
  return std::none_of(frames_.begin(), frames_.begin() + static_cast<std::ptrdiff_t>(around),
                      [](const Frame& frame) { return frame.is(form) || (frame.fate & is_orphan) != 0; });
}

void Tree::give_up() {
  forget_token();
  if (lost_) return;
  lost_ = true;
  lose();
  set_quick();
}

/// What is read as text stays text, whatever the tree looks like.
void Tree::lost_start_tag(const TreeTag& tag) {
  if (const TextMode mode = text_mode_of(tag.name.id); mode != TextMode::markup) text_mode_ = mode;
  text_element_ = tag.name.id;
}

void Tree::watch(std::uint16_t watch) {
  top().watch = watch;
  top().flags |= watched;
}

bool Tree::watch_implied(TagId id, std::uint16_t watch) {
  if (size_ < 2 || !frames_[1].is(id)) return false;
  frames_[1].watch = watch;
  frames_[1].flags |= watched;
  return true;
}

/// From here on nothing is known.
void Tree::lose() {
  in_end_tag_ = false;
  inserted_.inserted = false;
  implied_count_ = 0;
  formatting_.clear();
  head_is_complete();
  pop_to(0);
}

/// The element's content is text up to its end tag.
void Tree::enter_raw(const TreeTag& tag, TextMode mode) {
  insert(tag);
  text_mode_ = mode;
  text_element_ = tag.name.id;
}

void Tree::reset_mode() {
  for (std::size_t i = size_; i-- > 0;) {
    const Frame& frame = frames_[i];
    if (!frame.html()) continue;
    switch (frame.id) {
      case select:
        mode_ = Mode::in_select;
        for (std::size_t k = i; k-- > 0 && !frames_[k].is(template_);) {
          if (frames_[k].is(table)) mode_ = Mode::in_select_in_table;
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

void Tree::start_in_mode(const TreeTag& tag) {
  switch (mode_) {
    case Mode::initial:
    case Mode::before_html:
    case Mode::before_head:
    case Mode::in_head:
    case Mode::after_head:
      if (start_before_body(tag)) return;
      return start_in_mode(tag);
    case Mode::in_body: return start_in_body(tag);
    case Mode::in_table: return start_in_table(tag);
    case Mode::in_caption: return start_in_caption(tag);
    case Mode::in_column_group: return start_in_column_group(tag);
    case Mode::in_table_body: return start_in_table_body(tag);
    case Mode::in_row: return start_in_row(tag);
    case Mode::in_cell: return start_in_cell(tag);
    case Mode::in_select:
    case Mode::in_select_in_table: return start_in_select(tag);
    case Mode::in_template: return start_in_template(tag);
    case Mode::after_body:
    case Mode::after_after_body:
      if (tag.name.id == html) return add_to_root(tag);
      back_to_body();
      return start_in_mode(tag);
    case Mode::in_frameset:
    case Mode::after_frameset:
    case Mode::after_after_frameset: return start_in_frameset(tag);
  }
}

void Tree::end_in_mode(const TreeTag& tag) {
  switch (mode_) {
    case Mode::initial:
    case Mode::before_html:
    case Mode::before_head:
    case Mode::in_head:
    case Mode::after_head:
      if (end_before_body(tag)) return;
      return end_in_mode(tag);
    case Mode::in_body: return end_in_body(tag);
    case Mode::in_table: return end_in_table(tag);
    case Mode::in_caption: return end_in_caption(tag);
    case Mode::in_column_group: return end_in_column_group(tag);
    case Mode::in_table_body: return end_in_table_body(tag);
    case Mode::in_row: return end_in_row(tag);
    case Mode::in_cell: return end_in_cell(tag);
    case Mode::in_select:
    case Mode::in_select_in_table: return end_in_select(tag);
    case Mode::in_template:
      if (tag.name.id == template_) end_template();
      return;
    case Mode::after_body:
      if (tag.name.id == html) return end_html();
      back_to_body();
      return end_in_mode(tag);
    case Mode::after_after_body: back_to_body(); return end_in_mode(tag);
    case Mode::in_frameset:
    case Mode::after_frameset:
    case Mode::after_after_frameset: return end_in_frameset(tag);
  }
}

}  // namespace personalize::html
