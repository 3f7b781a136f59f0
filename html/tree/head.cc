// Insertion modes from the start of the page to its body (§13.2.6.4.1 to 6).
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

/// "Anything else": what the mode waits for is in the page without a tag.
void Tree::imply_next_mode() {
  switch (mode_) {
    case Mode::initial:
      quirks_ = true;
      mode_ = Mode::before_html;
      return;
    case Mode::before_html:
      insert_implied(html);
      mode_ = Mode::before_head;
      return;
    case Mode::before_head:
      insert_implied(head);
      has_head_ = true;
      mode_ = Mode::in_head;
      return;
    case Mode::in_head:
      pop();
      mode_ = Mode::after_head;
      return;
    default:
      assert(mode_ == Mode::after_head);
      head_is_complete();
      insert_implied(body);
      mode_ = Mode::in_body;
  }
}

void Tree::start_in_next_mode(const TreeTag& tag) {
  imply_next_mode();
  start_in_mode(tag);
}

void Tree::end_in_next_mode(const TreeTag& tag) {
  imply_next_mode();
  end_in_mode(tag);
}

namespace {

/// Other end tags are ignored before the body.
bool implies_body(TagId id) { return id == body || id == html || id == br; }

}  // namespace

void Tree::start_before_html(const TreeTag& tag) {
  if (tag.name.id != html) return start_in_next_mode(tag);
  insert(tag);
  mode_ = Mode::before_head;
}

void Tree::end_before_html(const TreeTag& tag) {
  if (tag.name.id == head || implies_body(tag.name.id)) end_in_next_mode(tag);
}

void Tree::start_before_head(const TreeTag& tag) {
  if (tag.name.id == html) return add_to_root(tag);
  if (tag.name.id != head) return start_in_next_mode(tag);
  insert(tag);
  has_head_ = true;
  mode_ = Mode::in_head;
}

void Tree::end_before_head(const TreeTag& tag) {
  if (tag.name.id == template_) return end_template();
  if (tag.name.id == head || implies_body(tag.name.id)) end_in_next_mode(tag);
}

void Tree::start_in_head(const TreeTag& tag) {
  const TagId id = tag.name.id;
  if (id == html) return add_to_root(tag);
  if (id == head) return;
  if (has_trait(id, trait_head_content) || id == noscript) return start_head_content(tag);
  start_in_next_mode(tag);
}

void Tree::end_in_head(const TreeTag& tag) {
  if (tag.name.id == template_) return end_template();
  if (tag.name.id == head) return end_head();
  if (implies_body(tag.name.id)) end_in_next_mode(tag);
}

void Tree::start_after_head(const TreeTag& tag) {
  const TagId id = tag.name.id;
  if (id == html) return add_to_root(tag);
  if (id == head) return;
  if (has_trait(id, trait_head_content)) return start_late_head_content(tag);
  if (id != body && id != frameset) return start_in_next_mode(tag);
  head_is_complete();
  insert(tag);
  if (id == body) frameset_ok_ = false;
  mode_ = id == body ? Mode::in_body : Mode::in_frameset;
}

void Tree::end_after_head(const TreeTag& tag) {
  if (tag.name.id == template_) return end_template();
  if (implies_body(tag.name.id)) end_in_next_mode(tag);
}

/// By the rules of "in head", wherever it stands.
void Tree::start_head_content(const TreeTag& tag) {
  if (tag.name.id == template_) return start_template(tag);
  if (text_mode_of(tag.name.id) != TextMode::markup) return enter_raw(tag);
  insert_void(tag);
}

/// Between `</head>` and the body: what belongs in the head still goes there.
void Tree::start_late_head_content(const TreeTag& tag) {
  if (ended_head_ != not_watched) listener_.goes_on(ended_head_);
  const std::size_t index = open_.size();
  push({head, 0})->flags |= synthetic;
  start_head_content(tag);
  inserted_.in_closed_head = true;
  if (!lost_) remove_frame(index);
}

/// Because of `</head>`, after which more of it may come.
void Tree::end_head() {
  if ((open_.top().flags & watched) != 0) ended_head_ = open_.top().watch;
  pop();
  mode_ = Mode::after_head;
}

/// The body begins, or the page ends. Before text the place is uncertain: leading blanks belong to what is before the
/// body.
void Tree::head_is_complete(bool by_text) {
  if (ended_head_ == not_watched) return;
  Closed closed{};
  closed.watch = std::exchange(ended_head_, not_watched);
  closed.safe = !by_text;
  closed.lost = lost_;
  closed.final = true;
  closed.cut_off = at_end_ && (text_mode_ != TextMode::markup || open_.in_template());
  closed.again = true;
  listener_.closed(closed);
}

}  // namespace personalize::html
