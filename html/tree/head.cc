// Insertion modes from the start of the page to its body (§13.2.6.4.1 to 6), templates and framesets.
#include <utility>

#include "html/tokens/doctype.h"
#include "html/tree/tree.h"

namespace personalize::html {

using enum TagId;

void Tree::doctype(std::string_view bytes) {
  if (mode_ != Mode::initial) return;
  quirks_ = is_quirks_doctype(bytes);
  mode_ = Mode::before_html;
}

/// Start tags in the modes up to "after head". False if the tag is to be processed again in the mode that is set now.
bool Tree::start_before_body(const TreeTag& tag) {
  const TagId id = tag.name.id;
  switch (mode_) {
    case Mode::initial:
      quirks_ = true;
      mode_ = Mode::before_html;
      return false;
    case Mode::before_html:
      mode_ = Mode::before_head;
      if (id == html) return insert(tag), true;
      insert_implied(html);
      return false;
    case Mode::before_head:
      if (id == html) return add_to_root(tag), true;
      has_head_ = true;
      mode_ = Mode::in_head;
      if (id == head) return insert(tag), true;
      insert_implied(head);
      return false;
    case Mode::in_head:
      if (id == html) return add_to_root(tag), true;
      if (id == head) return true;
      if (has_trait(id, trait_head_content) || id == noscript) return start_in_head(tag), true;
      pop();
      mode_ = Mode::after_head;
      return false;
    default:  // after_head
      if (id == html) return add_to_root(tag), true;
      if (id == head) return true;
      if (has_trait(id, trait_head_content)) return start_late_head_content(tag), true;
      head_is_complete();
      if (id == frameset) {
        mode_ = Mode::in_frameset;
        return insert(tag), true;
      }
      mode_ = Mode::in_body;
      if (id == body) {
        frameset_ok_ = false;
        return insert(tag), true;
      }
      insert_implied(body);
      return false;
  }
}

/// Between `</head>` and the body: what belongs into the head still goes there.
void Tree::start_late_head_content(const TreeTag& tag) {
  if (ended_head_ != not_watched) listener_.goes_on(ended_head_);
  const std::size_t index = size_;
  push({head, 0})->flags |= synthetic;
  start_in_head(tag);
  inserted_.in_closed_head = true;
  if (!lost_) remove_frame(index);
}

/// By `</head>`, after which more of it may come.
void Tree::end_head() {
  if ((top().flags & watched) != 0) ended_head_ = top().watch;
  pop();
  mode_ = Mode::after_head;
}

/// The body begins, or the page ends. In front of text there is no certain place: blanks that it begins with belong to
/// what is in front of the body.
void Tree::head_is_complete(bool by_text) {
  if (ended_head_ == not_watched) return;
  Closed closed{};
  closed.watch = std::exchange(ended_head_, not_watched);
  closed.safe = !by_text;
  closed.lost = lost_;
  closed.final = true;
  closed.cut_off = at_end_ && (text_mode_ != TextMode::markup || in_template());
  closed.again = true;
  listener_.closed(closed);
}

bool Tree::end_before_body(const TreeTag& tag) {
  const TagId id = tag.name.id;
  const bool passes = id == body || id == html || id == br;
  switch (mode_) {
    case Mode::initial:
      quirks_ = true;
      mode_ = Mode::before_html;
      return false;
    case Mode::before_html:
      if (!passes && id != head) return true;
      insert_implied(html);
      mode_ = Mode::before_head;
      return false;
    case Mode::before_head:
      if (id == template_) return end_template(), true;
      if (!passes && id != head) return true;
      insert_implied(head);
      has_head_ = true;
      mode_ = Mode::in_head;
      return false;
    case Mode::in_head:
      if (id == template_) return end_template(), true;
      if (id == head) return end_head(), true;
      if (!passes) return true;
      pop();
      mode_ = Mode::after_head;
      return false;
    default:  // after_head
      if (id == template_) return end_template(), true;
      if (!passes) return true;
      head_is_complete();
      insert_implied(body);
      mode_ = Mode::in_body;
      return false;
  }
}

void Tree::start_in_head(const TreeTag& tag) {
  switch (tag.name.id) {
    case title: return enter_raw(tag, TextMode::rcdata);
    case noscript:
    case noframes:
    case style: return enter_raw(tag, TextMode::rawtext);
    case script: return enter_raw(tag, TextMode::script);
    case template_: return start_template(tag);
    default: return insert_void(tag);
  }
}

void Tree::start_template(const TreeTag& tag) {
  if (template_count_ == max_templates) {
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
  const std::size_t index = find_open(template_);
  if (index == size_) return;
  implied_end_tags_thoroughly();
  pop_through(template_);
  clear_to_marker();
  if (template_count_ != 0) --template_count_;
  reset_mode();
}

void Tree::start_in_template(const TreeTag& tag) {
  const TagId id = tag.name.id;
  if (has_trait(id, trait_head_content)) return start_in_head(tag);
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

void Tree::start_frameset(const TreeTag& tag) {
  if (size_ < 2 || !frames_[1].is(body) || !frameset_ok_) return;
  if (frameset_doubtful_) {
    lost_ = true;
    return;
  }
  frames_[1].flags |= unsafe;
  pop_to(1);
  replaced_body_ = true;
  insert(tag);
  mode_ = Mode::in_frameset;
}

void Tree::start_in_frameset(const TreeTag& tag) {
  const TagId id = tag.name.id;
  if (id == noframes) return start_in_head(tag);
  if (mode_ != Mode::in_frameset) return;
  if (id == frameset) return insert(tag);
  if (id == frame) return insert_void(tag);
}

void Tree::end_in_frameset(const TreeTag& tag) {
  const TagId id = tag.name.id;
  if (mode_ == Mode::in_frameset && id == frameset && size_ > 1) {
    pop();
    if (!top().is(frameset)) mode_ = Mode::after_frameset;
  } else if (mode_ == Mode::after_frameset && id == html) {
    mode_ = Mode::after_after_frameset;
  }
}

/// `</body>` does not close the body: what follows still goes there. But it is where the page's author ended it.
void Tree::end_body() {
  if (!in_scope(body)) return;
  // In front of a `</body>` that comes after `</html>`, or after another one, nothing can be put at its end.
  if (frames_[1].is(body) && ((end_tag_.id == body && !html_ended_) || body_ended_)) {
    if (!body_ended_) body_was_watched_ = (frames_[1].flags & watched) != 0;
    if (body_was_watched_) tell_ended(1);
    body_ended_ = true;
  }
  mode_ = Mode::after_body;
}

void Tree::end_html() {
  mode_ = Mode::after_after_body;
  tell_ended(0);
  html_ended_ = true;
}

/// By its end tag, after which more may come, or for a second tag of html or body that comes then.
void Tree::tell_ended(std::size_t index, TagId root_tag) {
  if ((frames_[index].flags & watched) == 0) return;
  Closed closed = closed_of(index);
  closed.root_tag = root_tag;
  closed.by_end_tag = in_end_tag_ && frames_[index].is(end_tag_);
  closed.again = !closed.by_end_tag;
  tell_closed(index, closed);
}

/// What follows `</body>` or `</html>` belongs to the body all the same.
void Tree::back_to_body() {
  mode_ = Mode::in_body;
  back_in_body_ = true;
  for (std::size_t i = 0; i < size_ && i < 2; ++i) {
    if ((frames_[i].flags & watched) != 0) listener_.goes_on(frames_[i].watch);
  }
}

/// A second `<html>` or `<body>`: its attributes are added to the first one's.
void Tree::add_to_root(const TreeTag& tag) {
  if (tag.attributes.empty() && !tag.cut_short) return;
  mark_leak_from(0);
  // The tag counts although it stands in what follows `</body>` and is left out with it.
  if (body_ended_ && mode_ == Mode::in_body && size_ > 1 && frames_[1].is(body)) {
    tell_ended(1, tag.name.id);
    mode_ = Mode::after_body;
  }
}

/// It belongs to the page or to `html`, not to the body. It may be in what has been held of the body since its tag.
void Tree::comment_after_body() { mark_leak_from(body_ended_ ? 2 : 1); }

}  // namespace personalize::html
