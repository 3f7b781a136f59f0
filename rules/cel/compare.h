// Equality, order and hashing of values. Numbers of different types compare by their mathematical value.
#pragma once

#include <cstdint>
#include <span>

#include "rules/cel/scope.h"
#include "rules/value.h"

namespace personalize::rules::cel {

enum class Order : std::uint8_t {
  less,
  equal,
  greater,
  unordered,    ///< one of them is NaN
  no_overload,  ///< values of these kinds have no order
};

/// Never an error: values of different kinds are different.
bool equal(const Value& a, const Value& b, Scope& scope);

Order order(const Value& a, const Value& b);
/// Of two numbers.
Order order_numbers(const Value& a, const Value& b);

inline bool is_number(const Value& v) { return v.is(Kind::int64) || v.is(Kind::uint64) || v.is(Kind::real); }

/// Of kinds whose comparison needs no memory, and equal to itself.
bool is_scalar(const Value& v);

/// Equal values have equal hashes.
std::uint64_t hash(const Value& value, Scope& scope);

/// The value with that key, or null.
const Value* find(std::span<const MapEntry> entries, const Value& key, Scope& scope);

/// True for kinds that may be keys of a map.
inline bool is_key(const Value& v) {
  return v.is(Kind::string) || v.is(Kind::int64) || v.is(Kind::uint64) || v.is(Kind::boolean);
}

/// An immutable set of values with a lookup in constant time, for `x in [constants]`.
class ValueSet {
 public:
  /// Memory from `scope`, for as long as its arena lives.
  ValueSet(std::span<const Value> values, Scope& scope);
  bool contains(const Value& value, Scope& scope) const;

 private:
  struct Slot {
    std::uint64_t hash = 0;
    const Value* value = nullptr;
  };
  std::span<const Slot> slots_;  // a power of two, at least half of them free
};

}  // namespace personalize::rules::cel
