// Elements that go on the stack of open elements and come off it, and what is reported of them.
#include <cassert>

#include "html/tree/tree.h"

namespace personalize::html {

using enum TagId;

OpenElement* Tree::push(TagName name, Namespace name_space) {
  if (!open_.full()) return &open_.push(name, name_space);
  lost_ = true;
  return &open_.top();
}

/// To be called before the element is pushed.
void Tree::note_inserted(Inserted& note, TagName name, Namespace name_space, bool open) {
  note.name = name;
  note.name_space = name_space;
  note.inserted = true;
  note.open = open;
  note.safe = true;
  note.in_template = open_.in_template();
  note.moved = false;
  note.in_closed_head = false;
  note.displaces = false;
  note.depth = depth();
  note.child_index = 1;
  if (open_.empty()) return;
  OpenElement& parent = open_.top();
  note.child_index = ++parent.children;
  note.safe = (parent.flags & unsafe) == 0;
  note.moved = foster_ && parent.has(trait_table_context);
  if (note.moved) open_.mark_leak_from(open_.find(table));
}

void Tree::insert(const TreeTag& tag) {
  note_inserted(inserted_, tag.name, Namespace::html, true);
  push(tag.name);
}

void Tree::insert_void(const TreeTag& tag) { note_inserted(inserted_, tag.name, Namespace::html, false); }

void Tree::insert_implied(TagId id) {
  Inserted ignored;
  Inserted& note = implied_count_ < implied_.size() ? implied_[implied_count_++] : ignored;
  note_inserted(note, {id, 0}, Namespace::html, true);
  push({id, 0})->flags |= synthetic;
}

void Tree::close_frame(std::size_t index) {
  OpenElement& frame = open_[index];
  if ((frame.flags & formatting) != 0 && !at_end_) {
    formatting_closed(index);
  }
  if (form_frame_ == index) form_frame_ = no_frame;
  if ((frame.flags & watched) == 0) return;
  const bool in_text = text_mode_ != TextMode::markup && text_mode_ != TextMode::plaintext;
  Closed closed = closed_of(index);
  closed.by_end_tag = in_end_tag_ && frame.name() == end_tag_ && (frame.flags & synthetic) == 0;
  closed.final = frame.watch != ended_head_;
  closed.may_reopen = (frame.flags & formatting) != 0;
  closed.cut_off = at_end_ && (in_text || (frame.scope & in_template_contents) != 0);
  closed.again = index < 2 && ((frame.is(body) && body_ended_) || (frame.is(html) && html_ended_));
  report_closed(index, closed);
  if (at_end_) text_mode_ = TextMode::markup;
}

Closed Tree::closed_of(std::size_t index) const {
  const OpenElement& frame = open_[index];
  Closed closed{};
  closed.watch = frame.watch;
  closed.safe = (frame.flags & unsafe) == 0;
  closed.lost = lost_;
  closed.moved = (frame.fate & was_moved) != 0;
  closed.orphaned = (frame.fate & is_orphan) != 0;
  closed.leaks = (frame.fate & has_leaked) != 0;
  return closed;
}

void Tree::report_closed(std::size_t index, const Closed& closed) {
  closing_ = static_cast<std::uint16_t>(index);
  closing_by_end_tag_ = closed.by_end_tag;
  listener_.closed(closed);
  closing_ = no_frame;
}

void Tree::pop() { pop_to(open_.size() - 1); }

void Tree::pop_to(std::size_t size) {
  assert(size <= open_.size());
  while (open_.size() > size) {
    close_frame(open_.size() - 1);
    const OpenElement ended = open_.top();
    open_.pop();
    ended_.note(ended, end_tag_does_more(ended));
  }
}

/// Pops until an element of that name has been popped.
void Tree::pop_through(TagId id) {
  const std::size_t index = open_.find(id);
  if (index != open_.size()) pop_to(index);
}

void Tree::remove_frame(std::size_t index) {
  close_frame(index);
  open_.erase(index);
  frames_moved(index, -1);
}

/// Frames from `from` on (as numbered before) have moved by `by`.
void Tree::frames_moved(std::size_t from, int by) {
  const auto shift = [&](std::uint16_t& frame) {
    if (frame != no_frame && frame >= from) frame = static_cast<std::uint16_t>(frame + by);
  };
  for (FormattingList::Entry& entry : formatting_) shift(entry.frame);
  shift(form_frame_);
}

void Tree::implied_end_tags(TagId except) {
  while (open_.top().has(trait_implied_end) && open_.top().id != except) pop();
}

void Tree::implied_end_tags_thoroughly() {
  while (open_.top().has(trait_implied_thorough)) pop();
}

void Tree::close_p() {
  if ((open_.top().scope & p_in_button_scope) != 0) pop_through(p);
}

/// It would also take elements off the list of active formatting elements, or make room for another form.
bool Tree::end_tag_does_more(const OpenElement& element) const {
  if ((element.flags & unsafe) != 0) return true;
  if (element.is(form) && (element.fate & is_orphan) != 0) return true;
  if (at_end_) return false;
  if (element.html() && tag_tables.end[static_cast<std::size_t>(element.id)] == BodyEnd::object) return true;
  return (element.flags & formatting) != 0 || (element.is(form) && (element.scope & in_template_contents) == 0);
}

bool Tree::end_tag_would_do() const {
  return !open_.empty() && !end_tag_does_more(open_.top()) && ended_.end_tag_reaches(open_.top());
}

}  // namespace personalize::html
