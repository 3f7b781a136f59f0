// The `math` extension.
#include <cmath>
#include <limits>

#include "rules/cel/compare.h"
#include "rules/cel/functions.h"

namespace personalize::rules::cel {
namespace {

using Args = std::span<const Value>;

// The first of the greatest (or least) of some numbers, given one by one or as a list.
template <Order better>
Value extreme(Args args, Scope& scope) {
  if (args.size() == 1 && args[0].is(Kind::list)) args = args[0].as_list();
  if (args.empty()) return Value::error("no numbers to choose from");
  if (!scope.charge(args.size())) return over_budget();
  const Value* best = nullptr;
  for (const Value& v : args) {
    if (!is_number(v)) return no_overload();
    if (!best || order_numbers(v, *best) == better) best = &v;
  }
  return *best;
}

template <double (*function)(double)>
Value rounded(Args args, Scope&) {
  return args[0].is(Kind::real) ? Value::real(function(args[0].as_real())) : no_overload();
}

Value absolute(Args args, Scope&) {
  const Value& v = args[0];
  if (v.is(Kind::uint64)) return v;
  if (v.is(Kind::real)) return Value::real(std::fabs(v.as_real()));
  if (!v.is(Kind::int64)) return no_overload();
  if (v.as_int64() == std::numeric_limits<std::int64_t>::min()) return Value::error("integer overflow");
  return Value::int64(v.as_int64() < 0 ? -v.as_int64() : v.as_int64());
}

Value sign(Args args, Scope&) {
  const Value& v = args[0];
  if (v.is(Kind::uint64)) return Value::uint64(v.as_uint64() > 0);
  if (v.is(Kind::int64)) return Value::int64((v.as_int64() > 0) - (v.as_int64() < 0));
  if (!v.is(Kind::real)) return no_overload();
  const double d = v.as_real();
  return Value::real(std::isnan(d) ? d : (d > 0) - (d < 0));
}

Value square_root(Args args, Scope&) {
  const Value& v = args[0];
  if (v.is(Kind::real)) return Value::real(std::sqrt(v.as_real()));
  if (v.is(Kind::int64)) return Value::real(std::sqrt(static_cast<double>(v.as_int64())));
  return v.is(Kind::uint64) ? Value::real(std::sqrt(static_cast<double>(v.as_uint64()))) : no_overload();
}

template <bool (*test)(double)>
Value classified(Args args, Scope&) {
  return args[0].is(Kind::real) ? Value::boolean(test(args[0].as_real())) : no_overload();
}
bool is_nan(double d) { return std::isnan(d); }
bool is_infinite(double d) { return std::isinf(d); }
bool is_finite(double d) { return std::isfinite(d); }

template <typename Operation>
Value bitwise(Args args) {
  const Value& a = args[0];
  const Value& b = args[1];
  if (a.is(Kind::int64) && b.is(Kind::int64)) return Value::int64(Operation()(a.as_int64(), b.as_int64()));
  if (a.is(Kind::uint64) && b.is(Kind::uint64)) return Value::uint64(Operation()(a.as_uint64(), b.as_uint64()));
  return no_overload();
}

Value bit_not(Args args, Scope&) {
  if (args[0].is(Kind::int64)) return Value::int64(~args[0].as_int64());
  return args[0].is(Kind::uint64) ? Value::uint64(~args[0].as_uint64()) : no_overload();
}

// Shifts are logical: a negative int is shifted as its 64 bits.
template <bool left>
Value shift(Args args, Scope&) {
  const Value& v = args[0];
  if (!(v.is(Kind::int64) || v.is(Kind::uint64)) || !args[1].is(Kind::int64)) return no_overload();
  const std::int64_t by = args[1].as_int64();
  if (by < 0) return Value::error("negative shift");
  const std::uint64_t bits = v.is(Kind::int64) ? static_cast<std::uint64_t>(v.as_int64()) : v.as_uint64();
  const std::uint64_t result = by > 63 ? 0 : left ? bits << by : bits >> by;
  return v.is(Kind::int64) ? Value::int64(static_cast<std::int64_t>(result)) : Value::uint64(result);
}

#define BINARY "(int,int):int;(uint,uint):uint"

constexpr Definition math_definitions[] = {
    {"math.greatest", "(dyn...):dyn", extreme<Order::greater>},
    {"math.least", "(dyn...):dyn", extreme<Order::less>},
    {"math.ceil", "(double):double", rounded<std::ceil>},
    {"math.floor", "(double):double", rounded<std::floor>},
    {"math.round", "(double):double", rounded<std::round>},
    {"math.trunc", "(double):double", rounded<std::trunc>},
    {"math.abs", "(int):int;(uint):uint;(double):double", absolute},
    {"math.sign", "(int):int;(uint):uint;(double):double", sign},
    {"math.sqrt", "(int):double;(uint):double;(double):double", square_root},
    {"math.isNaN", "(double):bool", classified<is_nan>},
    {"math.isInf", "(double):bool", classified<is_infinite>},
    {"math.isFinite", "(double):bool", classified<is_finite>},
    {"math.bitAnd", BINARY, [](Args args, Scope&) { return bitwise<std::bit_and<>>(args); }},
    {"math.bitOr", BINARY, [](Args args, Scope&) { return bitwise<std::bit_or<>>(args); }},
    {"math.bitXor", BINARY, [](Args args, Scope&) { return bitwise<std::bit_xor<>>(args); }},
    {"math.bitNot", "(int):int;(uint):uint", bit_not},
    {"math.bitShiftLeft", "(int,int):int;(uint,int):uint", shift<true>},
    {"math.bitShiftRight", "(int,int):int;(uint,int):uint", shift<false>},
};

#undef BINARY

}  // namespace

std::span<const Definition> math_functions() { return math_definitions; }

}  // namespace personalize::rules::cel
