#include "html/selectors/tag_view.h"

#include <array>

#include "html/selectors/attribute_match.h"
#include "html/tokens/entities.h"

namespace personalize::html {
namespace {

/// Attributes that have a namespace in SVG and MathML (WHATWG HTML, "adjust foreign attributes"); their local
/// names are after the colon.
bool has_namespace(std::string_view name) {
  constexpr std::array<std::string_view, 10> names = {"xlink:actuate", "xlink:arcrole", "xlink:href", "xlink:role",
                                                      "xlink:show",    "xlink:title",   "xlink:type", "xml:lang",
                                                      "xml:space",     "xmlns:xlink"};
  for (const std::string_view known : names) {
    if (equals_lower(name, known)) return true;
  }
  return false;
}

}  // namespace

void TagView::set(const OpenedElement& element) {
  element_ = &element;
  has_id_ = has_class_ = false;
  id_ = classes_ = {};
  for (const RawAttribute& attribute : element.attributes) {
    if (!has_id_ && equals_lower(attribute.name, "id")) {
      has_id_ = true;
      id_ = decode_attribute(attribute.value, id_scratch_);
    } else if (!has_class_ && equals_lower(attribute.name, "class")) {
      has_class_ = true;
      classes_ = decode_attribute(attribute.value, class_scratch_);
    }
  }
}

bool TagView::has_type(const Name& type) const {
  switch (element_->name_space) {
    case Namespace::html: return equals_lower(element_->name, type.lower);
    case Namespace::svg: return type.in_svg && equals_lower(element_->name, type.lower);
    case Namespace::mathml: return type.in_mathml && equals_lower(element_->name, type.lower);
  }
  return false;
}

Truth TagView::has_class(std::string_view name) const {
  return has_class_ ? truth(value_matches(AttributeOperator::includes, classes_, name, false)) : missing();
}

bool TagView::has_name(std::string_view attribute, const AttributeTest& test) const {
  const Namespace name_space = element_->name_space;
  if (name_space == Namespace::html) return equals_lower(attribute, test.name.lower);
  if (attribute.find(':') != std::string_view::npos && has_namespace(attribute)) {
    return test.any_namespace && equals_lower(attribute.substr(attribute.find(':') + 1), test.name.lower);
  }
  return (name_space == Namespace::svg ? test.name.in_svg : test.name.in_mathml) &&
         equals_lower(attribute, test.name.lower);
}

Truth TagView::passes(const AttributeTest& test) {
  for (const RawAttribute& attribute : element_->attributes) {
    if (!has_name(attribute.name, test)) continue;
    if (test.op == AttributeOperator::exists) return known_true;
    const bool ignore_case = test.ignore_case || (test.ignore_case_in_html && element_->name_space == Namespace::html);
    return truth(value_matches(test.op, decode_attribute(attribute.value, scratch_), test.value, ignore_case));
  }
  return missing();
}

Truth TagView::language(std::string_view& value) {
  for (const RawAttribute& attribute : element_->attributes) {
    const bool is_xml = equals_lower(attribute.name, "xml:lang");
    if (is_xml ? element_->name_space == Namespace::html : !equals_lower(attribute.name, "lang")) continue;
    value = decode_attribute(attribute.value, scratch_);
    return known_true;
  }
  return missing();
}

}  // namespace personalize::html
