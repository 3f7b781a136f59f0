// The value of an attribute and of a CEL expression.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory_resource>
#include <span>
#include <string_view>

namespace personalize::rules {

/// Memory of one request (or one load): everything a `Value` points to that is not constant lives here.
using Arena = std::pmr::memory_resource;

enum class Kind : std::uint8_t {
  missing,  ///< not known (and in CEL: no value, e.g. an absent optional)
  null,
  boolean,
  int64,
  uint64,
  real,    ///< double
  string,  ///< UTF-8
  bytes,
  list,
  map,
  timestamp,  ///< seconds since 1970 UTC + nanoseconds
  duration,   ///< seconds + nanoseconds, of the same sign
  type,       ///< CEL type value, by name
  optional,   ///< CEL optional: empty or one value
  error,      ///< failed evaluation; `text()` is the message
};

struct MapEntry;

/// 16 bytes, trivially copyable. Strings, lists and maps are views: the memory belongs to the arena (or the rule set)
/// that the value was made with.
class Value {
 public:
  constexpr Value() = default;
  static Value null() { return Value(Kind::null); }
  static Value boolean(bool v) {
    Value r(Kind::boolean);
    r.payload_.b = v;
    return r;
  }
  static Value int64(std::int64_t v) {
    Value r(Kind::int64);
    r.payload_.i = v;
    return r;
  }
  static Value uint64(std::uint64_t v) {
    Value r(Kind::uint64);
    r.payload_.u = v;
    return r;
  }
  static Value real(double v) {
    Value r(Kind::real);
    r.payload_.d = v;
    return r;
  }
  static Value string(std::string_view v) { return text(Kind::string, v); }
  static Value bytes(std::string_view v) { return text(Kind::bytes, v); }
  static Value type(std::string_view name) { return text(Kind::type, name); }
  static Value error(std::string_view message) { return text(Kind::error, message); }
  /// The error of an expression that needs an attribute which is not known; `message` names it.
  static Value missing_attribute(std::string_view message) {
    Value r = text(Kind::error, message);
    r.absent_ = true;
    return r;
  }
  static Value list(std::span<const Value> v) {
    Value r(Kind::list);
    r.size_ = static_cast<std::uint32_t>(v.size());
    r.payload_.list = v.data();
    return r;
  }
  /// Entries in insertion order, keys distinct.
  static Value map(std::span<const MapEntry> v);
  static Value timestamp(std::int64_t seconds, std::int32_t nanos) { return time(Kind::timestamp, seconds, nanos); }
  static Value duration(std::int64_t seconds, std::int32_t nanos) { return time(Kind::duration, seconds, nanos); }
  /// `v` is null for the empty optional.
  static Value optional(const Value* v) {
    Value r(Kind::optional);
    r.payload_.list = v;
    return r;
  }

  Kind kind() const { return kind_; }
  bool is(Kind kind) const { return kind_ == kind; }
  bool missing() const { return kind_ == Kind::missing; }
  /// True of an error whose cause is an unknown attribute and no mistake.
  bool is_missing_attribute() const { return kind_ == Kind::error && absent_; }

  /// True of the boolean `true` alone: what a condition must be to hold.
  bool is_true() const { return kind_ == Kind::boolean && payload_.b; }

  bool as_bool() const { return payload_.b; }
  std::int64_t as_int64() const { return payload_.i; }
  std::uint64_t as_uint64() const { return payload_.u; }
  double as_real() const { return payload_.d; }
  /// Of string, bytes, type, error.
  std::string_view text() const { return {payload_.text, size_}; }
  std::span<const Value> as_list() const { return {payload_.list, size_}; }
  std::span<const MapEntry> as_map() const;
  /// Of timestamp, duration.
  std::int64_t seconds() const { return payload_.i; }
  std::int32_t nanos() const { return static_cast<std::int32_t>(size_); }
  const Value* as_optional() const { return payload_.list; }

 private:
  constexpr explicit Value(Kind kind) : kind_(kind) {}
  static Value text(Kind kind, std::string_view v) {
    Value r(kind);
    r.size_ = static_cast<std::uint32_t>(v.size());
    r.payload_.text = v.data();
    return r;
  }
  static Value time(Kind kind, std::int64_t seconds, std::int32_t nanos) {
    Value r(kind);
    r.size_ = static_cast<std::uint32_t>(nanos);
    r.payload_.i = seconds;
    return r;
  }

  Kind kind_ = Kind::missing;
  bool absent_ = false;
  std::uint32_t size_ = 0;
  union Payload {
    std::int64_t i = 0;
    bool b;
    std::uint64_t u;
    double d;
    const char* text;
    const Value* list;
    const MapEntry* map;
  } payload_;
};
static_assert(sizeof(Value) == 16);

struct MapEntry {
  Value key;
  Value value;
};

inline Value Value::map(std::span<const MapEntry> v) {
  Value r(Kind::map);
  r.size_ = static_cast<std::uint32_t>(v.size());
  r.payload_.map = v.data();
  return r;
}
inline std::span<const MapEntry> Value::as_map() const { return {payload_.map, size_}; }

/// That many values, all of them missing.
inline std::span<Value> missing_values(std::size_t count, Arena& arena) {
  static_assert(static_cast<int>(Kind::missing) == 0, "a missing value is all zeros");
  void* memory = arena.allocate(count * sizeof(Value), alignof(Value));
  return {static_cast<Value*>(std::memset(memory, 0, count * sizeof(Value))), count};
}

/// A copy of `text` in `arena`.
inline std::string_view copy(Arena& arena, std::string_view text) {
  if (text.empty()) return {};
  auto* bytes = static_cast<char*>(arena.allocate(text.size(), 1));
  std::memcpy(bytes, text.data(), text.size());
  return {bytes, text.size()};
}

}  // namespace personalize::rules
