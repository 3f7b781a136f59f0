// Arithmetic, comparison and membership. Integers overflow into errors, doubles follow IEEE 754.
#include "rules/cel/compare.h"
#include "rules/cel/functions.h"
#include "rules/cel/timestamps.h"

namespace personalize::rules::cel {
namespace {

using Args = std::span<const Value>;

Value overflow() { return Value::error("integer overflow"); }

Value concatenate_text(const Value& a, const Value& b, Scope& scope) {
  const std::size_t size = a.text().size() + b.text().size();
  if (!scope.charge_bytes(size)) return over_budget();
  char* memory = scope.allocate<char>(size + 1);
  a.text().copy(memory, a.text().size());
  b.text().copy(memory + a.text().size(), b.text().size());
  const std::string_view text(memory, size);
  return a.is(Kind::string) ? Value::string(text) : Value::bytes(text);
}

Value concatenate_lists(Args a, Args b, Scope& scope) {
  const std::size_t size = a.size() + b.size();
  if (!scope.charge(size)) return over_budget();
  Value* memory = scope.allocate<Value>(size + 1);
  std::uninitialized_copy(a.begin(), a.end(), memory);
  std::uninitialized_copy(b.begin(), b.end(), memory + a.size());
  return Value::list({memory, size});
}

template <typename T, typename Make, typename Operation>
Value checked(T a, T b, Make make, Operation overflows) {
  T result;
  return overflows(a, b, &result) ? overflow() : make(result);
}

Value add(Args args, Scope& scope) {
  const Value& a = args[0];
  const Value& b = args[1];
  if (a.kind() == b.kind()) {
    switch (a.kind()) {
      case Kind::int64:
        return checked(a.as_int64(), b.as_int64(), Value::int64,
                       [](auto x, auto y, auto* r) { return __builtin_add_overflow(x, y, r); });
      case Kind::uint64:
        return checked(a.as_uint64(), b.as_uint64(), Value::uint64,
                       [](auto x, auto y, auto* r) { return __builtin_add_overflow(x, y, r); });
      case Kind::real: return Value::real(a.as_real() + b.as_real());
      case Kind::string:
      case Kind::bytes: return concatenate_text(a, b, scope);
      case Kind::list: return concatenate_lists(a.as_list(), b.as_list(), scope);
      case Kind::duration: return add_duration(a, b);
      default: return no_overload();
    }
  }
  if (a.is(Kind::timestamp) && b.is(Kind::duration)) return add_duration(a, b);
  if (a.is(Kind::duration) && b.is(Kind::timestamp)) return add_duration(b, a);
  return no_overload();
}

Value subtract(Args args, Scope&) {
  const Value& a = args[0];
  const Value& b = args[1];
  if (a.is(Kind::timestamp) && b.is(Kind::duration)) return subtract_duration(a, b);
  if (a.kind() != b.kind()) return no_overload();
  switch (a.kind()) {
    case Kind::int64:
      return checked(a.as_int64(), b.as_int64(), Value::int64,
                     [](auto x, auto y, auto* r) { return __builtin_sub_overflow(x, y, r); });
    case Kind::uint64:
      return checked(a.as_uint64(), b.as_uint64(), Value::uint64,
                     [](auto x, auto y, auto* r) { return __builtin_sub_overflow(x, y, r); });
    case Kind::real: return Value::real(a.as_real() - b.as_real());
    case Kind::duration: return subtract_duration(a, b);
    case Kind::timestamp: return subtract_timestamps(a, b);
    default: return no_overload();
  }
}

Value multiply(Args args, Scope&) {
  const Value& a = args[0];
  const Value& b = args[1];
  if (a.kind() != b.kind()) return no_overload();
  switch (a.kind()) {
    case Kind::int64:
      return checked(a.as_int64(), b.as_int64(), Value::int64,
                     [](auto x, auto y, auto* r) { return __builtin_mul_overflow(x, y, r); });
    case Kind::uint64:
      return checked(a.as_uint64(), b.as_uint64(), Value::uint64,
                     [](auto x, auto y, auto* r) { return __builtin_mul_overflow(x, y, r); });
    case Kind::real: return Value::real(a.as_real() * b.as_real());
    default: return no_overload();
  }
}

bool divides_out_of_range(const Value& a, const Value& b) {
  return b.as_int64() == -1 && a.as_int64() == std::numeric_limits<std::int64_t>::min();
}

Value divide(Args args, Scope&) {
  const Value& a = args[0];
  const Value& b = args[1];
  if (a.kind() != b.kind()) return no_overload();
  switch (a.kind()) {
    case Kind::int64:
      if (b.as_int64() == 0) return Value::error("division by zero");
      return divides_out_of_range(a, b) ? overflow() : Value::int64(a.as_int64() / b.as_int64());
    case Kind::uint64:
      if (b.as_uint64() == 0) return Value::error("division by zero");
      return Value::uint64(a.as_uint64() / b.as_uint64());
    case Kind::real: return Value::real(a.as_real() / b.as_real());
    default: return no_overload();
  }
}

Value modulo(Args args, Scope&) {
  const Value& a = args[0];
  const Value& b = args[1];
  if (a.kind() != b.kind()) return no_overload();
  switch (a.kind()) {
    case Kind::int64:
      if (b.as_int64() == 0) return Value::error("modulus by zero");
      return divides_out_of_range(a, b) ? overflow() : Value::int64(a.as_int64() % b.as_int64());
    case Kind::uint64:
      if (b.as_uint64() == 0) return Value::error("modulus by zero");
      return Value::uint64(a.as_uint64() % b.as_uint64());
    default: return no_overload();
  }
}

Value negate(Args args, Scope&) {
  const Value& a = args[0];
  if (a.is(Kind::real)) return Value::real(-a.as_real());
  if (a.is(Kind::duration)) return subtract_duration(Value::duration(0, 0), a);
  if (!a.is(Kind::int64)) return no_overload();
  if (a.as_int64() == std::numeric_limits<std::int64_t>::min()) return overflow();
  return Value::int64(-a.as_int64());
}

Value logical_not(Args args, Scope&) {
  return args[0].is(Kind::boolean) ? Value::boolean(!args[0].as_bool()) : no_overload();
}

Value is_equal(Args args, Scope& scope) { return Value::boolean(equal(args[0], args[1], scope)); }
Value is_different(Args args, Scope& scope) { return Value::boolean(!equal(args[0], args[1], scope)); }

template <Order first, Order second>
Value is_ordered(Args args, Scope& scope) {
  if (args[0].is(Kind::string) && !scope.charge_bytes(args[0].text().size())) return over_budget();
  const Order found = order(args[0], args[1]);
  if (found == Order::no_overload) return no_overload();
  return Value::boolean(found == first || found == second);
}

Value is_in(Args args, Scope& scope) {
  const Value& container = args[1];
  if (container.is(Kind::map)) return Value::boolean(find(container.as_map(), args[0], scope) != nullptr);
  if (!container.is(Kind::list)) return no_overload();
  for (const Value& element : container.as_list()) {
    if (!scope.charge(1)) return over_budget();
    if (equal(element, args[0], scope)) return Value::boolean(true);
  }
  return Value::boolean(false);
}

#define ORDERED                                                                                             \
  "(int,int):bool;(uint,uint):bool;(double,double):bool;(int,uint):bool;(int,double):bool;(uint,int):bool;" \
  "(uint,double):bool;(double,int):bool;(double,uint):bool;(string,string):bool;(bytes,bytes):bool;"        \
  "(bool,bool):bool;(timestamp,timestamp):bool;(duration,duration):bool"

constexpr Definition operator_definitions[] = {
    {"_+_",
     "(int,int):int;(uint,uint):uint;(double,double):double;(string,string):string;(bytes,bytes):bytes;"
     "(list<A>,list<A>):list<A>;(timestamp,duration):timestamp;(duration,timestamp):timestamp;"
     "(duration,duration):duration",
     add},
    {"_-_",
     "(int,int):int;(uint,uint):uint;(double,double):double;(timestamp,duration):timestamp;"
     "(timestamp,timestamp):duration;(duration,duration):duration",
     subtract},
    {"_*_", "(int,int):int;(uint,uint):uint;(double,double):double", multiply},
    {"_/_", "(int,int):int;(uint,uint):uint;(double,double):double", divide},
    {"_%_", "(int,int):int;(uint,uint):uint", modulo},
    {"-_", "(int):int;(double):double;(duration):duration", negate},
    {"!_", "(bool):bool", logical_not},
    {"_==_", "(A,B):bool", is_equal},
    {"_!=_", "(A,B):bool", is_different},
    {"_<_", ORDERED, is_ordered<Order::less, Order::less>},
    {"_<=_", ORDERED, is_ordered<Order::less, Order::equal>},
    {"_>_", ORDERED, is_ordered<Order::greater, Order::greater>},
    {"_>=_", ORDERED, is_ordered<Order::greater, Order::equal>},
    {"@in", "(A,list<B>):bool;(A,map<B,C>):bool", is_in},
};

#undef ORDERED

}  // namespace

std::span<const Definition> operator_functions() { return operator_definitions; }

}  // namespace personalize::rules::cel
