// From the value of an expression to a field of an event.
#pragma once

#include <cstdint>
#include <string_view>

#include "rules/events/fields.h"
#include "rules/value.h"

namespace personalize::rules::events {

enum class Said : std::uint8_t {
  yes,
  absent,  ///< there is nothing to say
  wrong,   ///< it is not what the field needs, or too long
};

/// Texts belong to the arena, or to whoever made the value.
template <class Owner>
Said say(const Field<Owner>& field, const Value& value, Arena& arena, Owner& owner);

/// What the field needs, for messages: "a number that is not negative".
std::string_view needs(FieldKind kind);

/// Without what optionals have around it.
Value unwrapped(Value value);

/// Nothing is known, and nothing is wrong.
bool is_absent(const Value& value);

}  // namespace personalize::rules::events
