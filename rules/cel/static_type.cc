#include "rules/cel/static_type.h"

#include <array>

#include "rules/cel/conversions.h"

namespace personalize::rules::cel {
namespace {

constexpr std::size_t kinds = static_cast<std::size_t>(Kind::error) + 1;

/// As messages call it, shorter than what `type(v)` is.
std::string_view kind_name(Kind kind) {
  switch (kind) {
    case Kind::missing: return "dyn";
    case Kind::null: return "null";
    case Kind::timestamp: return "timestamp";
    case Kind::duration: return "duration";
    case Kind::optional: return "optional";
    default: return type_name(kind);
  }
}

bool matches(TypeRef a, TypeRef b, bool numbers_meet) {
  if (is_dyn(a) || is_dyn(b) || a == b) return true;
  if (numbers_meet && is_numeric(a) && is_numeric(b)) return true;
  if (a->kind != b->kind) return false;
  if (a->first && b->first && !matches(a->first, b->first, numbers_meet)) return false;
  return !a->second || !b->second || matches(a->second, b->second, numbers_meet);
}

bool same(TypeRef a, TypeRef b) {
  if (a == b) return true;
  if (!a || !b || a->kind != b->kind) return false;
  return same(a->first, b->first) && same(a->second, b->second);
}

}  // namespace

TypeRef simple_type(Kind kind) {
  static const std::array<StaticType, kinds> types = [] {
    std::array<StaticType, kinds> all;
    for (std::size_t i = 0; i < kinds; ++i) all[i].kind = static_cast<Kind>(i);
    return all;
  }();
  return &types[static_cast<std::size_t>(kind)];
}

TypeRef TypePool::of(const Type& attribute) {
  if (attribute.kind == Kind::list) return list(simple_type(attribute.element));
  if (attribute.kind == Kind::map) return map(simple_type(Kind::string), simple_type(attribute.element));
  return simple_type(attribute.kind);
}

TypeRef TypePool::of(const Value& constant) {
  switch (constant.kind()) {
    case Kind::list: {
      TypeRef element = nullptr;
      for (const Value& value : constant.as_list()) element = element ? join(element, of(value)) : of(value);
      return list(element ? element : dyn_type());
    }
    case Kind::map: {
      TypeRef key = nullptr;
      TypeRef value = nullptr;
      for (const MapEntry& entry : constant.as_map()) {
        key = key ? join(key, of(entry.key)) : of(entry.key);
        value = value ? join(value, of(entry.value)) : of(entry.value);
      }
      return map(key ? key : dyn_type(), value ? value : dyn_type());
    }
    case Kind::optional: return optional(constant.as_optional() ? of(*constant.as_optional()) : dyn_type());
    default: return simple_type(constant.kind());
  }
}

bool compatible(TypeRef a, TypeRef b) { return matches(a, b, false); }

bool comparable(TypeRef a, TypeRef b) { return matches(a, b, true) || a->kind == Kind::null || b->kind == Kind::null; }

TypeRef join(TypeRef a, TypeRef b) {
  if (same(a, b)) return a;
  // An empty list or map takes the other's parameters; anything else that differs is not known.
  if (a->kind == b->kind && a->first && b->first) {
    if (is_dyn(a->first)) return b;
    if (is_dyn(b->first)) return a;
  }
  return dyn_type();
}

std::string to_string(TypeRef type) {
  if (type->parameter) return std::string(1, type->parameter);
  std::string text(kind_name(type->kind));
  if (type->first) text += "(" + to_string(type->first) + (type->second ? ", " + to_string(type->second) : "") + ")";
  return text;
}

}  // namespace personalize::rules::cel
