#include "rules/cel/compare.h"

#include <bit>
#include <cmath>
#include <functional>

namespace personalize::rules::cel {
namespace {

template <typename T>
Order order_of(T a, T b) {
  if (a < b) return Order::less;
  return a == b ? Order::equal : Order::greater;
}

Order reverse(Order order) {
  if (order == Order::less) return Order::greater;
  return order == Order::greater ? Order::less : order;
}

// An integer is compared with a double as a double, as in other implementations of the language: beyond 2^53,
// neighbours count as equal.
Order order_reals(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return Order::unordered;
  return order_of(a, b);
}

Order order_int_uint(std::int64_t a, std::uint64_t b) {
  return a < 0 ? Order::less : order_of(static_cast<std::uint64_t>(a), b);
}

Order order_text(std::string_view a, std::string_view b) {
  const int order = a.compare(b);  // as unsigned bytes: the order of code points in UTF-8
  if (order < 0) return Order::less;
  return order == 0 ? Order::equal : Order::greater;
}

Order order_time(const Value& a, const Value& b) {
  const Order order = order_of(a.seconds(), b.seconds());
  return order == Order::equal ? order_of(a.nanos(), b.nanos()) : order;
}

bool equal_lists(std::span<const Value> a, std::span<const Value> b, Scope& scope) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!scope.charge(1) || !equal(a[i], b[i], scope)) return false;
  }
  return true;
}

bool equal_maps(std::span<const MapEntry> a, std::span<const MapEntry> b, Scope& scope) {
  if (a.size() != b.size()) return false;
  for (const MapEntry& entry : a) {
    const Value* other = find(b, entry.key, scope);
    if (!other || !equal(entry.value, *other, scope)) return false;
  }
  return true;
}

std::uint64_t mix(std::uint64_t h) {  // finalizer of MurmurHash3
  h ^= h >> 33;
  h *= 0xff51afd7ed558ccdULL;
  h ^= h >> 33;
  h *= 0xc4ceb9fe1a85ec53ULL;
  return h ^ h >> 33;
}

// Numbers that are equal across types have the same double.
std::uint64_t hash_number(const Value& v) {
  double d = v.is(Kind::real) ? v.as_real() : 0;
  if (v.is(Kind::int64)) d = static_cast<double>(v.as_int64());
  if (v.is(Kind::uint64)) d = static_cast<double>(v.as_uint64());
  return mix(std::bit_cast<std::uint64_t>(d == 0 ? 0.0 : d));  // zero has two signs
}

}  // namespace

Order order_numbers(const Value& a, const Value& b) {
  if (a.is(Kind::int64)) {
    if (b.is(Kind::int64)) return order_of(a.as_int64(), b.as_int64());
    if (b.is(Kind::uint64)) return order_int_uint(a.as_int64(), b.as_uint64());
    return order_reals(static_cast<double>(a.as_int64()), b.as_real());
  }
  if (a.is(Kind::uint64)) {
    if (b.is(Kind::int64)) return reverse(order_int_uint(b.as_int64(), a.as_uint64()));
    if (b.is(Kind::uint64)) return order_of(a.as_uint64(), b.as_uint64());
    return order_reals(static_cast<double>(a.as_uint64()), b.as_real());
  }
  if (b.is(Kind::int64)) return order_reals(a.as_real(), static_cast<double>(b.as_int64()));
  if (b.is(Kind::uint64)) return order_reals(a.as_real(), static_cast<double>(b.as_uint64()));
  return order_reals(a.as_real(), b.as_real());
}

Order order(const Value& a, const Value& b) {
  if (is_number(a) && is_number(b)) return order_numbers(a, b);
  if (a.kind() != b.kind()) return Order::no_overload;
  switch (a.kind()) {
    case Kind::boolean: return order_of<int>(a.as_bool(), b.as_bool());
    case Kind::string:
    case Kind::bytes: return order_text(a.text(), b.text());
    case Kind::timestamp:
    case Kind::duration: return order_time(a, b);
    default: return Order::no_overload;
  }
}

