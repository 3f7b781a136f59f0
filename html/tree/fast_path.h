// The fast path for the most common tags. Part of html/tree/tree.h; all of it is inlined into the rewriter's loop.
// Everything out of the ordinary is left to the insertion modes.
#pragma once

#include "html/tree/tree.h"

namespace personalize::html {

/// No other element of that name is in the list: neither the rule for anchors nor the one for three alike applies.
inline bool Tree::can_format_quickly(TagName name) const {
  return !formatting_.full() && formatting_.find(name) == formatting_.size();
}

[[gnu::always_inline]] inline bool Tree::start_quickly(TagName name, bool has_attributes) {
  if (!quick_) return false;
  OpenElement& parent = open_.top();
  const QuickStart quick = tag_tables.quick_start[static_cast<std::size_t>(name.id)];
  const unsigned around = parent.scope | around_anything | (formatting_.closed() != 0 ? around_formatting : 0);
  if ((around & quick.obstacles) != 0 || !parent.html()) return false;
  if (quick.kind != QuickStart::empty) {
    if (open_.full()) return false;
    OpenElement& element = open_.next();
    element = {.hash = name.hash,
               .children = 0,
               .watch = not_watched,
               .depth = static_cast<std::uint16_t>(parent.depth + 1),
               .id = name.id,
               .flags = static_cast<std::uint8_t>(parent.flags & unsafe),
               .scope = content_of(name.id).of(parent.scope),
               .fate = 0};
    if (quick.kind == QuickStart::formatting) {
      if ((has_attributes && name.id != TagId::a) || !can_format_quickly(name)) return false;
      element.flags |= formatting;
      formatting_.push({name, 0, static_cast<std::uint16_t>(open_.size()), not_watched, false});
    }
    open_.push_next();
  }
  ++parent.children;
  return true;
}

inline void Tree::note_quick_start(TagName name) {
  const bool open = tag_tables.quick_start[static_cast<std::size_t>(name.id)].kind != QuickStart::empty;
  const OpenElement& parent = open_[open_.size() - (open ? 2 : 1)];
  inserted_.name = name;
  inserted_.name_space = Namespace::html;
  inserted_.inserted = true;
  inserted_.open = open;
  inserted_.safe = (parent.flags & unsafe) == 0;
  inserted_.moved = false;
  inserted_.in_template = (parent.scope & in_template_contents) != 0;
  inserted_.in_closed_head = false;
  inserted_.displaces = false;
  inserted_.depth = static_cast<std::uint16_t>(parent.depth + 1);
  inserted_.child_index = parent.children;
}

/// The current tag closes the current element. `depth` is compared with the parent's: where the adoption agency has
/// moved the element out of others, it is not one less than the element's own.
inline bool Tree::closes_quickly(std::int32_t depth) const {
  if (open_.size() < 2 || open_[open_.size() - 2].depth < depth) return false;
  const OpenElement& frame = open_.top();
  if (!tag_tables.quick_end[static_cast<std::size_t>(frame.id)] || (frame.flags & (namespace_bits | watched)) != 0)
    return false;
  return (frame.flags & formatting) == 0 || formatting_.last().frame == open_.size() - 1;
}

inline void Tree::close_quickly() {
  if ((open_.top().flags & formatting) != 0) formatting_.pop();
  open_.pop();
}

inline bool Tree::end_quickly(TagName name, std::int32_t depth) {
  if (!quick_) return false;
  const OpenElement& frame = open_.top();
  if (frame.id != name.id || frame.hash != name.hash || !closes_quickly(depth)) return false;
  close_quickly();
  return true;
}

inline const char* Tree::end_quickly(const char* name, std::int32_t depth) {
  if (!quick_) return nullptr;
  const TagTable::Ending& ending = tag_table.endings[static_cast<std::size_t>(open_.top().id)];
  if (!ending.fits(name) || !closes_quickly(depth)) return nullptr;
  close_quickly();
  return name + ending.size;
}

inline bool Tree::wants_text() const {
  if (quick_ && formatting_.closed() == 0) return false;
  if (text_mode_ != TextMode::markup && text_mode_ != TextMode::plaintext) return false;
  return frameset_ok_ || mode_ != Mode::in_body || formatting_.closed() != 0;
}

}  // namespace personalize::html
