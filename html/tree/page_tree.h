// From tags in the page to the tree.
#pragma once

#include "html/tokens/attributes.h"
#include "html/tokens/reader.h"
#include "html/tree/tree.h"

namespace personalize::html {

/// The bytes between a start tag's name and its `>`; if the tag is too long, those that are known.
inline std::string_view attributes_of(const PageTag& tag) {
  if (tag.name_too_long) return {};
  if (tag.too_long) return complete_attributes(tag.bytes.substr(attributes_begin(tag.bytes)));
  if (tag.scanned != nullptr) {
    const std::size_t begin = tag.scanned->name_length + 1u;
    return tag.bytes.substr(begin, tag.bytes.size() - 1 - begin);
  }
  const std::size_t begin = attributes_begin(tag.bytes);
  return tag.bytes.substr(begin, tag.bytes.size() - 1 - begin);
}

/// Passes a tag to the tree.
inline void feed(Tree& tree, const PageTag& tag) {
  if (tag.name_too_long && tag.too_long) return tree.give_up();
  if (tag.token.kind == TokenKind::end_tag) return tree.end_tag({tag.token.name, false, tag.too_long, {}});
  tree.start_tag({tag.token.name, tag.token.self_closing && !tag.too_long, tag.too_long, attributes_of(tag)});
}

}  // namespace personalize::html
