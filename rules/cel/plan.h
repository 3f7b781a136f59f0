// The executable form of an expression: a tree of nodes whose names are resolved and whose constants are
// folded.
#pragma once

#include <re2/re2.h>

#include <memory>
#include <memory_resource>
#include <span>
#include <string>
#include <vector>

#include "rules/cel/compare.h"
#include "rules/cel/program.h"
#include "rules/cel/scope.h"
#include "rules/key_use.h"

namespace personalize::rules::cel {

enum class Op : std::uint8_t {
  constant,            ///< `value`, which may be an error
  attribute,           ///< number `index`; `value` is the error if it is missing, and names it
  has_attribute,       ///< is it known
  optional_attribute,  ///< as an optional
  variable,            ///< `slot`
  segment,             ///< `segment`, number `index` in SegmentValues
  logical_and,         ///< of all `args`
  logical_or,
  logical_not,
  conditional,
  equal,
  not_equal,
  call,                ///< `function`
  attribute_function,  ///< `attribute_function` of `args`, of which the last are attributes
  in_set,              ///< `args[0]` in `set`
  matches,             ///< `args[0]` matches `regex`
  select,              ///< field `value` of `args[0]`
  optional_select,
  has_field,
  index,  ///< `args[0]`[`args[1]`]
  optional_index,
  list,         ///< of `args`; those with `optional_entries` are left out if empty
  map,          ///< keys and values in turn
  optional_or,  ///< `args[0]`.or(`args[1]`)
  optional_or_value,
  // From here on nodes bind variables, from `slot` on.
  all,
  exists,
  exists_one,
  filter,
  transform_list,  ///< also `map`; `filtered` if `args[1]` is a filter
  transform_map,
  transform_map_entry,
  sort_by,
  optional_map,
  optional_flat_map,
  bind,   ///< `args[0]` to the variable, value of `args[1]`
  block,  ///< all `args` but the last to variables
};

struct Node {
  Op op = Op::constant;
  bool pair = false;  ///< two variables: key and value
  bool filtered = false;
  std::uint16_t slot = 0;
  std::uint32_t begin = 0;  ///< its text in the source
  std::uint32_t end = 0;
  std::uint32_t index = 0;
  std::uint32_t weight = 1;  ///< nodes in this tree, itself included
  std::span<const Node* const> args = {};
  Value value = {};
  Function function = nullptr;
  union {
    const void* none = nullptr;
    const ValueSet* set;
    const RE2* regex;
    const Program* segment;
    const bool* optional_entries;
    Value (*attribute_function)(std::span<const Value> arguments);
  };
};

inline constexpr std::uint64_t attribute_function_cost = 20;

/// Message of the error for an unknown attribute, up to the attribute's name.
inline constexpr std::string_view missing_prefix = "missing attribute ";

/// Variables that may be visible at one place.
inline constexpr std::size_t max_variables = 64;

/// One evaluation under way.
struct Frame {
  const Context* context;  ///< null while constants are folded: there are no attributes then
  Scope& scope;
  SegmentValues segments;
  Value* variables;
};

/// Value of a node; errors as values.
Value evaluate(const Node& node, Frame& frame);

/// Nodes that iterate or bind variables; called by `evaluate`.
Value evaluate_binding(const Node& node, Frame& frame);

struct Program::Impl {
  std::string source;
  std::pmr::monotonic_buffer_resource memory;  // nodes, constants, texts
  std::vector<std::unique_ptr<const RE2>> regexes;
  std::vector<std::shared_ptr<const Program>> segments;
  std::vector<AttributeId> attributes;
  std::vector<KeyUse> keys;  // of attributes that are maps, but not those in segments
  const Node* root = nullptr;
  std::string type;
  std::uint64_t cost = 0;
  std::uint32_t depth = 0;
  std::uint32_t variables = 0;  // most visible at one place
};

/// Value of a whole program, within a budget that it shares with its caller.
Value run(const Program::Impl& program, const Context& context, Scope& scope, SegmentValues segments);

}  // namespace personalize::rules::cel
