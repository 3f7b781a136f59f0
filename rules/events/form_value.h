// The fields of a request's body as the value of `request.form`.
#pragma once

#include <new>
#include <span>

#include "learn/events/form_body.h"
#include "rules/value.h"

namespace personalize::rules {

/// A map of strings, copied to the arena.
inline Value form_value(std::span<const learn::events::FormField> fields, Arena& arena) {
  auto* entries = static_cast<MapEntry*>(arena.allocate(fields.size() * sizeof(MapEntry), alignof(MapEntry)));
  std::size_t size = 0;
  for (const learn::events::FormField& field : fields)
    new (entries + size++) MapEntry{Value::string(copy(arena, field.name)), Value::string(copy(arena, field.value))};
  return Value::map({entries, size});
}

}  // namespace personalize::rules
