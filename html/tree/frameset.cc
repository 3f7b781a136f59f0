// Framesets (§13.2.6.4.19 to 21).
#include "html/tree/tree.h"

namespace personalize::html {

using enum TagId;

void Tree::start_frameset(const TreeTag& tag) {
  if (open_.size() < 2 || !open_[1].is(body) || !frameset_ok_) return;
  if (frameset_doubtful_) {
    lost_ = true;
    return;
  }
  open_[1].flags |= unsafe;
  pop_to(1);
  replaced_body_ = true;
  insert(tag);
  mode_ = Mode::in_frameset;
}

void Tree::start_in_frameset(const TreeTag& tag) {
  const TagId id = tag.name.id;
  if (id == noframes) return start_head_content(tag);
  if (mode_ != Mode::in_frameset) return;
  if (id == frameset) return insert(tag);
  if (id == frame) return insert_void(tag);
}

void Tree::end_in_frameset(const TreeTag& tag) {
  const TagId id = tag.name.id;
  if (mode_ == Mode::in_frameset && id == frameset && open_.size() > 1) {
    pop();
    if (!open_.top().is(frameset)) mode_ = Mode::after_frameset;
  } else if (mode_ == Mode::after_frameset && id == html) {
    mode_ = Mode::after_after_frameset;
  }
}

}  // namespace personalize::html
