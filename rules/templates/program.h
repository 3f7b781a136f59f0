// The compiled form of a template.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rules/key_use.h"
#include "rules/schema.h"
#include "rules/templates/escape.h"
#include "rules/templates/filters.h"
#include "rules/templates/template.h"

namespace personalize::rules::templates {

/// A name as it is looked up: first in the sections around it, from the inside out, then in the root.
struct Name {
  std::vector<std::string> parts;        ///< empty: `.`
  std::optional<AttributeId> attribute;  ///< in the root: this attribute …
  std::size_t attribute_parts = 0;       ///< … which is that many of the parts; the others are keys in it
  bool only_root = false;                ///< no section around it can have the name
};

struct Operation {
  enum class Kind : std::uint8_t {
    text,        ///< `first`, `second`: offset and size in `Program::text`
    value,       ///< `first`: name; `second`: number of its chain of filters, from 1, or 0
    section,     ///< `first`: name; `second`: position after its last operation
    inverted,    ///< the same
    partial,     ///< `first`: routine; `second`: number of its indentation
    line_start,  ///< the indentation of the partials around it
  };
  Kind kind;
  Escape escape = Escape::none;
  bool counts = false;  ///< parsers depend on the value: `type` of an input
  bool shown = false;   ///< the value is text that people read, and no attribute or address
  std::uint32_t first = 0;
  std::uint32_t second = 0;
};

/// The template (the first one) or a partial as compiled for one place.
struct Routine {
  std::vector<Operation> operations;
};

struct Program {
  Target target = Target::html;
  std::string text;   ///< all static text
  bool ascii = true;  ///< … is
  std::vector<Name> names;
  std::vector<Routine> routines;
  std::vector<std::string> indentations;
  std::vector<std::vector<std::unique_ptr<const Filter>>> chains;  ///< of filters
  std::optional<AttributeId> locale, language, zone;               ///< for the visitor, if a filter needs them
  bool writes_times = false;                                       ///< values may be times that no filter writes
  std::vector<AttributeId> attributes;
  std::vector<KeyUse> keys;   ///< of those that are maps
  bool check_result = false;  ///< values or sections may break the HTML's structure
};

}  // namespace personalize::rules::templates
