// Macros that bind variables.
#include <algorithm>

#include "rules/cel/compiler.h"

namespace personalize::rules::cel {
namespace {

Op op_of(Macro macro) {
  switch (macro) {
    case Macro::all: return Op::all;
    case Macro::exists: return Op::exists;
    case Macro::exists_one: return Op::exists_one;
    case Macro::filter: return Op::filter;
    case Macro::map:
    case Macro::transform_list: return Op::transform_list;
    case Macro::transform_map: return Op::transform_map;
    case Macro::transform_map_entry: return Op::transform_map_entry;
    case Macro::sort_by: return Op::sort_by;
    case Macro::optional_map: return Op::optional_map;
    case Macro::optional_flat_map: return Op::optional_flat_map;
    case Macro::bind: return Op::bind;
  }
  return Op::bind;
}

}  // namespace

std::optional<std::uint16_t> Compiler::push_variable(const Expr& expr, std::string_view name, TypeRef type,
                                                     std::uint64_t size) {
  if (variables_.size() >= max_variables) {
    errors_.push_back({expr.place, "too many variables at once"});
    return std::nullopt;
  }
  const auto slot = static_cast<std::uint16_t>(variables_.size());
  variables_.push_back({name, slot, type, size});
  program_.variables = std::max<std::uint32_t>(program_.variables, slot + 1u);
  return slot;
}

Compiler::Built Compiler::bind(const Expr& expr) {
  const Built value = build(*expr.target);
  const auto slot = push_variable(expr, expr.variables[0], value.type, value.size);
  if (!slot) return fail(expr.place, expr, "too many variables at once");
  const Built body = build(*expr.args[0]);
  variables_.pop_back();
  Node* node = make(Op::bind, expr);
  node->slot = *slot;
  Built built = finish(node, expr, body.type, {value, body}, 1, body.size);
  built.lowest = std::min(value.lowest, body.lowest < *slot ? body.lowest : no_slot);
  return built;
}

Compiler::Built Compiler::block(const Expr& expr) {
  const std::size_t before = variables_.size();
  std::vector<Built> parts;
  for (std::size_t i = 0; i < expr.variables.size(); ++i) {
    parts.push_back(build(*expr.args[i]));
    if (!push_variable(expr, expr.variables[i], parts.back().type, parts.back().size)) break;
  }
  if (parts.size() == expr.variables.size()) parts.push_back(build(*expr.args.back()));
  variables_.resize(std::min(before, variables_.size()));
  Node* node = make(Op::block, expr);
  node->slot = static_cast<std::uint16_t>(before);
  const Built result = parts.empty() ? Built{} : parts.back();
  Built built = finish(node, expr, result.type, parts, 1, result.size);
  if (built.lowest >= before) built.lowest = no_slot;
  return built;
}

// Types of the variables; false if the target cannot be iterated over.
bool Compiler::element_types(const Expr& expr, const Built& target, TypeRef& first, TypeRef& second) {
  const TypeRef type = target.type;
  const bool pair = expr.variables.size() == 2;
  const bool optional = expr.macro == Macro::optional_map || expr.macro == Macro::optional_flat_map;
  const auto known = [](TypeRef parameter) { return parameter ? parameter : dyn_type(); };
  first = second = dyn_type();
  if (is_dyn(type)) return true;
  if (optional) {
    first = known(type->first);
    return type->kind == Kind::optional;
  }
  if (type->kind == Kind::list) {
    first = pair ? simple_type(Kind::int64) : known(type->first);
    second = known(type->first);
    return true;
  }
  first = known(type->first);
  second = known(type->second);
  return type->kind == Kind::map;
}

Compiler::Built Compiler::comprehension(const Expr& expr) {
  if (expr.macro == Macro::bind) return bind(expr);
  const Built target = build(*expr.target);
  TypeRef first;
  TypeRef second;
  if (!element_types(expr, target, first, second) && !environment_.unchecked()) {
    return fail(expr.place, expr, std::string(expr.name) + "() cannot be used on " + to_string(target.type));
  }
  const std::size_t before = variables_.size();
  bool pushed = push_variable(expr, expr.variables[0], first, expected_size(first)).has_value();
  if (pushed && expr.variables.size() == 2) {
    pushed = push_variable(expr, expr.variables[1], second, expected_size(second)).has_value();
  }
  std::vector<Built> bodies;
  if (pushed) {
    for (const Expr* arg : expr.args) bodies.push_back(build(*arg));
  }
  variables_.resize(before);
  if (!pushed) return fail(expr.place, expr, "too many variables at once");
  return iteration(expr, op_of(expr.macro), target, std::move(bodies));
}

Compiler::Built Compiler::iteration(const Expr& expr, Op op, Built target, std::vector<Built> bodies) {
  const auto slot = static_cast<std::uint16_t>(variables_.size());
  const bool predicate = op == Op::all || op == Op::exists || op == Op::exists_one || op == Op::filter;
  const bool once = op == Op::optional_map || op == Op::optional_flat_map;
  if (predicate || bodies.size() == 2) require_bool(bodies[0], std::string(expr.name) + "()");
  const Built& last = bodies.back();
  TypeRef type = simple_type(Kind::boolean);
  if (op == Op::filter) {
    const bool of_map = target.type->kind == Kind::map;
    const TypeRef element =
        target.type->first && (of_map || target.type->kind == Kind::list) ? target.type->first : dyn_type();
    type = types_.list(element);
  }
  if (op == Op::transform_list) type = types_.list(last.type);
  if (op == Op::transform_map) {
    const bool of_map = target.type->kind == Kind::map && target.type->first;
    type = types_.map(of_map ? target.type->first : dyn_type(), last.type);
  }
  if (op == Op::transform_map_entry) type = last.type->kind == Kind::map ? last.type : dyn_type();
  if (op == Op::sort_by) type = target.type;
  if (op == Op::optional_map) type = types_.optional(last.type);
  if (op == Op::optional_flat_map) type = last.type;

  Node* node = make(op, expr);
  node->slot = slot;
  node->pair = expr.variables.size() == 2;
  node->filtered = bodies.size() == 2;
  // The bodies' cost counts once per element, and they depend on the target's elements only through our
  // variables.
  std::uint64_t each = 1;
  std::vector<Built> children = {target};
  std::uint16_t lowest = target.lowest;
  bool constants = target.is_constant();
  for (Built& body : bodies) {
    each = saturating_add(each, body.cost);
    if (body.lowest < slot) lowest = std::min(lowest, body.lowest);
    constants = constants && body.lowest >= slot && uses_no_attribute(*body.node);
    body.cost = 0;
    children.push_back(body);
  }
  const std::uint64_t loops = saturating_multiply(each, once ? 1 : target.size);
  Built built = finish(node, expr, type, children, saturating_add(1, loops), once ? 0 : target.size);
  built.lowest = lowest;
  // A macro over constants whose bodies use nothing but its own variables is a constant.
  if (constants && built.node->op != Op::constant) fold(built, expr);
  return built;
}

bool Compiler::uses_no_attribute(const Node& node) const {
  if (node.op == Op::attribute || node.op == Op::has_attribute || node.op == Op::optional_attribute ||
      node.op == Op::segment) {
    return false;
  }
  return std::all_of(node.args.begin(), node.args.end(), [this](const Node* arg) { return uses_no_attribute(*arg); });
}

}  // namespace personalize::rules::cel
