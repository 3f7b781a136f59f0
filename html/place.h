// Whether content can be put into a page at some place without doing anything there but being there.
#pragma once

#include <cstddef>
#include <string_view>

#include "html/tree.h"

namespace personalize::html {

/// Inside of the outermost `open` elements of `tree`, behind what is there: true if all that is at the top of `content`
/// becomes a child of the innermost of them, none of them is closed or moved by it, and nothing of it stays open.
/// Found out by trying it on a copy of the tree.
bool fits(const Tree& tree, std::size_t open, std::string_view content);

}  // namespace personalize::html
