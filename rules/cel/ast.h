// The syntax tree of an expression as the parser makes it: macros are recognized, names are not yet resolved.
#pragma once

#include <cstdint>
#include <deque>
#include <memory_resource>
#include <string>
#include <string_view>
#include <vector>

#include "rules/value.h"

namespace personalize::rules::cel {

/// Macros that bind variables. All but `bind` iterate over `target`.
enum class Macro : std::uint8_t {
  all,
  exists,
  exists_one,
  map,
  filter,
  transform_list,
  transform_map,
  transform_map_entry,
  sort_by,
  optional_map,
  optional_flat_map,
  bind,
};

struct Expr {
  enum class Kind : std::uint8_t {
    literal,      ///< `literal`
    identifier,   ///< `name`; `rooted` if written with a leading dot
    select,       ///< `target`.`name`; `optional` for `.?`
    has,          ///< has(`target`.`name`)
    index,        ///< `target`[`args[0]`]; `optional` for `[?`
    call,         ///< `name`(`args`), or `target`.`name`(`args`); operators are called `_+_` and the like
    logical_and,  ///< all of `args`, two or more
    logical_or,
    conditional,    ///< `args[0]` ? `args[1]` : `args[2]`
    list,           ///< `args`; `optional_entries` for `?element`
    map,            ///< keys and values in turn in `args`; `optional_entries` one per pair
    comprehension,  ///< `macro` over `target` with `variables` and `args`
    block,          ///< cel.block: `args` but the last are bound to `variables`
  };

  Kind kind;
  bool optional = false;
  bool rooted = false;
  Macro macro = Macro::all;
  std::uint32_t begin = 0;  ///< of its text in the source
  std::uint32_t end = 0;
  std::uint32_t place = 0;  ///< where an error about it is shown: the operator, the field's or function's name
  std::uint32_t depth = 1;  ///< of the tree below it
  std::string_view name = {};
  Value literal = {};
  Expr* target = nullptr;
  std::vector<Expr*> args = {};
  std::vector<bool> optional_entries = {};
  std::vector<std::string_view> variables = {};
};

/// Owns the nodes and the text of literals.
struct Ast {
  std::deque<Expr> nodes;
  std::deque<std::string> texts;
  Expr* root = nullptr;
};

}  // namespace personalize::rules::cel
