// Elements that end without their end tags, and whether end tags could be written for them.
#include "html/tree/tree.h"

namespace personalize::html {

using enum TagId;

namespace {

/// Its end tag (§13.2.6.4.7 and the table modes) ends whatever is open in it, too, as long as the search for
/// it is not stopped on the way.
bool ends_what_is_inside(TagId id) {
  switch (tag_tables.end[static_cast<std::size_t>(id)]) {
    case BodyEnd::block:
    case BodyEnd::paragraph:
    case BodyEnd::item:
    case BodyEnd::definition:
    case BodyEnd::heading:
    case BodyEnd::object: return true;
    default:
      return id == TagId::td || id == TagId::th || id == TagId::caption || id == TagId::tr || id == TagId::select ||
             id == TagId::table || has_trait(id, trait_table_section);
  }
}

bool is_cell(TagId id) { return id == TagId::td || id == TagId::th || id == TagId::caption; }

/// The search for `</outer>` stops at (or finds) the element `inner`.
bool stops(TagId outer, TagId inner) {
  if (inner == outer || (has_trait(inner, trait_heading) && has_trait(outer, trait_heading))) return true;
  if (outer == TagId::li && (inner == TagId::ul || inner == TagId::ol)) return true;
  if (outer == TagId::p && inner == TagId::button) return true;
  if (inner == TagId::select) return true;  // no other end tag means anything in it
  if (!has_trait(inner, trait_scope)) return false;
  const bool around_cells = outer == TagId::tr || outer == TagId::table || has_trait(outer, trait_table_section);
  return !(around_cells && is_cell(inner));
}

/// HTML may begin again in it.
bool is_integration_point(const Inserted& element) {
  const TagId id = element.name.id;
  switch (element.name_space) {
    case Namespace::html: return false;
    case Namespace::svg: return is_svg_integration_point(id);
    default: return is_mathml_text_integration_point(id) || id == TagId::annotation_xml;
  }
}

}  // namespace

/// `frame` has just left the stack.
void Tree::note_ended(const Frame& frame) {
  // A head that is in the page without a tag, and empty, has only passed by.
  if (frame.id == TagId::head && (frame.flags & synthetic) != 0 && frame.children == 0) return;
  ended_inside_ = ended_so_far();
  outermost_ended_.name = frame.name();
  outermost_ended_.name_space = frame.name_space();
  outermost_ended_.inserted = !end_tag_written_;
  end_tag_written_ = false;
  outermost_ended_.safe = !end_tag_does_more(frame) && end_tag_reaches(frame, ended_inside_);
}

Tree::EndedInside Tree::ended_so_far() const {
  EndedInside inside;
  if (!outermost_ended_.inserted) return inside;
  inside = ended_inside_;
  if (inside.count < inside.ids.size()) {
    TagId id = outermost_ended_.name.id;
    if (outermost_ended_.name_space != Namespace::html) {
      // Foreign elements do not stand in the way of an end tag, unless HTML has begun again: as in a
      // <template>.
      id = is_integration_point(outermost_ended_) ? TagId::template_ : TagId::unknown;
    }
    inside.ids[inside.count] = id;
  }
  if (inside.count <= inside.ids.size()) ++inside.count;
  return inside;
}

bool Tree::end_tag_reaches(const Frame& frame, const EndedInside& inside) {
  if (inside.count == 0) return true;
  if (inside.count > inside.ids.size() || !frame.html() || !ends_what_is_inside(frame.id)) return false;
  for (std::size_t i = 0; i < inside.count; ++i) {
    if (stops(frame.id, inside.ids[i])) return false;
  }
  return true;
}

/// It would take elements off the list of active formatting elements, too, or make room for another form.
bool Tree::end_tag_does_more(const Frame& frame) const {
  if ((frame.flags & unsafe) != 0) return true;
  if (frame.is(form) && (frame.fate & is_orphan) != 0) return true;
  if (at_end_) return false;
  if (frame.html() && tag_tables.end[static_cast<std::size_t>(frame.id)] == BodyEnd::object) return true;
  return (frame.flags & formatting) != 0 || (frame.is(form) && (frame.scope & in_template_contents) == 0);
}

bool Tree::end_tag_would_do() const {
  return size_ != 0 && !end_tag_does_more(top()) && end_tag_reaches(top(), ended_so_far());
}

}  // namespace personalize::html
