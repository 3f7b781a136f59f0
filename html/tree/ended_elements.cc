#include "html/tree/ended_elements.h"

namespace personalize::html {
namespace {

/// Its end tag (§13.2.6.4.7 and the table modes) also ends whatever is open in it, unless the search for it is stopped
/// on the way.
bool ends_what_is_inside(TagId id) {
  switch (tag_tables.end[static_cast<std::size_t>(id)]) {
    case BodyEnd::block:
    case BodyEnd::paragraph:
    case BodyEnd::item:
    case BodyEnd::definition:
    case BodyEnd::heading:
    case BodyEnd::object: return true;
    default:
      return has_trait(id, trait_cell | trait_table_section) || id == TagId::caption || id == TagId::tr ||
             id == TagId::select || id == TagId::table;
  }
}

/// The search for `</outer>` stops at (or finds) the element `inner`.
bool stops(TagId outer, TagId inner) {
  if (inner == outer || (has_trait(inner, trait_heading) && has_trait(outer, trait_heading))) return true;
  if (outer == TagId::li && (inner == TagId::ul || inner == TagId::ol)) return true;
  if (outer == TagId::p && inner == TagId::button) return true;
  if (inner == TagId::select) return true;  // no other end tag means anything in it
  if (!has_trait(inner, trait_scope)) return false;
  const bool around_cells = outer == TagId::tr || outer == TagId::table || has_trait(outer, trait_table_section);
  const bool is_cell = has_trait(inner, trait_cell) || inner == TagId::caption;
  return !(around_cells && is_cell);
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

void EndedElements::note(const OpenElement& element, bool end_tag_does_more) {
  // An empty head without a tag only passes by.
  if (element.id == TagId::head && (element.flags & OpenElement::synthetic) != 0 && element.children == 0) return;
  inside_ = so_far();
  outermost_.name = element.name();
  outermost_.name_space = element.name_space();
  outermost_.inserted = !end_tag_written_;
  end_tag_written_ = false;
  outermost_.safe = !end_tag_does_more && reaches(element, inside_);
}

EndedElements::Inside EndedElements::so_far() const {
  Inside inside;
  if (!outermost_.inserted) return inside;
  inside = inside_;
  if (inside.count < inside.ids.size()) {
    TagId id = outermost_.name.id;
    if (outermost_.name_space != Namespace::html) {
      // Foreign elements do not stop the search for an end tag's element, unless HTML has begun again in them.
      id = is_integration_point(outermost_) ? TagId::template_ : TagId::unknown;
    }
    inside.ids[inside.count] = id;
  }
  if (inside.count <= inside.ids.size()) ++inside.count;
  return inside;
}

bool EndedElements::reaches(const OpenElement& element, const Inside& inside) {
  if (inside.count == 0) return true;
  if (inside.count > inside.ids.size() || !element.html() || !ends_what_is_inside(element.id)) return false;
  for (std::size_t i = 0; i < inside.count; ++i) {
    if (stops(element.id, inside.ids[i])) return false;
  }
  return true;
}

}  // namespace personalize::html
