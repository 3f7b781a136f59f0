// Whether content can be inserted at some place of a page without changing how the rest of the page is parsed.
#pragma once

#include <cstddef>
#include <string_view>

#include "html/tree/tree.h"

namespace personalize::html {

/// At that place of `tree`: true if the top level of `content` becomes children of the innermost element there, none
/// of them is closed or moved by it, and what follows is parsed as it would be with nothing before it but what the
/// current tag has reopened. This is tried on a copy of the tree.
bool is_safe_insertion(const Tree& tree, TreePlace place, std::string_view content);
/// The same, with the place as `Tree::save` wrote it.
bool is_safe_insertion(std::string_view saved, std::string_view content);

/// All of it goes into the head after `</head>`, too: comments and blanks do not.
bool fits_closed_head(std::string_view content);

/// The first thing in it, but for blanks, is a comment.
bool begins_with_comment(std::string_view content);
/// Parsers leave out a line end that is the first thing in the element.
bool drops_line_end(TagId id);
bool begins_with_line_end(std::string_view content);
/// Whether content, put before a tag that implied elements, would imply the same ones. `implied`: of `ImpliedTag`.
bool implies_too(std::uint8_t implied, std::string_view content);

/// In an ordinary place of a page (a section in the body): true if what follows `content` is parsed as it would be
/// without it.
bool is_self_contained(std::string_view content);

}  // namespace personalize::html
