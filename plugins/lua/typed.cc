#include "plugins/lua/typed.h"

#include <cmath>
#include <optional>

#include "rules/text/utf8.h"

namespace personalize::plugins {
namespace {

using rules::Kind;
using rules::Value;

constexpr double max_script_seconds = 1e11;  // some thousand years, either way

std::optional<Value> moment(double seconds, Kind kind) {
  if (!(std::fabs(seconds) <= max_script_seconds)) return std::nullopt;
  // Moments count up from a whole second; the parts of a duration have one sign.
  const double whole = kind == Kind::timestamp ? std::floor(seconds) : std::trunc(seconds);
  const auto nanos = static_cast<std::int32_t>((seconds - whole) * 1e9);
  return kind == Kind::timestamp ? Value::timestamp(static_cast<std::int64_t>(whole), nanos)
                                 : Value::duration(static_cast<std::int64_t>(whole), nanos);
}

std::optional<Value> scalar(const Value& value, Kind kind) {
  const bool whole = value.is(Kind::int64);
  const bool number = whole || value.is(Kind::real);
  const double real = whole ? static_cast<double>(value.as_int64()) : number ? value.as_real() : 0;
  switch (kind) {
    case Kind::missing: return value;
    case Kind::real: return number ? std::optional(Value::real(real)) : std::nullopt;
    case Kind::uint64:
      if (!whole || value.as_int64() < 0) return std::nullopt;
      return Value::uint64(static_cast<std::uint64_t>(value.as_int64()));
    case Kind::timestamp:
    case Kind::duration: return number ? moment(real, kind) : std::nullopt;
    case Kind::bytes: return value.is(Kind::string) ? std::optional(Value::bytes(value.text())) : std::nullopt;
    case Kind::string:
      if (!value.is(Kind::string) || !rules::text::is_valid_utf8(value.text())) return std::nullopt;
      return value;
    default: return value.is(kind) ? std::optional(value) : std::nullopt;
  }
}

}  // namespace

std::optional<Value> typed(const Value& value, const rules::Type& type, rules::Arena& arena) {
  if (value.missing()) return value;
  const bool empty_table = value.is(Kind::map) && value.as_map().empty();
  if (type.kind == Kind::list) {
    if (empty_table) return Value::list({});
    if (!value.is(Kind::list)) return std::nullopt;
    const auto from = value.as_list();
    auto* elements = static_cast<Value*>(arena.allocate(from.size() * sizeof(Value), alignof(Value)));
    for (std::size_t i = 0; i < from.size(); ++i) {
      const auto element = scalar(from[i], type.element);
      if (!element || element->missing()) return std::nullopt;
      new (elements + i) Value(*element);
    }
    return Value::list({elements, from.size()});
  }
  if (type.kind == Kind::map) {
    if (!value.is(Kind::map)) return std::nullopt;
    const auto from = value.as_map();
    auto* entries = static_cast<rules::MapEntry*>(
        arena.allocate((from.size() + 1) * sizeof(rules::MapEntry), alignof(rules::MapEntry)));
    for (std::size_t i = 0; i < from.size(); ++i) {
      const auto element = scalar(from[i].value, type.element);
      if (!element) return std::nullopt;
      new (entries + i) rules::MapEntry{from[i].key, *element};
    }
    return Value::map({entries, from.size()});
  }
  return scalar(value, type.kind);
}

}  // namespace personalize::plugins
