#include "html/tree/tree.h"

#include <algorithm>
#include <cassert>

namespace personalize::html {

using enum TagId;

Tree::Tree(TreeListener& listener) : listener_(listener) {}

Tree::Tree(const Tree& other, TreePlace place, TreeListener& listener)
    : listener_(listener),
      frameset_ok_(false),
      quirks_(other.quirks_),
      has_head_(other.has_head_),
      has_form_(other.has_form_without(place.open)),
      form_frame_(other.form_frame_ < place.open ? other.form_frame_ : no_frame),
      template_count_(static_cast<std::uint16_t>(other.templates_in(place.open))),
      reopened_from_(static_cast<std::uint16_t>(place.open - place.reopened)) {
  for (std::size_t i = 0; i < place.open; ++i) {
    OpenElement element = other.open_[i];
    element.watch = 0;
    element.flags |= watched;
    open_.push(element);
  }
  const std::size_t entries = other.formatting_without(open_.size());
  for (std::size_t i = 0; i < entries; ++i) {
    if (other.is_own(other.formatting_[i], open_.size())) continue;
    FormattingList::Entry entry = other.formatting_[i];
    if (entry.frame >= open_.size()) entry.frame = no_frame;
    formatting_.push(entry);
    if (entry.frame != no_frame) open_[entry.frame].flags |= formatting;  // not set while the element is being closed
  }
  for (std::size_t i = 0; i < template_count_; ++i) template_modes_[i] = other.template_modes_[i];
  formatting_.count_closed();
  reset_mode();
  set_quick();
}

TreePlace Tree::in_front() const {
  const std::size_t open = open_.size() - (inserted_.open ? 1 : 0);
  return {open, reopened_from_ < open ? open - reopened_from_ : 0};
}

std::size_t Tree::go_in_front() {
  const std::size_t reopened = open_.size() - reopened_from_;
  for (std::size_t i = 0; i < reopened; ++i) {
    open_.pop();
    const std::size_t entry = formatting_.of_frame(open_.size());
    if (entry != formatting_.size()) formatting_[entry].frame = no_frame;
    if (!open_.empty()) --open_.top().children;
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
  if (!open_.empty() && start_is_foreign(tag)) {
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
  } else if (!open_.empty() && !open_.top().html()) {
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
  ended_.forget();
  implied_count_ = 0;
  reopened_from_ = no_frame;
  back_in_body_ = false;
}

void Tree::set_quick() {
  const bool in_body = mode_ == Mode::in_body || mode_ == Mode::in_cell;
  quick_ = in_body && !frameset_ok_ && !lost_ && !open_.empty() && text_mode_ == TextMode::markup;
}

void Tree::end() {
  in_end_tag_ = false;
  forget_token();
  at_end_ = true;
  head_is_complete();
  while (!open_.empty()) {
    const bool sets_marker = open_.top().has(trait_marker);
    pop();
    if (sets_marker) clear_to_marker();  // content put after it would reopen what stands before the marker
  }
}

bool Tree::takes_text() const {
  if (open_.empty() || text_mode_ != TextMode::markup) return false;
  if (in_foreign_text()) return true;
  const bool table_part = open_.top().has(trait_table_context) && !open_.top().is(template_);
  return !table_part && !open_.top().is(colgroup) && !open_.top().is(frameset) && !open_.top().is(head) &&
         !open_.top().is(html);
}

bool Tree::takes_form() const {
  const std::size_t around = open_.size() - (inserted_.open ? 1u : 0u);
  return std::none_of(open_.begin(), open_.begin() + around,
                      [](const OpenElement& frame) { return frame.is(form) || (frame.fate & is_orphan) != 0; });
}

void Tree::give_up() {
  forget_token();
  if (lost_) return;
  lost_ = true;
  lose();
  set_quick();
}

/// Raw text stays raw text, whatever the tree looks like.
void Tree::lost_start_tag(const TreeTag& tag) {
  if (const TextMode mode = text_mode_of(tag.name.id); mode != TextMode::markup) text_mode_ = mode;
  text_element_ = tag.name.id;
}

void Tree::watch(std::uint16_t watch) {
  assert(inserted_.inserted && inserted_.open);
  open_.top().watch = watch;
  open_.top().flags |= watched;
}

bool Tree::watch_implied(TagId id, std::uint16_t watch) {
  if (open_.size() < 2 || !open_[1].is(id)) return false;
  open_[1].watch = watch;
  open_[1].flags |= watched;
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
void Tree::enter_raw(const TreeTag& tag) {
  insert(tag);
  text_mode_ = text_mode_of(tag.name.id);
  text_element_ = tag.name.id;
}

}  // namespace personalize::html
