// SVG and MathML (§13.2.6.5).
#include "html/tokens/ascii.h"
#include "html/tokens/attributes.h"
#include "html/tree/tree.h"

namespace personalize::html {
namespace {

bool is_mathml_text(TagId id) {
  return id == TagId::mi || id == TagId::mo || id == TagId::mn || id == TagId::ms || id == TagId::mtext;
}

bool is_svg_html(TagId id) { return id == TagId::foreignobject || id == TagId::desc || id == TagId::title; }

}  // namespace

using enum TagId;

/// Whether the rules for foreign content apply to a start tag here.
bool Tree::start_is_foreign(const TreeTag& tag) const {
  const Frame& frame = top();
  if (frame.html() || (frame.flags & integration) != 0) return false;
  if (frame.name_space() == Namespace::mathml) {
    if (is_mathml_text(frame.id)) return tag.name.id == mglyph || tag.name.id == malignmark;
    if (frame.id == annotation_xml && tag.name.id == svg) return false;
  }
  return true;
}

/// Whether they apply to text here.
bool Tree::in_foreign_text() const {
  if (size_ == 0) return false;
  const Frame& frame = top();
  if (frame.html() || (frame.flags & integration) != 0) return false;
  return frame.name_space() != Namespace::mathml || !is_mathml_text(frame.id);
}

void Tree::start_foreign(const TreeTag& tag) {
  const TagId id = tag.name.id;
  if (has_trait(id, trait_breakout) || (id == font && font_breaks_out(tag))) {
    leave_foreign();
    return start_in_mode(tag);
  }
  insert_foreign(tag, top().name_space());
}

void Tree::leave_foreign() {
  while (!top().html() && (top().flags & integration) == 0 &&
         !(top().name_space() == Namespace::mathml && is_mathml_text(top().id))) {
    pop();
  }
}

bool Tree::font_breaks_out(const TreeTag& tag) {
  AttributeCursor cursor(tag.attributes);
  AttributePlace place;
  while (cursor.next(place)) {
    for (std::string_view name : {"color", "face", "size"}) {
      if (equals_ignoring_case(place.attribute.name, name)) return true;
    }
  }
  return false;
}

void Tree::insert_foreign(const TreeTag& tag, Namespace name_space) {
  note_inserted(inserted_, tag.name, name_space, true);
  Frame* const frame = push(tag.name, name_space);
  if (lost_) return;
  if (tag.cut_short) {  // `<svg …/>`? Not known: nothing that follows can be placed
    lost_ = true;
    return;
  }
  if (name_space == Namespace::svg ? is_svg_html(tag.name.id)
                                   : tag.name.id == annotation_xml && is_html_annotation(tag)) {
    frame->flags |= integration;
  }
  if (tag.self_closing) {
    inserted_.open = false;
    pop();
  }
}

bool Tree::is_html_annotation(const TreeTag& tag) {
  AttributeCursor cursor(tag.attributes);
  AttributePlace place;
  while (cursor.next(place)) {
    if (!equals_ignoring_case(place.attribute.name, "encoding")) continue;
    return equals_ignoring_case(place.attribute.value, "text/html") ||
           equals_ignoring_case(place.attribute.value, "application/xhtml+xml");
  }
  return false;
}

void Tree::end_foreign(const TreeTag& tag) {
  if (tag.name.id == br || tag.name.id == p) {
    leave_foreign();
    return end_in_mode(tag);
  }
  for (std::size_t i = size_; i-- > 0;) {
    if (frames_[i].html()) return end_in_mode(tag);
    if (frames_[i].name() == tag.name) return pop_to(i);
  }
}

}  // namespace personalize::html
