// Whether content can be put into a page at some place without doing anything there but being there.
#pragma once

#include <cstddef>
#include <string_view>

#include "html/tree/tree.h"

namespace personalize::html {

/// Inside of the outermost `open` elements of `tree`, behind what is there: true if all that is at the top of `content`
/// becomes a child of the innermost of them, none of them is closed or moved by it, and what is behind it is read as it
/// would be without it. Found out by trying it on a copy of the tree.
bool fits(const Tree& tree, std::size_t open, std::string_view content);
/// The same in a tree of which these open elements were saved.
bool fits(std::string_view saved, std::string_view content);

/// In an ordinary place of a page (a section in the body): true if what is behind `content` is read as it would be
/// without it.
bool leaves_no_trace(std::string_view content);

}  // namespace personalize::html
