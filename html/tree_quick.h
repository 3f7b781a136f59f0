// The short way for the tags that pages mostly consist of. Part of html/tree.h; all of it is inlined into the
// rewriter's loop. Whatever is not entirely ordinary is left to the insertion modes.
#pragma once

#include "html/tree.h"

namespace personalize::html {

inline void Tree::push_quickly(TagName name) {
  Frame& parent = frames_[size_ - 1];
  Frame& frame = frames_[size_];
  ++parent.children;
  frame.hash = name.hash;
  frame.children = 0;
  frame.watch = not_watched;
  frame.depth = static_cast<std::uint16_t>(parent.depth + 1);
  frame.id = name.id;
  frame.flags = parent.flags & unsafe;
  frame.scope = parent.scope;
  ++size_;
}

/// No other element of that name is in the list, so that neither an anchor nor three alike are in the way.
inline bool Tree::can_format_quickly(TagName name) const {
  return formatting_count_ < max_formatting && find_formatting(name) == formatting_count_;
}

inline bool Tree::start_quickly(TagName name, bool has_attributes) {
  if (!quick_ || size_ == max_depth) return false;
  const Frame& parent = frames_[size_ - 1];
  if (!parent.html()) return false;
  const bool p_open = (parent.scope & p_in_button_scope) != 0;
  switch (tag_tables.quick_start[static_cast<std::size_t>(name.id)]) {
    case QuickStart::no:
      return false;
    case QuickStart::ordinary:
      if (closed_formatting_ != 0) return false;
      if (name.id == TagId::button) {
        if ((parent.scope & button_in_scope) != 0) return false;
        push_quickly(name);
        frames_[size_ - 1].scope = (parent.scope & in_template_contents) | button_in_scope;
      } else {
        push_quickly(name);
      }
      break;
    case QuickStart::block:
      if (p_open) return false;
      push_quickly(name);
      if (name.id == TagId::p) frames_[size_ - 1].scope |= p_in_button_scope;
      break;
    case QuickStart::heading:
      if (p_open || has_trait(parent.id, trait_heading)) return false;
      push_quickly(name);
      break;
    case QuickStart::item:
      if (p_open || (parent.id != TagId::ul && parent.id != TagId::ol)) return false;
      push_quickly(name);
      break;
    case QuickStart::empty:
      if (closed_formatting_ != 0) return false;
      [[fallthrough]];
    case QuickStart::empty_plain:
      ++frames_[size_ - 1].children;
      break;
    case QuickStart::formatting:
      if (closed_formatting_ != 0 || (has_attributes && name.id != TagId::a) || !can_format_quickly(name)) return false;
      push_quickly(name);
      frames_[size_ - 1].flags |= formatting;
      formatting_[formatting_count_++] = {name, 0, static_cast<std::uint16_t>(size_ - 1), not_watched, false};
      break;
  }
  outermost_ended_.inserted = false;
  implied_count_ = 0;
  return true;
}

inline void Tree::note_quick_start(TagName name) {
  const QuickStart kind = tag_tables.quick_start[static_cast<std::size_t>(name.id)];
  const bool open = kind != QuickStart::empty && kind != QuickStart::empty_plain;
  const Frame& parent = frames_[size_ - (open ? 2 : 1)];
  inserted_.name = name;
  inserted_.name_space = Namespace::html;
  inserted_.inserted = true;
  inserted_.open = open;
  inserted_.safe = (parent.flags & unsafe) == 0;
  inserted_.moved = false;
  inserted_.in_template = (parent.scope & in_template_contents) != 0;
  inserted_.in_closed_head = false;
  inserted_.depth = static_cast<std::uint16_t>(parent.depth + 1);
  inserted_.child_index = parent.children;
}

inline bool Tree::end_quickly(TagName name) {
  if (!quick_ || !tag_tables.quick_end[static_cast<std::size_t>(name.id)]) return false;
  const Frame& frame = frames_[size_ - 1];
  if (frame.id != name.id || frame.hash != name.hash || (frame.flags & (namespace_bits | watched)) != 0) return false;
  if ((frame.flags & formatting) != 0) {
    if (formatting_[formatting_count_ - 1].frame != size_ - 1) return false;
    --formatting_count_;
  }
  --size_;
  inserted_.inserted = false;
  outermost_ended_.inserted = false;
  implied_count_ = 0;
  return true;
}

}  // namespace personalize::html
