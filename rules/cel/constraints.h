// What conditions say about each other: whether one can be true at all, whether one follows from another, whether two
// exclude each other. For lints: a yes is certain, but much that is true goes undetected.
//
// A condition is treated as its predicates (predicates.h). Those that compare the same term (an attribute, or any other
// expression) with constants are compared by value, the others word for word.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "rules/cel/predicates.h"

namespace personalize::rules::cel {

/// Numbers terms and predicates so that they compare quickly. Shared by all constraints that are compared.
class Terms {
 public:
  /// `schema` outlives it.
  explicit Terms(const Schema& schema) : schema_(schema) {}
  std::uint32_t number(std::string key);
  /// Whether values of that attribute are whole numbers.
  bool whole(AttributeId attribute) const;

 private:
  const Schema& schema_;
  std::unordered_map<std::string, std::uint32_t> numbers_;
};

class Constraints {
 public:
  /// Of no condition: always true.
  Constraints() = default;
  /// `program` outlives them.
  Constraints(const Program& program, Terms& terms);

  /// Two predicates that cannot hold together; `second` is null if `first` alone cannot hold.
  struct Conflict {
    const Predicate* first;
    const Predicate* second;
  };
  /// Why the condition is never true.
  std::optional<Conflict> conflict() const;
  /// Parts of disjunctions that are never true where the rest of the condition is.
  std::vector<Conflict> dead_alternatives() const;

  /// Whenever this condition is true, the other one is.
  bool implies(const Constraints& other) const;
  /// The two are never true together.
  bool excludes(const Constraints& other) const;

  bool always() const { return predicates_.empty(); }
  const std::vector<Predicate>& predicates() const { return predicates_; }

 private:
  enum class Relation : std::uint8_t { one_of, none_of, less, less_equal, greater, greater_equal, known, unknown };

  /// What one predicate says about one term.
  struct Atom {
    std::uint32_t term;
    std::uint32_t predicate;
    Relation relation;
    bool unordered = false;     ///< also true of NaN, which is neither less nor greater
    std::vector<Value> values;  ///< of `one_of` and `none_of`; one for orders
  };
  /// A predicate by number, or its opposite.
  struct Literal {
    std::uint32_t number;
    std::uint32_t predicate;
    bool negated;
  };

  Constraints(std::vector<Predicate> predicates, Terms& terms);
  void add(std::uint32_t position, Terms& terms);
  void add_atom(std::uint32_t position, Terms& terms);
  static void close_bound(Atom& atom);
  std::optional<Atom> order_atom(const Predicate& predicate, Terms& terms) const;
  std::optional<Conflict> conflict_with(const Constraints& other) const;
  std::optional<Conflict> literal_conflict(const Constraints& other) const;
  bool implies_predicate(const Constraints& other, std::uint32_t position) const;
  bool implies_atom(const Atom& wanted) const;

  static bool holds(const Atom& atom, const Value& value);
  static bool contradict(const Atom& a, const Atom& b);
  static bool implies(const Atom& given, const Atom& wanted);

  std::vector<Predicate> predicates_;
  std::vector<Atom> atoms_;        // by term
  std::vector<Literal> literals_;  // by number
  struct Disjunction {
    std::uint32_t predicate;
    std::vector<Constraints> parts;
  };
  std::vector<Disjunction> disjunctions_;
};

}  // namespace personalize::rules::cel
