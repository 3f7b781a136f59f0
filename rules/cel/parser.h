// From an expression's text to its syntax tree.
#pragma once

#include <string_view>
#include <vector>

#include "rules/cel/ast.h"
#include "rules/cel/program.h"

namespace personalize::rules::cel {

/// Parses a whole expression. `ast.root` is null if there are errors. No `source` makes it recurse deeper than
/// `max_depth`, nor is the tree deeper than that.
Ast parse(std::string_view source, std::vector<Error>& errors);

/// Expands a call that is a macro, in place. False if it was meant as one but is malformed.
bool expand_macro(Expr& call, Ast& ast, std::vector<Error>& errors);

}  // namespace personalize::rules::cel
