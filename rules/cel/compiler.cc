#include "rules/cel/compiler.h"

#include <algorithm>

namespace personalize::rules::cel {
namespace {

// Depth of nested nodes, segments included: bounds the evaluator's recursion.
constexpr std::uint32_t max_plan_depth = 600;

// What is assumed about values from the request.
constexpr std::uint64_t expected_bytes = 128;
constexpr std::uint64_t expected_elements = 50;

}  // namespace

Compiler::Compiler(const Environment& environment, Program::Impl& program, std::vector<Error>& errors)
    : environment_(environment),
      program_(program),
      errors_(errors),
      fold_scope_{program.memory, max_cost},
      source_(program.source) {}

void Compiler::run(const Ast& ast, Program::Result result) {
  const Built root = build(*ast.root);
  if (result == Program::Result::condition && !compatible(root.type, simple_type(Kind::boolean))) {
    errors_.push_back({ast.root->begin, "a condition must be bool, this is " + to_string(root.type)});
  }
  if (root.cost > max_cost) {
    errors_.push_back({ast.root->begin, "expression may take too long, its estimated cost is " +
                                            std::to_string(root.cost) + " of at most " + std::to_string(max_cost)});
  }
  if (root.depth > max_plan_depth)
    errors_.push_back({ast.root->begin, "expression and its segments are nested too deeply"});
  program_.root = root.node;
  program_.cost = root.cost;
  program_.depth = root.depth;
  program_.type = to_string(root.type);
  program_.attributes.assign(attributes_.begin(), attributes_.end());
  for (auto& [node, use] : keys_) program_.keys.push_back(std::move(use));
  std::ranges::sort(program_.keys, {}, &KeyUse::offset);
}

Compiler::Built Compiler::build(const Expr& expr) {
  switch (expr.kind) {
    case Expr::Kind::literal: return literal(expr);
    case Expr::Kind::identifier:
    case Expr::Kind::select:
    case Expr::Kind::has: return name(expr);
    case Expr::Kind::index: return index(expr);
    case Expr::Kind::call: return call(expr);
    case Expr::Kind::logical_and:
    case Expr::Kind::logical_or: return logical(expr);
    case Expr::Kind::conditional: return conditional(expr);
    case Expr::Kind::list: return list(expr);
    case Expr::Kind::map: return map(expr);
    case Expr::Kind::comprehension: return comprehension(expr);
    case Expr::Kind::block: return block(expr);
  }
  return fail(expr.place, expr, "malformed expression");
}

Node* Compiler::make(Op op, const Expr& expr) {
  Node* node = new (program_.memory.allocate(sizeof(Node), alignof(Node))) Node();
  node->op = op;
  node->begin = expr.begin;
  node->end = expr.end;
  return node;
}

std::string_view Compiler::keep(std::string_view text) { return fold_scope_.copy(text); }

std::uint64_t Compiler::size_of(const Value& value) const {
  switch (value.kind()) {
    case Kind::string:
    case Kind::bytes: return value.text().size();
    case Kind::list: return value.as_list().size();
    case Kind::map: return value.as_map().size();
    default: return 1;
  }
}

std::uint64_t Compiler::expected_size(TypeRef type) const {
  switch (type->kind) {
    case Kind::string:
    case Kind::bytes: return expected_bytes;
    case Kind::list:
    case Kind::map:
    case Kind::missing: return expected_elements;
    default: return 1;
  }
}

Compiler::Built Compiler::constant(const Expr& expr, const Value& value) {
  Built built;
  built.node = make(Op::constant, expr);
  built.node->value = value;
  built.type = types_.of(value);
  built.size = size_of(value);
  return built;
}

Compiler::Built Compiler::fail(std::size_t offset, const Expr& expr, std::string message) {
  Built built;
  built.node = make(Op::constant, expr);
  built.node->value = Value::error(keep(message));
  built.failed = true;
  if (!environment_.unchecked()) errors_.push_back({offset, std::move(message)});
  return built;
}

Compiler::Built Compiler::finish(Node* node, const Expr& expr, TypeRef type, std::initializer_list<Built> children,
                                 std::uint64_t cost, std::uint64_t size) {
  return finish(node, expr, type, std::vector<Built>(children), cost, size);
}

Compiler::Built Compiler::finish(Node* node, const Expr& expr, TypeRef type, const std::vector<Built>& children,
                                 std::uint64_t cost, std::uint64_t size) {
  Built built;
  built.node = node;
  built.type = type;
  built.cost = cost;
  built.size = size ? size : expected_size(type);
  bool constants = true;
  bool failed = false;
  const Node** args = fold_scope_.allocate<const Node*>(children.size() + 1);
  for (std::size_t i = 0; i < children.size(); ++i) {
    const Built& child = children[i];
    args[i] = child.node;
    built.cost = saturating_add(built.cost, child.cost);
    built.depth = std::max(built.depth, child.depth + 1);
    built.lowest = std::min(built.lowest, child.lowest);
    node->weight += child.node->weight;
    constants = constants && child.is_constant();
    failed = failed || child.failed;
  }
  node->args = {args, children.size()};
  if (constants && !failed) fold(built, expr);
  return built;
}

// Replaces a node with its value, which depends on nothing. If evaluation fails, that is a mistake worth reporting.
void Compiler::fold(Built& built, const Expr& expr) {
  Value variables[max_variables];
  Frame frame{nullptr, fold_scope_, {}, variables};
  fold_scope_.budget = max_cost;
  fold_scope_.exhausted = false;
  const Value value = evaluate(*built.node, frame);
  if (fold_scope_.exhausted) return;
  if (value.is(Kind::error)) {
    if (!environment_.unchecked()) errors_.push_back({expr.place, std::string(value.text())});
    built.failed = !environment_.unchecked();
    return;
  }
  Node* node = make(Op::constant, expr);
  node->value = value;
  built.node = node;
  built.cost = 1;
  built.depth = 1;
  built.size = size_of(value);
}

Compiler::Built Compiler::literal(const Expr& expr) {
  Value value = expr.literal;
  if (value.is(Kind::string)) value = Value::string(keep(value.text()));
  if (value.is(Kind::bytes)) value = Value::bytes(keep(value.text()));
  return constant(expr, value);
}

Compiler::Built Compiler::list(const Expr& expr) {
  std::vector<Built> elements;
  TypeRef type = nullptr;
  bool* optional = fold_scope_.allocate<bool>(expr.args.size() + 1);
  bool any_optional = false;
  for (std::size_t i = 0; i < expr.args.size(); ++i) {
    elements.push_back(build(*expr.args[i]));
    optional[i] = expr.optional_entries[i];
    any_optional = any_optional || optional[i];
    const TypeRef element = optional[i] ? dyn_type() : elements.back().type;
    type = type ? join(type, element) : element;
  }
  Node* node = make(Op::list, expr);
  if (any_optional) node->optional_entries = optional;
  const std::size_t size = elements.size();
  return finish(node, expr, types_.list(type ? type : dyn_type()), elements, size + 1, std::max<std::size_t>(size, 1));
}

Compiler::Built Compiler::map(const Expr& expr) {
  std::vector<Built> parts;
  TypeRef key_type = nullptr;
  TypeRef value_type = nullptr;
  const std::size_t size = expr.args.size() / 2;
  bool* optional = fold_scope_.allocate<bool>(size + 1);
  bool any_optional = false;
  for (std::size_t i = 0; i < size; ++i) {
    parts.push_back(build(*expr.args[2 * i]));
    const TypeRef key = parts.back().type;
    parts.push_back(build(*expr.args[2 * i + 1]));
    optional[i] = expr.optional_entries[i];
    any_optional = any_optional || optional[i];
    const TypeRef value = optional[i] ? dyn_type() : parts.back().type;
    key_type = key_type ? join(key_type, key) : key;
    value_type = value_type ? join(value_type, value) : value;
  }
  Node* node = make(Op::map, expr);
  if (any_optional) node->optional_entries = optional;
  const TypeRef type = types_.map(key_type ? key_type : dyn_type(), value_type ? value_type : dyn_type());
  return finish(node, expr, type, parts, 2 * size + 1, std::max<std::size_t>(size, 1));
}

Compiler::Built Compiler::index(const Expr& expr) {
  const Built target = build(*expr.target);
  Built key = build(*expr.args[0]);
  use_key(target, key, *expr.args[0]);
  Node* node = make(expr.optional ? Op::optional_index : Op::index, expr);
  const bool through = target.type->kind == Kind::optional;
  const TypeRef container = through ? target.type->first : target.type;
  TypeRef type = dyn_type();
  TypeRef wanted = dyn_type();
  if (container->kind == Kind::list) {
    type = container->first ? container->first : dyn_type();
    wanted = simple_type(Kind::int64);
  } else if (container->kind == Kind::map) {
    type = container->second ? container->second : dyn_type();
    wanted = container->first ? container->first : dyn_type();
  } else if (!is_dyn(container)) {
    return fail(expr.place, expr, "only lists and maps have elements, this is " + to_string(container));
  }
  if (!environment_.unchecked() && !comparable(key.type, wanted)) {
    return fail(expr.args[0]->begin, expr, to_string(container) + " has no elements by " + to_string(key.type));
  }
  return finish(node, expr, expr.optional || through ? types_.optional(type) : type, {target, key}, 2);
}

void Compiler::require_bool(const Built& built, std::string_view what) {
  if (environment_.unchecked() || compatible(built.type, simple_type(Kind::boolean))) return;
  errors_.push_back({built.node->begin, std::string(what) + " needs bool, this is " + to_string(built.type)});
}

Compiler::Built Compiler::conditional(const Expr& expr) {
  const Built condition = build(*expr.args[0]);
  require_bool(condition, "the condition before ?");
  const Built yes = build(*expr.args[1]);
  const Built no = build(*expr.args[2]);
  if (condition.is_constant() && condition.node->value.is(Kind::boolean)) {
    return condition.node->value.as_bool() ? yes : no;
  }
  return finish(make(Op::conditional, expr), expr, join(yes.type, no.type), {condition, yes, no}, 1,
                std::max(yes.size, no.size));
}

Compiler::Built Compiler::logical(const Expr& expr) {
  const bool conjunction = expr.kind == Expr::Kind::logical_and;
  std::vector<Built> operands;
  bool decided = false;
  for (const Expr* arg : expr.args) {
    Built operand = build(*arg);
    require_bool(operand, conjunction ? "&&" : "||");
    if (operand.is_constant() && operand.node->value.is(Kind::boolean)) {
      if (operand.node->value.as_bool() == conjunction) continue;  // true && x is x
      decided = true;
    }
    operands.push_back(operand);
  }
  if (decided) return constant(expr, Value::boolean(!conjunction));
  if (operands.empty()) return constant(expr, Value::boolean(conjunction));
  return finish(make(conjunction ? Op::logical_and : Op::logical_or, expr), expr, simple_type(Kind::boolean), operands);
}

}  // namespace personalize::rules::cel
