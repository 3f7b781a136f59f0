// What a rule file may contain: one table per kind of object, from which the loader checks files and the JSON Schema
// for editors is generated (`personalize schema`).
#pragma once

#include <cstddef>
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
inline constexpr Shapes objects = 32;    ///< a list of such, or of what else the key allows
inline constexpr Shapes condition = 64;  ///< an expression, or a map of all, any, not (or a list, meaning all)
inline constexpr Shapes named = 128;     ///< a map from names of the author's to `Key::entries`
inline constexpr Shapes groups = 256;    ///< a map from names to maps from names to `Key::entries`
inline constexpr Shapes number = 512;    ///< a number, 53.35
}  // namespace shape

struct Object;

/// The syntax of a string, as far as a JSON Schema can express it; the loader checks the rest.
struct Format {
  std::string_view pattern = {};                  ///< regular expression (ECMA 262); empty: anything
  std::span<const std::string_view> values = {};  ///< if only these are allowed
  std::span<const std::string_view> examples = {};
};

struct Key {
  std::string_view name;
  Shapes shapes;
  std::string_view description;  ///< one sentence for editors
  const Object* object = nullptr;
  bool required = false;
  const Format* format = nullptr;  ///< of texts
  Shapes entries = 0;              ///< what values of `named` and `groups` look like; 0: anything
  double most = 0;                 ///< of numbers, which may be as far below zero
  bool identifiers = false;        ///< the names in `named` and `groups` are CEL identifiers
};

struct Object {
  std::string_view name;  ///< with article, for messages: "a rule"
  std::span<const Key> keys;
  bool some = false;        ///< an empty one, or an empty list of them, is a mistake
  bool extensions = false;  ///< keys that begin with `extension_prefix` mean nothing: they are places for anchors
};

/// Names of slots, rules and all else that authors name; identifiers are names used in expressions.
inline constexpr std::size_t max_name_size = 64;
inline constexpr std::string_view name_pattern = "^[A-Za-z0-9_.-]+$";
inline constexpr std::string_view identifier_pattern = "^[A-Za-z_][A-Za-z0-9_]*$";

inline constexpr std::string_view extension_prefix = "x-";

/// Degrees of a place.
inline constexpr double max_latitude = 90;
inline constexpr double max_longitude = 180;

extern const Object file_object;
extern const Object slot_object;
extern const Object store_object;
extern const Object rule_object;
extern const Object content_object;  ///< what a rule says of the plugin that it has its content from
extern const Object actions_object;  ///< the value of `do`
extern const Object schedule_object;
extern const Object set_attribute_object;
extern const Object reorder_object;
extern const Object condition_object;

extern const Format attribute_type_format;

}  // namespace personalize::rules::load
