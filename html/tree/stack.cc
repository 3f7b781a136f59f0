// The stack of open elements (§13.2.4.2): what goes on it and comes off it, and what is in scope.
#include <algorithm>

#include "html/tree/tree.h"

namespace personalize::html {

using enum TagId;

Tree::Frame* Tree::push(TagName name, Namespace name_space) {
  if (size_ == max_depth) {
    lost_ = true;
    return &top();
  }
  Frame& frame = frames_[size_];
  frame = {.hash = name.hash,
           .children = 0,
           .watch = not_watched,
           .depth = 0,
           .id = name.id,
           .flags = static_cast<std::uint8_t>(name_space),
           .scope = 0,
           .fate = 0};
  std::uint8_t around = 0;
  if (size_ != 0) {
    const Frame& parent = top();
    frame.depth = static_cast<std::uint16_t>(parent.depth + 1);
    frame.flags |= parent.flags & unsafe;
    around = parent.scope;
  }
  if (name_space == Namespace::html) {
    frame.scope = content_of(name.id).of(around);
  } else {
    frame.scope = is_scope_boundary(frame) ? around & in_template_contents : around;
  }
  ++size_;
  return &frame;
}

bool Tree::is_scope_boundary(const Frame& frame) {
  switch (frame.name_space()) {
    case Namespace::html: return has_trait(frame.id, trait_scope);
    case Namespace::svg: return is_svg_integration_point(frame.id);
    default: return is_mathml_text_integration_point(frame.id) || frame.id == annotation_xml;
  }
}

bool Tree::is_special(const Frame& frame) {
  return frame.html() ? has_trait(frame.id, trait_special) : is_scope_boundary(frame);
}

/// Before it is pushed: an element of `name` in the current one.
void Tree::note_inserted(Inserted& note, TagName name, Namespace name_space, bool open) {
  note.name = name;
  note.name_space = name_space;
  note.inserted = true;
  note.open = open;
  note.safe = true;
  note.in_template = in_template();
  note.moved = false;
  note.in_closed_head = false;
  note.displaces = false;
  note.depth = depth();
  note.child_index = 1;
  if (size_ == 0) return;
  Frame& parent = top();
  note.child_index = ++parent.children;
  note.safe = (parent.flags & unsafe) == 0;
  note.moved = foster_ && parent.has(trait_table_context);
  if (note.moved) mark_leak_from(find_open(table));
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
  Frame& frame = frames_[index];
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
  tell_closed(index, closed);
  if (at_end_) text_mode_ = TextMode::markup;
}

Closed Tree::closed_of(std::size_t index) const {
  const Frame& frame = frames_[index];
  Closed closed{};
  closed.watch = frame.watch;
  closed.safe = (frame.flags & unsafe) == 0;
  closed.lost = lost_;
  closed.moved = (frame.fate & was_moved) != 0;
  closed.orphaned = (frame.fate & is_orphan) != 0;
  closed.leaks = (frame.fate & has_leaked) != 0;
  return closed;
}

void Tree::tell_closed(std::size_t index, const Closed& closed) {
  closing_ = static_cast<std::uint16_t>(index);
  closing_by_end_tag_ = closed.by_end_tag;
  listener_.closed(closed);
  closing_ = no_frame;
}

void Tree::pop() { pop_to(size_ - 1); }

void Tree::pop_to(std::size_t size) {
  while (size_ > size) {
    close_frame(size_ - 1);
    --size_;
    note_ended(frames_[size_]);
  }
}

/// Pops until an element of that name has been popped.
void Tree::pop_through(TagId id) {
  const std::size_t index = find_open(id);
  if (index != size_) pop_to(index);
}

/// Index of the innermost open HTML element of that name, or `size_`.
std::size_t Tree::find_open(TagId id) const {
  for (std::size_t i = size_; i-- > 0;) {
    if (frames_[i].is(id)) return i;
  }
  return size_;
}

void Tree::remove_frame(std::size_t index) {
  close_frame(index);
  std::move(frames_.begin() + static_cast<std::ptrdiff_t>(index) + 1,
            frames_.begin() + static_cast<std::ptrdiff_t>(size_), frames_.begin() + static_cast<std::ptrdiff_t>(index));
  --size_;
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

void Tree::mark_unsafe_from(std::size_t index) {
  for (; index < size_; ++index) frames_[index].flags |= unsafe;
}

void Tree::mark_leak_from(std::size_t index) {
  for (; index < size_; ++index) frames_[index].fate |= has_leaked;
}

bool Tree::in_scope(TagId id, TagId boundary1, TagId boundary2) const {
  for (std::size_t i = size_; i-- > 0;) {
    const Frame& frame = frames_[i];
    if (frame.is(id)) return true;
    if (is_scope_boundary(frame) || (boundary1 != unknown && frame.is(boundary1)) ||
        (boundary2 != unknown && frame.is(boundary2))) {
      return false;
    }
  }
  return false;
}

bool Tree::frame_in_scope(std::size_t index) const {
  for (std::size_t i = size_; i-- > index + 1;) {
    if (is_scope_boundary(frames_[i])) return false;
  }
  return index < size_;
}

bool Tree::any_in_scope(std::uint32_t trait, std::size_t open) const {
  for (std::size_t i = open; i-- > 0;) {
    if (frames_[i].has(trait)) return true;
    if (is_scope_boundary(frames_[i])) return false;
  }
  return false;
}

/// Some parsers look past a template here; where that would make a difference, nothing is safe.
template <class Wanted>
bool Tree::find_in_table_scope(Wanted wanted) {
  bool past_template = false;
  for (std::size_t i = size_; i-- > 0;) {
    if (wanted(frames_[i])) {
      if (past_template) mark_unsafe_from(i);
      return !past_template;
    }
    if (frames_[i].is(table) || frames_[i].is(html)) return false;
    past_template |= frames_[i].is(template_);
  }
  return false;
}

bool Tree::in_table_scope(TagId id) {
  return find_in_table_scope([id](const Frame& frame) { return frame.is(id); });
}

bool Tree::any_in_table_scope(std::uint32_t trait) {
  return find_in_table_scope([trait](const Frame& frame) { return frame.has(trait); });
}

void Tree::implied_end_tags(TagId except) {
  while (top().has(trait_implied_end) && top().id != except) pop();
}

void Tree::implied_end_tags_thoroughly() {
  while (top().has(trait_implied_thorough)) pop();
}

void Tree::close_p() {
  if ((top().scope & p_in_button_scope) != 0) pop_through(p);
}

}  // namespace personalize::html
