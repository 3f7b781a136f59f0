// Calls of functions that plugins add to the schema: `geo.distance_km(53.3, -6.2)`.
#include "rules/cel/compiler.h"

namespace personalize::rules::cel {
namespace {

/// "geo.distance_km(double, double)"
std::string form_of(const AttributeFunction& function) {
  std::string form = function.name + "(";
  for (const Type& parameter : function.parameters)
    form += (form.back() == '(' ? "" : ", ") + rules::to_string(parameter);
  return form + ")";
}

/// A double takes numbers of every type.
bool fits(const Type& parameter, TypeRef argument) {
  return is_dyn(argument) || parameter.kind == Kind::missing || parameter.kind == argument->kind ||
         (parameter.kind == Kind::real && is_numeric(argument));
}

}  // namespace

Compiler::Built Compiler::call_attribute_function(const Expr& expr, const AttributeFunction& function) {
  if (expr.args.size() != function.parameters.size())
    return fail(expr.place, expr, "wrong number of arguments, expected " + form_of(function));
  std::vector<Built> args;
  bool good = true;
  for (std::size_t i = 0; i < expr.args.size(); ++i) {
    const Expr& written = *expr.args[i];
    args.push_back(build(written));
    const Built& argument = args.back();
    if (argument.failed) {
      good = false;
    } else if (!fits(function.parameters[i], argument.type)) {
      good = false;
      fail(written.begin, written, form_of(function) + " cannot be used on " + to_string(argument.type));
    } else if (const char* refusal =
                   argument.is_constant() && function.refuse ? function.refuse(i, argument.node->value) : nullptr) {
      good = false;
      fail(written.begin, written, refusal);
    }
  }
  for (AttributeId id : function.attributes) args.push_back(attribute(id, expr));
  Node* node = make(Op::attribute_function, expr);
  node->attribute_function = function.value;
  Built built = finish(node, expr, types_.of(function.result), args, attribute_function_cost);
  built.failed = built.failed || !good;
  return built;
}

}  // namespace personalize::rules::cel
