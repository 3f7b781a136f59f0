// What a condition is made of: the predicates that must all hold for it to be true. Conditions of many rules
// have most of them in common, and those that compare an attribute with constants can be looked up instead of
// evaluated.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "rules/cel/program.h"

namespace personalize::rules::cel {

struct Node;

struct Predicate {
  enum class Shape : std::uint8_t {
    equals,    ///< the attribute's value is one of `constants`
    contains,  ///< the attribute is a list with (or a map with the key) `constants[0]`
    truth,     ///< the attribute is true
    known,     ///< the attribute is known
    other,     ///< only `holds` can tell
  };
  Shape shape = Shape::other;
  /// The opposite; for an unknown attribute, neither holds (but `known` does).
  bool negated = false;
  AttributeId attribute = 0;     ///< not of `other`
  std::vector<Value> constants;  ///< memory of the program
  /// Predicates with the same key, from any programs of one schema, hold for the same requests.
  std::string key;
  /// As written in the source of the program (or segment) that it is part of.
  std::string_view text = {};

  /// Whether it holds; false if it cannot be evaluated. The program must still exist.
  bool holds(const Context& context, Arena& arena, SegmentValues segments = {}) const;

  const Node* node = nullptr;    ///< what `holds` evaluates …
  bool inverted = false;         ///< … written with `!=`
  std::string_view source = {};  ///< contains `text`
  std::uint32_t variables = 0;
};

/// The condition is true exactly if all of these hold. Segments are looked through. None if it is always
/// true.
std::vector<Predicate> predicates(const Program& program);
/// If the predicate is a disjunction (`a || b`, `!(a && b)`), the predicates of each part: it holds exactly if all of
/// some part hold.
std::vector<std::vector<Predicate>> alternatives(const Predicate& predicate);
/// The same text for expressions of one schema that have the same value for every request.
std::string key_of(const Node& node);

/// From values to numbers (of predicates, of rules): which of them have a constant equal to a value. Numbers
/// compare by value whatever their types. Filled at load, then immutable.
class ValueIndex {
 public:
  /// `value`'s memory outlives the index.
  void add(const Value& value, std::uint32_t number);
  /// Once, after the last `add`.
  void build();
  /// Numbers that were added with an equal value, in the order in which they were added.
  std::span<const std::uint32_t> find(const Value& value) const;
  bool empty() const { return entries_.empty(); }

 private:
  struct Entry {
    std::uint64_t hash;
    Value value;
    std::uint32_t number;
  };
  struct Slot {
    std::uint32_t first = 0;  // in numbers_
    std::uint32_t count = 0;  // 0: free
    std::uint64_t hash = 0;
    Value value;
  };
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> numbers_;
  std::vector<Slot> slots_;  // a power of two, at least half of them free
};

}  // namespace personalize::rules::cel
