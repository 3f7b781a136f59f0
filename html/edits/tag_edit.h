// Attribute operations on the bytes of a start tag.
#pragma once

#include <string>
#include <string_view>

#include "html/edits/edit.h"
#include "html/tokens/encoding.h"

namespace personalize::html {

/// A name that can stand in a tag.
bool is_attribute_name(std::string_view name);

/// Applies one attribute operation to `tag` (`<name …>`). Other bytes of the tag are not changed. Of attributes with
/// the same name the first one counts and is edited; `remove_attribute` removes all of them, or the second one would
/// count. Values are written in quotes.
void edit_tag(std::string& tag, const Edit& edit, Encoding encoding);

/// The same for the first bytes of a tag whose other attributes are not known; `attributes` are those that are. It can
/// be done where the others cannot matter: of two alike the first counts.
bool can_edit_long_tag(std::string_view attributes, const Edit& edit);
void edit_long_tag(std::string& tag, const Edit& edit, Encoding encoding);

}  // namespace personalize::html
