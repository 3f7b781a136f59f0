// Attribute operations on the bytes of a start tag.
#pragma once

#include <string>
#include <string_view>

#include "html/edits/edit.h"
#include "html/tokens/encoding.h"

namespace personalize::html {

/// What attributes of rules cannot have in their names, besides spaces and controls.
inline constexpr std::string_view not_in_attribute_names = "\"'<>/=`&";
bool is_attribute_name(std::string_view name);
/// A name that can be written in a tag of any encoding.
bool is_writable_attribute_name(std::string_view name);

/// Applies one attribute operation to `tag` (`<name …>`). Other bytes of the tag are not changed. If several attributes
/// have the same name, the first one counts and is edited; `remove_attribute` removes all of them, as the second one
/// would count then. Values are written in quotes.
void edit_tag(std::string& tag, const Edit& edit, Encoding encoding);

/// The same for the first bytes of a tag whose other attributes are not known; `attributes` are those that are. It is
/// possible where the others cannot matter, as the first of two alike counts.
bool can_edit_long_tag(std::string_view attributes, const Edit& edit);
void edit_long_tag(std::string& tag, const Edit& edit, Encoding encoding);

}  // namespace personalize::html
