// What a rule file may contain: one table per kind of object, from which the loader checks files and the JSON Schema
// for editors is generated.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace personalize::rules::load {

/// What the value of a key may look like. Several may be allowed.
using Shapes = std::uint32_t;
namespace shape {
inline constexpr Shapes text = 1;        ///< any scalar
inline constexpr Shapes integer = 2;     ///< a whole number of 32 bits
inline constexpr Shapes boolean = 4;     ///< true or false
inline constexpr Shapes texts = 8;       ///< a list of scalars
inline constexpr Shapes object = 16;     ///< a map, described by `Key::object`
inline constexpr Shapes objects = 32;    ///< a list of such
inline constexpr Shapes named = 64;      ///< a map from names of the author's to `Key::object`, or to scalars
inline constexpr Shapes named_maps = 128; ///< a map from names to maps from names to scalars
inline constexpr Shapes named_lists = 512; ///< a map from names to lists of scalars
inline constexpr Shapes condition = 256; ///< an expression, or a map of all, any, not (or a list, meaning all)
}  // namespace shape

struct Object;

struct Key {
  std::string_view name;
  Shapes shapes;
  std::string_view description;  ///< one sentence for editors
  const Object* object = nullptr;
  bool required = false;
  std::span<const std::string_view> values = {};  ///< if only these are allowed
};

struct Object {
  std::string_view name;  ///< with article, for messages: "a rule"
  std::span<const Key> keys;
};

extern const Object file_object;
extern const Object slot_object;
extern const Object rule_object;
extern const Object actions_object;  ///< the value of `do`
extern const Object schedule_object;
extern const Object set_attribute_object;
extern const Object reorder_object;
extern const Object condition_object;

}  // namespace personalize::rules::load