bool equal(const Value& a, const Value& b, Scope& scope) {
  if (a.kind() != b.kind()) return is_number(a) && is_number(b) && order_numbers(a, b) == Order::equal;
  switch (a.kind()) {
    case Kind::missing:
    case Kind::null: return true;
    case Kind::boolean: return a.as_bool() == b.as_bool();
    case Kind::int64: return a.as_int64() == b.as_int64();
    case Kind::uint64: return a.as_uint64() == b.as_uint64();
    case Kind::real: return a.as_real() == b.as_real();
    case Kind::string:
    case Kind::bytes:
    case Kind::type: return a.text() == b.text();
    case Kind::timestamp:
    case Kind::duration: return order_time(a, b) == Order::equal;
    case Kind::list: return equal_lists(a.as_list(), b.as_list(), scope);
    case Kind::map: return equal_maps(a.as_map(), b.as_map(), scope);
    case Kind::optional: {
      const Value* left = a.as_optional();
      const Value* right = b.as_optional();
      return left && right ? scope.charge(1) && equal(*left, *right, scope) : left == right;
    }
    case Kind::error: return false;
  }
  return false;
}

std::uint64_t hash(const Value& v, Scope& scope) {
  const auto seed = static_cast<std::uint64_t>(v.kind()) << 56;
  if (!scope.charge(1)) return 0;
  switch (v.kind()) {
    case Kind::int64:
    case Kind::uint64:
    case Kind::real: return hash_number(v);
    case Kind::boolean: return mix(seed + v.as_bool());
    case Kind::string:
    case Kind::bytes:
    case Kind::type:
    case Kind::error: return std::hash<std::string_view>()(v.text()) ^ seed;
    case Kind::timestamp:
    case Kind::duration:
      return mix(seed ^ static_cast<std::uint64_t>(v.seconds()) * 31 ^ static_cast<std::uint32_t>(v.nanos()));
    case Kind::list: {
      std::uint64_t h = seed;
      for (const Value& element : v.as_list()) h = mix(h ^ hash(element, scope));
      return h;
    }
    case Kind::map: {
      std::uint64_t h = seed;  // commutative: the order of entries does not matter
      for (const MapEntry& entry : v.as_map()) h += mix(hash(entry.key, scope) * 31 ^ hash(entry.value, scope));
      return h;
    }
    case Kind::optional: return v.as_optional() ? mix(seed ^ hash(*v.as_optional(), scope)) : seed;
    case Kind::missing:
    case Kind::null: return seed;
  }
  return seed;
}

const Value* find(std::span<const MapEntry> entries, const Value& key, Scope& scope) {
  if (!scope.charge(entries.size() / 4)) return nullptr;
  if (key.is(Kind::string)) {
    for (const MapEntry& entry : entries) {
      if (entry.key.is(Kind::string) && entry.key.text() == key.text()) return &entry.value;
    }
    return nullptr;
  }
  for (const MapEntry& entry : entries) {
    if (equal(entry.key, key, scope)) return &entry.value;
  }
  return nullptr;
}

bool is_scalar(const Value& v) {
  switch (v.kind()) {
    case Kind::null:
    case Kind::boolean:
    case Kind::int64:
    case Kind::uint64:
    case Kind::string:
    case Kind::bytes:
    case Kind::timestamp:
    case Kind::duration: return true;
    case Kind::real: return v.as_real() == v.as_real();
    default: return false;
  }
}

ValueSet::ValueSet(std::span<const Value> values, Scope& scope) {
  const std::size_t size = std::bit_ceil(values.size() * 2 + 1);
  Slot* slots = scope.allocate<Slot>(size);
  for (std::size_t i = 0; i < size; ++i) new (&slots[i]) Slot();
  for (const Value& value : values) {
    const std::uint64_t h = hash(value, scope);
    std::size_t at = h & (size - 1);
    while (slots[at].value && !(slots[at].hash == h && equal(*slots[at].value, value, scope)))
      at = (at + 1) & (size - 1);
    slots[at] = {h, &value};
  }
  slots_ = {slots, size};
}

bool ValueSet::contains(const Value& value, Scope& scope) const {
  const std::uint64_t h = hash(value, scope);
  for (std::size_t at = h & (slots_.size() - 1); slots_[at].value; at = (at + 1) & (slots_.size() - 1)) {
    if (slots_[at].hash == h && equal(*slots_[at].value, value, scope)) return true;
  }
  return false;
}

}  // namespace personalize::rules::cel
