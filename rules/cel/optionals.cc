// Optional values. `or` and `orValue` are in the evaluator: they evaluate their argument only if needed.
#include <memory_resource>
#include <vector>

#include "rules/cel/functions.h"

namespace personalize::rules::cel {
namespace {

using Args = std::span<const Value>;

bool is_zero(const Value& v) {
  switch (v.kind()) {
    case Kind::missing:
    case Kind::null: return true;
    case Kind::boolean: return !v.as_bool();
    case Kind::int64: return v.as_int64() == 0;
    case Kind::uint64: return v.as_uint64() == 0;
    case Kind::real: return v.as_real() == 0;
    case Kind::string:
    case Kind::bytes: return v.text().empty();
    case Kind::list: return v.as_list().empty();
    case Kind::map: return v.as_map().empty();
    case Kind::duration: return v.seconds() == 0 && v.nanos() == 0;
    case Kind::optional: return v.as_optional() == nullptr;
    default: return false;
  }
}

Value none(Args, Scope&) { return Value::optional(nullptr); }
Value of(Args args, Scope& scope) { return Value::optional(scope.box(args[0])); }
Value of_non_zero(Args args, Scope& scope) { return Value::optional(is_zero(args[0]) ? nullptr : scope.box(args[0])); }

Value has_value(Args args, Scope&) {
  return args[0].is(Kind::optional) ? Value::boolean(args[0].as_optional() != nullptr) : no_overload();
}

Value value(Args args, Scope&) {
  if (!args[0].is(Kind::optional)) return no_overload();
  return args[0].as_optional() ? *args[0].as_optional() : Value::error("optional has no value");
}

Value unwrap(Args args, Scope& scope) {
  if (!args[0].is(Kind::list)) return no_overload();
  const Args list = args[0].as_list();
  if (!scope.charge(list.size())) return over_budget();
  Value* memory = scope.allocate<Value>(list.size() + 1);
  std::size_t count = 0;
  for (const Value& v : list) {
    if (!v.is(Kind::optional)) return no_overload();
    if (v.as_optional()) new (&memory[count++]) Value(*v.as_optional());
  }
  return Value::list({memory, count});
}

constexpr Definition optional_definitions[] = {
    {"optional.none", "():optional<dyn>", none},
    {"optional.of", "(A):optional<A>", of},
    {"optional.ofNonZeroValue", "(A):optional<A>", of_non_zero},
    {"optional.unwrap", "(list<optional<A>>):list<A>", unwrap},
    {"unwrapOpt", "list<optional<A>>.():list<A>", unwrap},
    {"hasValue", "optional<A>.():bool", has_value},
    {"value", "optional<A>.():A", value},
    {"or", "optional<A>.(optional<A>):optional<A>", nullptr},
    {"orValue", "optional<A>.(A):A", nullptr},
};

}  // namespace

std::span<const Definition> optional_functions() { return optional_definitions; }

}  // namespace personalize::rules::cel
