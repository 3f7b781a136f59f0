// Calls of functions, methods and operators: which one it is and whether the types fit.
#include <algorithm>
#include <map>

#include "rules/cel/compiler.h"
#include "rules/cel/regex.h"
#include "rules/cel/timestamps.h"
#include "rules/spelling.h"

namespace personalize::rules::cel {
namespace {

using Bindings = std::map<char, TypeRef>;

// True if an argument of that type can be passed; learns what the signature's A, B, C stand for.
bool accepts(TypeRef parameter, TypeRef argument, Bindings& bindings) {
  if (parameter->parameter) {
    const auto [known, fresh] = bindings.emplace(parameter->parameter, argument);
    if (!fresh) known->second = join(known->second, argument);
    return true;
  }
  if (is_dyn(parameter) || is_dyn(argument)) return true;
  if (parameter->kind != argument->kind) return false;
  if (parameter->first && !accepts(parameter->first, argument->first ? argument->first : dyn_type(), bindings))
    return false;
  return !parameter->second || accepts(parameter->second, argument->second ? argument->second : dyn_type(), bindings);
}

TypeRef substitute(TypeRef type, const Bindings& bindings, TypePool& types) {
  if (type->parameter) {
    const auto found = bindings.find(type->parameter);
    return found == bindings.end() ? dyn_type() : found->second;
  }
  switch (type->kind) {
    case Kind::list: return types.list(type->first ? substitute(type->first, bindings, types) : dyn_type());
    case Kind::optional: return types.optional(type->first ? substitute(type->first, bindings, types) : dyn_type());
    default: return type;
  }
}

bool accepts_count(const FunctionInfo& function, bool method, std::size_t count) {
  return std::any_of(function.signatures.begin(), function.signatures.end(),
                     [&](const Signature& signature) { return signature.method == method && signature.takes(count); });
}

// The symbol of an operator ("_+_" is "+"), or empty.
std::string_view operator_symbol(std::string_view function) {
  if (function == "@in") return "in";
  const bool infix = function.size() > 2 && function.front() == '_' && function.back() == '_';
  if (infix) return function.substr(1, function.size() - 2);
  return function == "!_" || function == "-_" ? function.substr(0, 1) : std::string_view();
}

// "string.startsWith(string) or …": the forms of a function as written.
std::string forms_of(const FunctionInfo& function) {
  std::string forms;
  for (const Signature& signature : function.signatures) {
    std::string form;
    std::size_t first = 0;
    if (signature.method) form = to_string(signature.parameters[first++]) + ".";
    form += std::string(function.name) + "(";
    for (std::size_t i = first; i < signature.parameters.size(); ++i) {
      form += (i > first ? ", " : "") + to_string(signature.parameters[i]) + (signature.variadic ? "…" : "");
    }
    forms += (forms.empty() ? "" : " or ") + form + ")";
  }
  return forms;
}

}  // namespace

Compiler::Built Compiler::call(const Expr& expr) {
  std::vector<Built> args;
  const auto build_args = [&] {
    for (const Expr* arg : expr.args) args.push_back(build(*arg));
  };
  // `math.greatest(…)`: what looks like a method may be a function in a namespace.
  const auto steps = expr.target ? path_of(*expr.target) : std::nullopt;
  const bool plain =
      steps && std::none_of(steps->begin(), steps->end(), [](const Step& s) { return s.optional || s.has; });
  const bool rooted = steps ? steps->front().expr->rooted : expr.rooted;
  if (!expr.target || (plain && (rooted || !find_variable(steps->front().name)))) {
    std::string full;
    if (steps)
      for (const Step& step : *steps) full += std::string(step.name) + ".";
    full += expr.name;
    for (const std::string& prefix : prefixes(rooted)) {
      if (const AttributeFunction* function = environment_.schema().find_function(prefix + full))
        return call_attribute_function(expr, *function);
      const FunctionInfo* function = find_function(prefix + full);
      if (!function || !accepts_count(*function, false, expr.args.size())) continue;
      build_args();
      if (function->name == "@in") use_key(args[1], args[0], *expr.args[0]);
      return call_function(expr, *function, false, std::move(args));
    }
    if (!expr.target) return unknown_function(expr, full);
  }
  const FunctionInfo* method = find_function(expr.name);
  if (!method || !accepts_count(*method, true, expr.args.size() + 1))
    return unknown_function(expr, std::string(expr.name));
  args.push_back(build(*expr.target));
  build_args();
  return call_function(expr, *method, true, std::move(args));
}

Compiler::Built Compiler::unknown_function(const Expr& expr, const std::string& name) {
  if (const FunctionInfo* known = find_function(name)) {
    return fail(expr.place, expr, "wrong number of arguments, expected " + forms_of(*known));
  }
  Nearest nearest(name);
  for (const AttributeFunction& known : environment_.schema().functions()) {
    // `expr` has only the last part of the name if it looks like a method.
    const std::string_view last = std::string_view(known.name).substr(known.name.rfind('.') + 1);
    Nearest own(name);
    own.consider(expr.target ? last : known.name);
    if ((name.size() > 3 && last.starts_with(name)) || !own.result().empty())
      return fail(expr.place, expr, "unknown function " + name + ", did you mean " + known.name + "?");
  }
  for (const std::string_view known : function_names()) {
    if (operator_symbol(known).empty()) nearest.consider(known);
  }
  for (const std::string_view macro : {"has", "all", "exists", "exists_one", "map", "filter"}) nearest.consider(macro);
  return fail(expr.place, expr, "unknown function " + name + nearest.hint());
}

Compiler::Built Compiler::call_function(const Expr& expr, const FunctionInfo& function, bool method,
                                        std::vector<Built> args) {
  TypeRef type = dyn_type();
  if (!environment_.unchecked()) {
    if (std::any_of(args.begin(), args.end(), [](const Built& arg) { return arg.failed; })) {
      Built built = constant(expr, Value());
      built.type = dyn_type();
      built.failed = true;
      return built;
    }
    if (!check_operands(expr, function, args)) return fail(expr.place, expr, mismatch(expr, function, args));
    const TypeRef found = result_type(function, method, args);
    if (!found) return fail(expr.place, expr, mismatch(expr, function, args));
    type = found;
  }
  Built special = special_call(expr, function, args, type);
  if (special.node) return special;
  Node* node = make(Op::call, expr);
  node->function = function.function;
  std::uint64_t size = 0;
  std::uint64_t work = 0;
  for (const Built& arg : args) {
    size = saturating_add(size, arg.size);
    work = saturating_add(work, arg.type->kind == Kind::list || arg.type->kind == Kind::map ? arg.size : arg.size / 16);
  }
  const bool builds = type->kind == Kind::list || type->kind == Kind::string || type->kind == Kind::bytes;
  return finish(node, expr, type, args, saturating_add(2, work), builds ? std::max<std::uint64_t>(size, 1) : 0);
}

// == and `in` take anything, but comparing what can never be equal is a mistake.
bool Compiler::check_operands(const Expr&, const FunctionInfo& function, const std::vector<Built>& args) {
  if (function.name == "_==_" || function.name == "_!=_") return comparable(args[0].type, args[1].type);
  if (function.name != "@in") return true;
  const TypeRef container = args[1].type;
  return !container->first || comparable(args[0].type, container->first);
}

TypeRef Compiler::result_type(const FunctionInfo& function, bool method, const std::vector<Built>& args) {
  TypeRef result = nullptr;
  for (const Signature& signature : function.signatures) {
    if (signature.method != method || !signature.takes(args.size())) continue;
    Bindings bindings;
    bool fits = true;
    for (std::size_t i = 0; i < args.size() && fits; ++i) {
      const TypeRef parameter = signature.parameters[std::min(i, signature.parameters.size() - 1)];
      fits = accepts(parameter, args[i].type, bindings);
    }
    if (!fits) continue;
    const TypeRef type = substitute(signature.result, bindings, types_);
    result = result ? join(result, type) : type;
  }
  return result;
}

std::string Compiler::mismatch(const Expr&, const FunctionInfo& function, const std::vector<Built>& args) const {
  const std::string_view symbol = operator_symbol(function.name);
  std::string types;
  for (const Built& arg : args) types += (types.empty() ? "" : " and ") + to_string(arg.type);
  if (symbol == "==" || symbol == "!=") return types + " are never equal";
  if (symbol == "in" && args[1].type->first) return to_string(args[0].type) + " is never in " + to_string(args[1].type);
  if (!symbol.empty()) {
    std::string message = "cannot use " + std::string(symbol) + " on " + types;
    if (args.size() == 2 && is_numeric(args[0].type) && is_numeric(args[1].type)) {
      message += ", convert one of them, like double(x)";
    }
    return message;
  }
  return std::string(function.name) + "() cannot be used on " + types + ", there is " + forms_of(function);
}

// Operators and functions built into the evaluator, and what can be prepared for constant arguments. A null node
// if it is none of them.
Compiler::Built Compiler::special_call(const Expr& expr, const FunctionInfo& function, std::vector<Built>& args,
                                       TypeRef type) {
  const std::string_view name = function.name;
  const TypeRef boolean = simple_type(Kind::boolean);
  if (name == "_==_" || name == "_!=_") {
    const std::uint64_t work = std::min(args[0].size, args[1].size);
    return finish(make(name == "_==_" ? Op::equal : Op::not_equal, expr), expr, boolean, args, 1 + work / 16);
  }
  if (name == "!_") return finish(make(Op::logical_not, expr), expr, boolean, args);
  if (name == "or") return finish(make(Op::optional_or, expr), expr, type, args);
  if (name == "orValue") return finish(make(Op::optional_or_value, expr), expr, type, args);
  if (name == "matches") return matches(expr, args);
  if (name == "@in" && args[1].is_constant() && args[1].node->value.is(Kind::list) && !args[0].is_constant()) {
    Node* node = make(Op::in_set, expr);
    fold_scope_.budget = max_cost * 10;
    node->set = new (program_.memory.allocate(sizeof(ValueSet), alignof(ValueSet)))
        ValueSet(args[1].node->value.as_list(), fold_scope_);
    Built built = finish(node, expr, boolean, {args[0]}, 2);
    const Node** operands = fold_scope_.allocate<const Node*>(2);  // the list stays for explanations
    operands[0] = args[0].node;
    operands[1] = args[1].node;
    built.node->args = {operands, 2};
    return built;
  }
  const bool zoned = args.size() == 2 && name.starts_with("get") && args[1].is_constant();
  if (zoned && args[1].node->value.is(Kind::string) && !zone_offset(args[1].node->value.text(), 0)) {
    return fail(expr.args.back()->begin, expr, "unknown time zone " + std::string(args[1].node->value.text()));
  }
  return {};
}

Compiler::Built Compiler::matches(const Expr& expr, std::vector<Built>& args) {
  if (!args[1].is_constant() || !args[1].node->value.is(Kind::string) || args[0].is_constant()) return {};
  auto regex = compile_regex(args[1].node->value.text());
  if (!regex) return fail(args[1].node->begin, expr, regex.error());
  Node* node = make(Op::matches, expr);
  node->regex = regex->get();
  program_.regexes.push_back(*std::move(regex));
  Built built = finish(node, expr, simple_type(Kind::boolean), {args[0]}, 4 + args[0].size / 4);
  const Node** operands = fold_scope_.allocate<const Node*>(2);
  operands[0] = args[0].node;
  operands[1] = args[1].node;
  built.node->args = {operands, 2};
  return built;
}

}  // namespace personalize::rules::cel
