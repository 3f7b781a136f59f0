// Types of expressions as far as they are known when rules are loaded.
#pragma once

#include <deque>
#include <string>
#include <string_view>

#include "rules/schema.h"
#include "rules/value.h"

namespace personalize::rules::cel {

/// A type and, for list, map and optional, its parameters. `Kind::missing` is `dyn`: anything, known only when
/// evaluated.
struct StaticType {
  Kind kind = Kind::missing;
  const StaticType* first = nullptr;   ///< element of a list or optional, key of a map
  const StaticType* second = nullptr;  ///< value of a map
  char parameter = 0;                  ///< in signatures: 'A', 'B', 'C'
};
using TypeRef = const StaticType*;

/// One of the types without parameters.
TypeRef simple_type(Kind kind);
inline TypeRef dyn_type() { return simple_type(Kind::missing); }

/// Makes types; they live as long as it does.
class TypePool {
 public:
  TypeRef list(TypeRef element) { return &types_.emplace_back(StaticType{Kind::list, element}); }
  TypeRef optional(TypeRef value) { return &types_.emplace_back(StaticType{Kind::optional, value}); }
  TypeRef map(TypeRef key, TypeRef value) { return &types_.emplace_back(StaticType{Kind::map, key, value}); }
  TypeRef parameter(char name) { return &types_.emplace_back(StaticType{Kind::missing, nullptr, nullptr, name}); }
  TypeRef of(const Type& attribute);
  TypeRef of(const Value& constant);

 private:
  std::deque<StaticType> types_;
};

inline bool is_dyn(TypeRef type) { return type->kind == Kind::missing; }
inline bool is_numeric(TypeRef type) {
  return type->kind == Kind::int64 || type->kind == Kind::uint64 || type->kind == Kind::real;
}

/// True if a value of one type may be one of the other: equal, or `dyn` somewhere.
bool compatible(TypeRef a, TypeRef b);
/// The same, but numbers of different types may meet (they compare by value).
bool comparable(TypeRef a, TypeRef b);
/// What is known of a value that has either type.
TypeRef join(TypeRef a, TypeRef b);

/// "list(string)", as CEL writes types.
std::string to_string(TypeRef type);

}  // namespace personalize::rules::cel
