#include "rules/cel/comparisons.h"

#include <array>
#include <optional>
#include <utility>

#include "rules/cel/compare.h"
#include "rules/cel/functions.h"
#include "rules/cel/plan.h"

namespace personalize::rules::cel {
namespace {

class ComparisonFinder {
 public:
  Comparisons found;

  void visit(const Node& node) {
    switch (node.op) {
      case Op::segment: return;
      case Op::attribute:
      case Op::has_attribute:
      case Op::optional_attribute: return found.otherwise.push_back(node.index);
      case Op::variable:
        if (elements_[node.slot]) found.otherwise.push_back(*elements_[node.slot]);
        return;
      case Op::equal:
      case Op::not_equal:
        if (add(node, *node.args[0], *node.args[1]) || add(node, *node.args[1], *node.args[0])) return;
        break;
      case Op::in_set:
        if (const auto subject = subject_of(*node.args[0])) {
          for (const Value& constant : node.args[1]->value.as_list()) add(node, *subject, constant);
          return;
        }
        break;
      case Op::call:
        if (is_in(node) && node.args[0]->op == Op::constant && node.args[1]->op == Op::attribute)
          return add(node, node.args[1]->index, node.args[0]->value);
        break;
      case Op::all:
      case Op::exists:
      case Op::exists_one:
      case Op::filter:
        if (!node.pair && node.args[0]->op == Op::attribute) return visit_elements(node);
        break;
      default: break;
    }
    for (const Node* arg : node.args) visit(*arg);
  }

 private:
  static bool is_in(const Node& node) {
    static const Function in = find_function("@in")->function;
    return node.function == in;
  }

  /// The attribute that the node is, or is an element of.
  std::optional<AttributeId> subject_of(const Node& node) const {
    if (node.op == Op::attribute) return node.index;
    if (node.op == Op::variable) return elements_[node.slot];
    if (node.op == Op::index && node.args[0]->op == Op::attribute && node.args[1]->op == Op::constant)
      return node.args[0]->index;
    return std::nullopt;
  }

  bool add(const Node& comparison, const Node& side, const Node& other) {
    const auto subject = subject_of(side);
    if (!subject || other.op != Op::constant || !is_scalar(other.value)) return false;
    add(comparison, *subject, other.value);
    return true;
  }

  void add(const Node& comparison, AttributeId attribute, const Value& constant) {
    found.with_constants.push_back({attribute, constant, comparison.begin});
  }

  void visit_elements(const Node& node) {
    const AttributeId attribute = node.args[0]->index;
    const std::size_t before = found.with_constants.size();
    const auto outer = std::exchange(elements_[node.slot], attribute);
    for (const Node* arg : node.args.subspan(1)) visit(*arg);
    elements_[node.slot] = outer;
    if (found.with_constants.size() == before) found.otherwise.push_back(attribute);  // how many there are matters
  }

  std::array<std::optional<AttributeId>, max_variables> elements_;  // by slot: the list that it is an element of
};

}  // namespace

Comparisons comparisons(const Program& program) {
  ComparisonFinder finder;
  finder.visit(*program.impl().root);
  return std::move(finder.found);
}

}  // namespace personalize::rules::cel
