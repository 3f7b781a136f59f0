// SVG and MathML (§13.2.6.5).
#include "html/tokens/ascii.h"
#include "html/tokens/attributes.h"
#include "html/tree/tree.h"

namespace personalize::html {
using enum TagId;

/// Whether the rules for foreign content apply to a start tag here.
bool Tree::start_is_foreign(const TreeTag& tag) const {
  const OpenElement& frame = open_.top();
  if (frame.html() || (frame.flags & integration) != 0) return false;
  if (frame.name_space() == Namespace::mathml) {
    if (is_mathml_text_integration_point(frame.id)) return tag.name.id == mglyph || tag.name.id == malignmark;
    if (frame.id == annotation_xml && tag.name.id == svg) return false;
  }
  return true;
}

/// Whether they apply to text here.
bool Tree::in_foreign_text() const {
  if (open_.empty()) return false;
  const OpenElement& frame = open_.top();
  if (frame.html() || (frame.flags & integration) != 0) return false;
  return frame.name_space() != Namespace::mathml || !is_mathml_text_integration_point(frame.id);
}

void Tree::start_foreign(const TreeTag& tag) {
  const TagId id = tag.name.id;
  const Known breaks_out = has_trait(id, trait_breakout) ? Known::yes : id == font ? font_breaks_out(tag) : Known::no;
  if (breaks_out == Known::unknown) {
    lost_ = true;
    return;
  }
  if (breaks_out == Known::yes) {
    leave_foreign();
    return start_in_mode(tag);
  }
  insert_foreign(tag, open_.top().name_space());
}

void Tree::leave_foreign() {
  while (!open_.top().html() && (open_.top().flags & integration) == 0 &&
         !(open_.top().name_space() == Namespace::mathml && is_mathml_text_integration_point(open_.top().id))) {
    pop();
  }
}

Tree::Known Tree::font_breaks_out(const TreeTag& tag) {
  AttributeCursor cursor(tag.attributes);
  AttributePlace place;
  while (cursor.next(place)) {
    for (std::string_view name : {"color", "face", "size"}) {
      if (equals_ignoring_case(place.attribute.name, name)) return Known::yes;
    }
  }
  return tag.cut_short ? Known::unknown : Known::no;
}

void Tree::insert_foreign(const TreeTag& tag, Namespace name_space) {
  note_inserted(inserted_, tag.name, name_space, true);
  OpenElement* const frame = push(tag.name, name_space);
  if (lost_) return;
  Known holds_html = Known::no;
  if (name_space == Namespace::svg) {
    if (is_svg_integration_point(tag.name.id)) holds_html = Known::yes;
  } else if (tag.name.id == annotation_xml) {
    holds_html = is_html_annotation(tag);
  }
  if (holds_html == Known::unknown) {
    lost_ = true;
    return;
  }
  if (holds_html == Known::yes) frame->flags |= integration;
  if (tag.self_closing) close_at_once();
}

/// `/>`. The element was never open, so its end is not reported.
void Tree::close_at_once() {
  inserted_.open = false;
  open_.pop();
}

void Tree::long_tag_ends(bool self_closing) {
  if (!self_closing || !inserted_.inserted || inserted_.name_space == Namespace::html) return;
  close_at_once();
}

Tree::Known Tree::is_html_annotation(const TreeTag& tag) {
  AttributeCursor cursor(tag.attributes);
  AttributePlace place;
  while (cursor.next(place)) {
    if (!equals_ignoring_case(place.attribute.name, "encoding")) continue;
    const bool html = equals_ignoring_case(place.attribute.value, "text/html") ||
                      equals_ignoring_case(place.attribute.value, "application/xhtml+xml");
    return html ? Known::yes : Known::no;
  }
  return tag.cut_short ? Known::unknown : Known::no;
}

void Tree::end_foreign(const TreeTag& tag) {
  if (tag.name.id == br || tag.name.id == p) {
    leave_foreign();
    return end_in_mode(tag);
  }
  for (std::size_t i = open_.size(); i-- > 0;) {
    if (open_[i].html()) return end_in_mode(tag);
    if (open_[i].name() == tag.name) return pop_to(i);
  }
}

}  // namespace personalize::html
