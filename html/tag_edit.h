// Attribute operations on the bytes of a start tag.
#pragma once

#include <string>
#include <string_view>

#include "html/edit.h"
#include "html/tokens/encoding.h"

namespace personalize::html {

/// A name that can stand in a tag.
bool is_attribute_name(std::string_view name);

/// Does one attribute operation on `tag` (`<name …>`). Bytes that it does not concern stay as they are; of equal names
/// the first one counts and is edited (`remove_attribute` takes all of them away, lest the second one come to
/// count). A value that is written is always quoted.
void edit_tag(std::string& tag, const Edit& edit, Encoding encoding);

}  // namespace personalize::html
