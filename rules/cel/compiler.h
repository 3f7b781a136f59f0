// From the syntax tree to the plan: resolves names, checks types, folds constants, estimates costs.
#pragma once

#include <initializer_list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "rules/cel/ast.h"
#include "rules/cel/functions.h"
#include "rules/cel/plan.h"
#include "rules/cel/program.h"
#include "rules/cel/static_type.h"

namespace personalize::rules::cel {

class Compiler {
 public:
  Compiler(const Environment& environment, Program::Impl& program, std::vector<Error>& errors);

  /// Fills the program; mistakes go to the errors.
  void run(const Ast& ast, Program::Result result);

 private:
  /// A sub-expression, compiled. Children of a failed one are not checked any further: `type` is dyn then.
  struct Built {
    Node* node = nullptr;
    TypeRef type = dyn_type();
    std::uint64_t cost = 1;
    std::uint64_t size = 1;          ///< elements or bytes that its value is expected to have
    std::uint16_t lowest = no_slot;  ///< lowest variable that it uses
    std::uint32_t depth = 1;
    bool failed = false;  ///< an error was reported for it
    bool is_constant() const { return node->op == Op::constant && !failed; }
  };
  static constexpr std::uint16_t no_slot = 0xffff;

  struct Variable {
    std::string_view name;
    std::uint16_t slot;
    TypeRef type;
    std::uint64_t size;
  };

  // One name of `a.b.?c`.
  struct Step {
    const Expr* expr;
    std::string_view name;
    bool optional;
    bool has = false;  ///< the last one of has(a.b.c)
  };

  // compiler.cc
  Built build(const Expr& expr);
  Built literal(const Expr& expr);
  Built list(const Expr& expr);
  Built map(const Expr& expr);
  Built index(const Expr& expr);
  Built conditional(const Expr& expr);
  Built logical(const Expr& expr);
  Node* make(Op op, const Expr& expr);
  /// Completes a node with its children; folds it if they are all constant.
  Built finish(Node* node, const Expr& expr, TypeRef type, std::initializer_list<Built> children,
               std::uint64_t cost = 1, std::uint64_t size = 0);
  Built finish(Node* node, const Expr& expr, TypeRef type, const std::vector<Built>& children, std::uint64_t cost = 1,
               std::uint64_t size = 0);
  void fold(Built& built, const Expr& expr);
  Built constant(const Expr& expr, const Value& value);
  Built fail(std::size_t offset, const Expr& expr, std::string message);
  std::string_view keep(std::string_view text);
  std::uint64_t size_of(const Value& value) const;
  std::uint64_t expected_size(TypeRef type) const;

  // compile_names.cc
  Built name(const Expr& expr);
  std::optional<std::vector<Step>> path_of(const Expr& expr) const;
  Built path(const std::vector<Step>& steps, const Expr& expr);
  Built steps_from(Built from, const std::vector<Step>& steps, std::size_t first);
  Built step(Built from, const Step& step);
  Built attribute(AttributeId id, const Expr& expr);
  Built attribute(AttributeId id, const std::vector<Step>& steps, std::size_t count);
  Built segment(const std::vector<Step>& steps);
  Built unknown_name(const std::vector<Step>& steps, const Expr& expr);
  const Variable* find_variable(std::string_view name) const;
  std::vector<std::string> prefixes(bool rooted) const;
  std::string key_of(const Node& map, std::string_view written);
  void use_key(const Built& map, Built& key, const Expr& expr);

  // compile_calls.cc
  Built call(const Expr& expr);
  Built call_function(const Expr& expr, const FunctionInfo& function, bool method, std::vector<Built> args);
  Built unknown_function(const Expr& expr, const std::string& name);
  Built special_call(const Expr& expr, const FunctionInfo& function, std::vector<Built>& args, TypeRef type);
  Built matches(const Expr& expr, std::vector<Built>& args);
  bool check_operands(const Expr& expr, const FunctionInfo& function, const std::vector<Built>& args);
  TypeRef result_type(const FunctionInfo& function, bool method, const std::vector<Built>& args);
  std::string mismatch(const Expr& expr, const FunctionInfo& function, const std::vector<Built>& args) const;

  // attribute_functions.cc
  Built call_attribute_function(const Expr& expr, const AttributeFunction& function);

  // compile_bindings.cc
  Built comprehension(const Expr& expr);
  Built bind(const Expr& expr);
  Built block(const Expr& expr);
  Built iteration(const Expr& expr, Op op, Built target, std::vector<Built> bodies);
  bool uses_no_attribute(const Node& node) const;
  bool element_types(const Expr& expr, const Built& target, TypeRef& first, TypeRef& second);
  std::optional<std::uint16_t> push_variable(const Expr& expr, std::string_view name, TypeRef type, std::uint64_t size);
  void require_bool(const Built& built, std::string_view what);

  const Environment& environment_;
  Program::Impl& program_;
  std::vector<Error>& errors_;
  TypePool types_;
  std::vector<Variable> variables_;
  std::set<AttributeId> attributes_;
  std::map<const Node*, KeyUse> keys_;  // of attributes that are maps
  Scope fold_scope_;
  std::string_view source_;
};

/// a + b and a * b, at most the greatest number.
inline std::uint64_t saturating_add(std::uint64_t a, std::uint64_t b) {
  std::uint64_t result;
  return __builtin_add_overflow(a, b, &result) ? ~std::uint64_t{0} : result;
}
inline std::uint64_t saturating_multiply(std::uint64_t a, std::uint64_t b) {
  std::uint64_t result;
  return __builtin_mul_overflow(a, b, &result) ? ~std::uint64_t{0} : result;
}

}  // namespace personalize::rules::cel
