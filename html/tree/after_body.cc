// What follows `</body>` and `</html>` (§13.2.6.4.18 and 21), and second tags of body and html.
#include "html/tree/tree.h"

namespace personalize::html {

using enum TagId;

void Tree::start_after_body(const TreeTag& tag) {
  if (tag.name.id == html) return add_to_root(tag);
  back_to_body();
  start_in_mode(tag);
}

void Tree::end_after_body(const TreeTag& tag) {
  if (tag.name.id == html) return end_html();
  end_after_after_body(tag);
}

void Tree::end_after_after_body(const TreeTag& tag) {
  back_to_body();
  end_in_mode(tag);
}

/// `</body>` does not close the body: what follows still goes there. But it is where the page's author ended it.
void Tree::end_body() {
  if (!open_.in_scope(body)) return;
  // Nothing can be put at its end before a `</body>` that comes after `</html>` or after another `</body>`.
  if (open_[1].is(body) && ((end_tag_.id == body && !html_ended_) || body_ended_)) {
    if (!body_ended_) body_was_watched_ = (open_[1].flags & watched) != 0;
    if (body_was_watched_) report_ended(1, html_ended_ ? html : unknown);
    body_ended_ = true;
  }
  mode_ = Mode::after_body;
}

void Tree::end_html() {
  mode_ = Mode::after_after_body;
  report_ended(0);
  html_ended_ = true;
}

/// Because of its end tag, after which more may come, or of a second tag of html or body that comes later.
void Tree::report_ended(std::size_t index, TagId root_tag) {
  if ((open_[index].flags & watched) == 0) return;
  Closed closed = closed_of(index);
  closed.root_tag = root_tag;
  closed.by_end_tag = in_end_tag_ && open_[index].is(end_tag_);
  closed.again = !closed.by_end_tag;
  report_closed(index, closed);
}

/// What follows `</body>` or `</html>` belongs to the body all the same.
void Tree::back_to_body() {
  mode_ = Mode::in_body;
  root_tag_came_ = false;
  back_in_body_ = true;
  for (std::size_t i = 0; i < open_.size() && i < 2; ++i) {
    if ((open_[i].flags & watched) != 0) listener_.goes_on(open_[i].watch);
  }
}

/// A second `<html>` or `<body>`: its attributes are added to the first one's.
void Tree::add_to_root(const TreeTag& tag) {
  if (tag.attributes.empty() && !tag.cut_short) return;
  open_.mark_leak_from(0);
  // The tag counts, although it follows `</body>` and is left out together with what follows.
  const bool of_html = html_ended_ && tag.name.id == html;
  if ((body_ended_ || of_html) && (mode_ == Mode::in_body || root_tag_came_) && open_.size() > 1 && open_[1].is(body)) {
    if (body_ended_) report_ended(1, tag.name.id);
    if (of_html) report_ended(0, html);
    mode_ = Mode::after_body;
    root_tag_came_ = true;
  }
}

/// A comment here belongs to the page or to `html`, not to the body. What is held of the body may contain it.
void Tree::comment_after_body() { open_.mark_leak_from(body_ended_ ? 2 : 1); }

}  // namespace personalize::html
