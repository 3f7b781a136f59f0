// `when` and segments: from an expression, or lists of them, to one expression of CEL.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "rules/cel/program.h"
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

/// Reports what is wrong with it at its place, after `improve(message)`; null then.
template <typename Improve>
std::unique_ptr<const cel::Program> compile_condition(const yaml::Document& document, const Condition& condition,
                                                      const cel::Environment& environment, cel::Program::Result result,
                                                      Reports& reports, Improve improve) {
  std::vector<cel::Error> errors;
  bool good = condition.complete;
  // First each expression of a list by itself, so that an extra parenthesis in one cannot pair with one of another.
  if (condition.pieces.size() > 1 || !good) {
    for (const Condition::Piece& piece : condition.pieces) {
      errors.clear();
      cel::Program::compile(piece.node->text, environment, errors, result);
      for (cel::Error& error : errors)
        reports.add(document.at(*piece.node, error.offset, improve(std::move(error.message))));
      good = good && errors.empty();
    }
    if (!good) return nullptr;
  }
  errors.clear();
  auto program = cel::Program::compile(condition.source, environment, errors, result);
  for (cel::Error& error : errors) reports.add(condition.at(document, error.offset, improve(std::move(error.message))));
  return program;
}

}  // namespace personalize::rules::load
