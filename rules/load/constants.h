// Constants in rule files, for plugins.
#pragma once

#include <cstddef>

#include "rules/load/fields.h"
#include "rules/value.h"
#include "rules/yaml/document.h"

namespace personalize::rules::load {

inline constexpr std::size_t max_constant_depth = 8;      ///< lists and maps in each other
inline constexpr std::size_t max_constant_values = 1000;  ///< in one map

/// A map of constants in `arena`: text, bool, int (64 bits), double, lists and maps of them, as YAML writes them: what
/// is in quotes is text. Names that are there twice, nothing where a value should be, and what is too large or too deep
/// are reported.
Value read_constants(const yaml::Document& document, const yaml::Node& map, Arena& arena, Reports& reports);

}  // namespace personalize::rules::load
