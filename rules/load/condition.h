// `when` and segments: from an expression, or lists of them, to one expression of CEL.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "rules/load/fields.h"
#include "rules/yaml/document.h"

namespace personalize::rules::load {

/// One expression put together from those in a file.
struct Condition {
  struct Piece {
    std::size_t begin;       ///< in `source`
    const yaml::Node* node;  ///< the scalar it is
  };
  std::string source;
  std::vector<Piece> pieces;  ///< in order
  bool complete = true;       ///< false: something was wrong with the lists around the expressions

  /// A mistake at a byte of `source`, at its place in the file.
  Diagnostic at(const yaml::Document& document, std::size_t offset, std::string message) const;
};

/// `node` is an expression, a list (all must be true), or a map of `all`, `any` and `not` of such. Shapes that are
/// wrong are reported.
Condition read_condition(const yaml::Document& document, const yaml::Node& node, Reports& reports);

}  // namespace personalize::rules::load
