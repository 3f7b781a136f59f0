// The functions and operators of the language, with the signatures that expressions are checked against.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rules/cel/scope.h"
#include "rules/cel/static_type.h"

namespace personalize::rules::cel {

/// How functions are declared. `signatures` are separated by `;`: `string.(string, int): bool` for a method,
/// `(list<A>): int` for a function; `dyn...` takes one or more arguments. A, B, C stand for any type.
struct Definition {
  std::string_view name;
  std::string_view signatures;
  Function function;
};

struct Signature {
  bool method;
  bool variadic;
  std::vector<TypeRef> parameters;  ///< of a method: the receiver first
  TypeRef result;
  bool takes(std::size_t count) const { return variadic ? count >= 1 : count == parameters.size(); }
};

struct FunctionInfo {
  std::string_view name;
  Function function;
  std::vector<Signature> signatures;
};

/// The function of that name, or null.
const FunctionInfo* find_function(std::string_view name);
/// For suggestions.
std::vector<std::string_view> function_names();

/// `text.reverse()`; lists have a function of the same name.
Value reverse_text(std::span<const Value> args, Scope& scope);

/// The list in the order of its keys (a list of the same length, of comparable values).
Value sort_by(const Value& list, const Value& keys, Scope& scope);

std::span<const Definition> operator_functions();    // operators.cc
std::span<const Definition> conversion_functions();  // conversions.cc
std::span<const Definition> string_functions();      // strings.cc
std::span<const Definition> format_functions();      // format.cc
std::span<const Definition> math_functions();        // math.cc
std::span<const Definition> time_functions();        // time_functions.cc
std::span<const Definition> list_functions();        // lists.cc
std::span<const Definition> optional_functions();    // optionals.cc
std::span<const Definition> encoder_functions();     // encoders.cc
std::span<const Definition> regex_functions();       // regex.cc

}  // namespace personalize::rules::cel
