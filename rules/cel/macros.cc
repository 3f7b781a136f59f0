// Macros: calls that are not functions, because they bind variables or look at their argument's syntax.
#include <optional>
#include <span>
#include <string>

#include "rules/cel/parser.h"

namespace personalize::rules::cel {
namespace {

struct Form {
  std::string_view name;
  Macro macro;
  std::size_t variables;
  std::size_t arguments;  ///< expressions after the variables; one more with an optional filter before the last
  bool filter;
};

constexpr Form forms[] = {
    {"all", Macro::all, 1, 1, false},
    {"all", Macro::all, 2, 1, false},
    {"exists", Macro::exists, 1, 1, false},
    {"exists", Macro::exists, 2, 1, false},
    {"exists_one", Macro::exists_one, 1, 1, false},
    {"exists_one", Macro::exists_one, 2, 1, false},
    {"existsOne", Macro::exists_one, 1, 1, false},
    {"existsOne", Macro::exists_one, 2, 1, false},
    {"filter", Macro::filter, 1, 1, false},
    {"map", Macro::map, 1, 1, true},
    {"transformList", Macro::transform_list, 2, 1, true},
    {"transformMap", Macro::transform_map, 2, 1, true},
    {"transformMapEntry", Macro::transform_map_entry, 2, 1, true},
    {"sortBy", Macro::sort_by, 1, 1, false},
    {"optMap", Macro::optional_map, 1, 1, false},
    {"optFlatMap", Macro::optional_flat_map, 1, 1, false},
};

bool fail(const Expr& at, std::vector<Error>& errors, std::string message) {
  errors.push_back({at.place, std::move(message)});
  return false;
}

bool take_variable(const Expr& expr, Expr& macro, std::vector<Error>& errors) {
  if (expr.kind != Expr::Kind::identifier || expr.rooted) {
    return fail(expr, errors, "expected the name of a variable for " + std::string(macro.name));
  }
  for (const std::string_view other : macro.variables) {
    if (other == expr.name) return fail(expr, errors, "variable " + std::string(other) + " is named twice");
  }
  macro.variables.push_back(expr.name);
  return true;
}

bool expand_has(Expr& call, std::vector<Error>& errors) {
  const Expr& operand = *call.args[0];
  if (operand.kind != Expr::Kind::select || operand.optional) {
    return fail(operand, errors, "has() needs a field, like has(profile.tier)");
  }
  call.kind = Expr::Kind::has;
  call.place = operand.place;
  call.name = operand.name;
  call.target = operand.target;
  call.args.clear();
  return true;
}

bool expand_bind(Expr& call, std::vector<Error>& errors) {
  Expr* value = call.args[1];
  Expr* body = call.args[2];
  if (!take_variable(*call.args[0], call, errors)) return false;
  call.kind = Expr::Kind::comprehension;
  call.macro = Macro::bind;
  call.target = value;
  call.args = {body};
  return true;
}

std::string_view keep(Ast& ast, std::string text) { return ast.texts.emplace_back(std::move(text)); }

bool expand_block(Expr& call, Ast& ast, std::vector<Error>& errors) {
  const Expr* bindings = call.args[0];
  Expr* body = call.args[1];
  if (bindings->kind != Expr::Kind::list) return fail(*bindings, errors, "cel.block() needs a list");
  call.kind = Expr::Kind::block;
  call.target = nullptr;
  call.args = bindings->args;
  for (std::size_t i = 0; i < call.args.size(); ++i) {
    call.variables.push_back(keep(ast, "@index" + std::to_string(i)));
  }
  call.args.push_back(body);
  return true;
}

// cel.index(0), cel.iterVar(0, 1): names of variables that programs generate.
bool expand_generated_name(Expr& call, Ast& ast, std::vector<Error>& errors) {
  std::string name = call.name == "index" ? "@index" : "@" + std::string(call.name) + ":";
  for (std::size_t i = 0; i < call.args.size(); ++i) {
    const Expr& arg = *call.args[i];
    if (arg.kind != Expr::Kind::literal || !arg.literal.is(Kind::int64)) {
      return fail(arg, errors, "expected a number");
    }
    name += (i ? ":" : "") + std::to_string(arg.literal.as_int64());
  }
  call.kind = Expr::Kind::identifier;
  call.name = keep(ast, std::move(name));
  call.target = nullptr;
  call.args.clear();
  return true;
}

bool expand_cel(Expr& call, Ast& ast, std::vector<Error>& errors) {
  if (call.name == "bind" && call.args.size() == 3) return expand_bind(call, errors);
  if (call.name == "block" && call.args.size() == 2) return expand_block(call, ast, errors);
  if ((call.name == "index" && call.args.size() == 1) ||
      ((call.name == "iterVar" || call.name == "accuVar") && call.args.size() == 2)) {
    return expand_generated_name(call, ast, errors);
  }
  return true;
}

bool expand_form(const Form& form, Expr& call, std::vector<Error>& errors) {
  const std::vector<Expr*> args = std::move(call.args);
  call.args.clear();
  for (std::size_t i = 0; i < form.variables; ++i) {
    if (!take_variable(*args[i], call, errors)) return false;
  }
  call.kind = Expr::Kind::comprehension;
  call.macro = form.macro;
  call.args.assign(args.begin() + static_cast<std::ptrdiff_t>(form.variables), args.end());
  return true;
}

}  // namespace

bool expand_macro(Expr& call, Ast& ast, std::vector<Error>& errors) {
  const std::size_t count = call.args.size();
  if (!call.target) return call.name == "has" && count == 1 ? expand_has(call, errors) : true;
  if (call.target->kind == Expr::Kind::identifier && call.target->name == "cel") return expand_cel(call, ast, errors);
  for (const Form& form : forms) {
    if (form.name != call.name) continue;
    const std::size_t least = form.variables + form.arguments;
    if (count == least || (form.filter && count == least + 1)) return expand_form(form, call, errors);
  }
  return true;
}

}  // namespace personalize::rules::cel
