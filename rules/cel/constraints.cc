#include "rules/cel/constraints.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "rules/cel/compare.h"
#include "rules/cel/functions.h"
#include "rules/cel/plan.h"

namespace personalize::rules::cel {
namespace {

bool same(const Value& a, const Value& b) {
  Scope scope{*std::pmr::null_memory_resource(), ~std::uint64_t{0}};
  return equal(a, b, scope);
}

bool among(const Value& value, const std::vector<Value>& values) {
  return std::any_of(values.begin(), values.end(), [&](const Value& other) { return same(value, other); });
}

bool is_plain(const Node& node) { return node.op == Op::constant && is_scalar(node.value); }

Function operation(std::string_view name) { return find_function(name)->function; }

}  // namespace

std::uint32_t Terms::number(std::string key) {
  return numbers_.try_emplace(std::move(key), static_cast<std::uint32_t>(numbers_.size())).first->second;
}

bool Terms::whole(AttributeId attribute) const {
  const Kind kind = schema_[attribute].type.kind;
  return kind == Kind::int64 || kind == Kind::uint64;
}

Constraints::Constraints(const Program& program, Terms& terms) : Constraints(cel::predicates(program), terms) {}

Constraints::Constraints(std::vector<Predicate> predicates, Terms& terms) : predicates_(std::move(predicates)) {
  for (std::uint32_t i = 0; i < predicates_.size(); ++i) add(i, terms);
  std::stable_sort(atoms_.begin(), atoms_.end(), [](const Atom& a, const Atom& b) { return a.term < b.term; });
  std::sort(literals_.begin(), literals_.end(), [](const Literal& a, const Literal& b) { return a.number < b.number; });
}

void Constraints::add(std::uint32_t position, Terms& terms) {
  const Predicate& predicate = predicates_[position];
  const std::string_view key = predicate.key;
  const bool negated = key.starts_with('!');
  literals_.push_back({terms.number(std::string(key.substr(negated ? 1 : 0))), position, negated});
  add_atom(position, terms);
  auto parts = alternatives(predicate);
  if (parts.empty()) return;
  Disjunction disjunction{position, {}};
  for (auto& part : parts) disjunction.parts.push_back(Constraints(std::move(part), terms));
  disjunctions_.push_back(std::move(disjunction));
}

void Constraints::add_atom(std::uint32_t position, Terms& terms) {
  const Predicate& predicate = predicates_[position];
  const auto attribute = [&] { return terms.number("#" + std::to_string(predicate.attribute)); };
  const Relation equality = predicate.negated ? Relation::none_of : Relation::one_of;
  switch (predicate.shape) {
    case Predicate::Shape::equals:
      atoms_.push_back({attribute(), position, equality, false, predicate.constants});
      return;
    case Predicate::Shape::truth:
      atoms_.push_back({attribute(), position, Relation::one_of, false, {Value::boolean(!predicate.negated)}});
      return;
    case Predicate::Shape::known:
      atoms_.push_back({attribute(), position, predicate.negated ? Relation::unknown : Relation::known, false, {}});
      return;
    case Predicate::Shape::contains: atoms_.push_back({attribute(), position, Relation::known, false, {}}); return;
    case Predicate::Shape::other: break;
  }
  if (auto atom = order_atom(predicate, terms)) {
    atom->predicate = position;
    atoms_.push_back(std::move(*atom));
  }
}

/// Of `term < constant` and the like, and of equalities of terms that are not attributes.
std::optional<Constraints::Atom> Constraints::order_atom(const Predicate& predicate, Terms& terms) const {
  static const std::pair<Function, Relation> orders[] = {{operation("_<_"), Relation::less},
                                                         {operation("_<=_"), Relation::less_equal},
                                                         {operation("_>_"), Relation::greater},
                                                         {operation("_>=_"), Relation::greater_equal}};
  const Node& node = *predicate.node;
  const auto term = [&](const Node& of) {
    return of.op == Op::attribute ? terms.number("#" + std::to_string(of.index)) : terms.number(key_of(of));
  };
  if (node.op == Op::in_set && node.args[1]->op == Op::constant && node.args[0]->op != Op::constant) {
    const auto list = node.args[1]->value.as_list();
    return Atom{term(*node.args[0]),
                0,
                predicate.negated ? Relation::none_of : Relation::one_of,
                false,
                {list.begin(), list.end()}};
  }
  if (node.args.size() != 2) return std::nullopt;
  const bool mirrored = is_plain(*node.args[0]);
  const Node& left = *node.args[mirrored ? 1 : 0];
  const Node& right = *node.args[mirrored ? 0 : 1];
  if (left.op == Op::constant || !is_plain(right)) return std::nullopt;
  if (node.op == Op::equal || node.op == Op::not_equal) {
    const bool different = (node.op == Op::not_equal) != predicate.negated;
    return Atom{term(left), 0, different ? Relation::none_of : Relation::one_of, false, {right.value}};
  }
  if (node.op != Op::call) return std::nullopt;
  const auto found =
      std::find_if(std::begin(orders), std::end(orders), [&](const auto& o) { return o.first == node.function; });
  if (found == std::end(orders)) return std::nullopt;
  auto index = static_cast<std::size_t>(found - std::begin(orders));
  if (mirrored) index = (index + 2) % 4;     // 3 < x is x > 3
  if (predicate.negated) index = 3 - index;  // !(x < 3) is x >= 3, and true of NaN
  Atom atom{term(left), 0, orders[index].second, predicate.negated, {right.value}};
  if (left.op == Op::attribute && terms.whole(left.index)) close_bound(atom);
  return atom;
}

/// For whole numbers x > 3 is x >= 4, and x < 3.5 is x <= 3: that shows what lies between two bounds.
void Constraints::close_bound(Atom& atom) {
  constexpr std::int64_t most = std::int64_t{1} << 52;  // up to here doubles are exact
  const bool lower = atom.relation == Relation::greater || atom.relation == Relation::greater_equal;
  const bool open = atom.relation == Relation::greater || atom.relation == Relation::less;
  Value& bound = atom.values[0];
  atom.unordered = false;
  double real;
  if (bound.is(Kind::int64))
    real = static_cast<double>(bound.as_int64());
  else if (bound.is(Kind::uint64))
    real = static_cast<double>(bound.as_uint64());
  else if (bound.is(Kind::real))
    real = bound.as_real();
  else
    return;
  if (!(std::fabs(real) < static_cast<double>(most))) return;
  double whole = lower ? std::ceil(real) : std::floor(real);
  if (open && whole == real) whole += lower ? 1 : -1;
  bound = Value::int64(static_cast<std::int64_t>(whole));
  atom.relation = lower ? Relation::greater_equal : Relation::less_equal;
}

bool Constraints::holds(const Atom& atom, const Value& value) {
  switch (atom.relation) {
    case Relation::one_of: return among(value, atom.values);
    case Relation::none_of: return !among(value, atom.values);
    case Relation::known: return true;
    case Relation::unknown: return false;
    default: break;
  }
  switch (order(value, atom.values[0])) {
    case Order::less: return atom.relation == Relation::less || atom.relation == Relation::less_equal;
    case Order::equal: return atom.relation == Relation::less_equal || atom.relation == Relation::greater_equal;
    case Order::greater: return atom.relation == Relation::greater || atom.relation == Relation::greater_equal;
    case Order::unordered: return atom.unordered;
    case Order::no_overload: return false;
  }
  return false;
}

/// No value makes both true. Both are about the same term.
bool Constraints::contradict(const Atom& a, const Atom& b) {
  if (a.relation == Relation::unknown || b.relation == Relation::unknown) return a.relation != b.relation;
  if (a.relation == Relation::one_of)
    return std::none_of(a.values.begin(), a.values.end(), [&](const Value& value) { return holds(b, value); });
  if (b.relation == Relation::one_of) return contradict(b, a);
  const auto is_upper = [](const Atom& atom) {
    return atom.relation == Relation::less || atom.relation == Relation::less_equal;
  };
  const auto is_lower = [](const Atom& atom) {
    return atom.relation == Relation::greater || atom.relation == Relation::greater_equal;
  };
  if (is_upper(a) && is_lower(b)) return contradict(b, a);
  if (!is_lower(a) || !is_upper(b) || (a.unordered && b.unordered)) return false;
  const Order bounds = order(a.values[0], b.values[0]);
  if (bounds == Order::equal) return a.relation == Relation::greater || b.relation == Relation::less;
  return bounds == Order::greater;
}

/// Whatever makes `given` true makes `wanted` true.
bool Constraints::implies(const Atom& given, const Atom& wanted) {
  if (given.relation == Relation::unknown || wanted.relation == Relation::unknown)
    return given.relation == wanted.relation;
  if (wanted.relation == Relation::known) return true;
  if (given.relation == Relation::one_of)
    return std::all_of(given.values.begin(), given.values.end(),
                       [&](const Value& value) { return holds(wanted, value); });
  if (given.relation == Relation::known || wanted.relation == Relation::one_of) return false;
  if (wanted.relation == Relation::none_of)
    return std::none_of(wanted.values.begin(), wanted.values.end(),
                        [&](const Value& value) { return holds(given, value); });
  if (given.relation == Relation::none_of || (given.unordered && !wanted.unordered)) return false;
  // Two orders: in the same direction, and the given bound within the wanted one.
  const bool upper = given.relation == Relation::less || given.relation == Relation::less_equal;
  if (upper != (wanted.relation == Relation::less || wanted.relation == Relation::less_equal)) return false;
  const Order bounds = order(given.values[0], wanted.values[0]);
  if (bounds == Order::equal)
    return given.relation == wanted.relation || given.relation == Relation::less || given.relation == Relation::greater;
  return bounds == (upper ? Order::less : Order::greater);
}

std::optional<Constraints::Conflict> Constraints::literal_conflict(const Constraints& other) const {
  auto theirs = other.literals_.begin();
  for (const Literal& mine : literals_) {
    while (theirs != other.literals_.end() && theirs->number < mine.number) ++theirs;
    for (auto same = theirs; same != other.literals_.end() && same->number == mine.number; ++same)
      if (same->negated != mine.negated)
        return Conflict{&predicates_[mine.predicate], &other.predicates_[same->predicate]};
  }
  return std::nullopt;
}

/// Between a predicate of this one and one of `other`, which may be this one itself.
std::optional<Constraints::Conflict> Constraints::conflict_with(const Constraints& other) const {
  auto theirs = other.atoms_.begin();
  for (const Atom& mine : atoms_) {
    if (mine.relation == Relation::one_of && mine.values.empty())
      return Conflict{&predicates_[mine.predicate], nullptr};
    while (theirs != other.atoms_.end() && theirs->term < mine.term) ++theirs;
    for (auto atom = theirs; atom != other.atoms_.end() && atom->term == mine.term; ++atom)
      if (contradict(mine, *atom)) return Conflict{&predicates_[mine.predicate], &other.predicates_[atom->predicate]};
  }
  if (auto conflict = literal_conflict(other)) return conflict;
  for (const Disjunction& disjunction : other.disjunctions_) {
    const bool dead = std::all_of(disjunction.parts.begin(), disjunction.parts.end(), [&](const Constraints& part) {
      return part.conflict_with(part) || conflict_with(part);
    });
    if (dead) return Conflict{&other.predicates_[disjunction.predicate], nullptr};
  }
  return std::nullopt;
}

std::optional<Constraints::Conflict> Constraints::conflict() const { return conflict_with(*this); }

std::vector<Constraints::Conflict> Constraints::dead_alternatives() const {
  std::vector<Conflict> dead;
  for (const Disjunction& disjunction : disjunctions_) {
    for (const Constraints& part : disjunction.parts) {
      auto conflict = part.conflict();
      if (!conflict) conflict = conflict_with(part);
      if (conflict) dead.push_back(*conflict);
      for (const Conflict& deeper : part.dead_alternatives()) dead.push_back(deeper);
    }
  }
  return dead;
}

bool Constraints::implies_atom(const Atom& wanted) const {
  const auto first = std::lower_bound(atoms_.begin(), atoms_.end(), wanted.term,
                                      [](const Atom& atom, std::uint32_t term) { return atom.term < term; });
  return std::any_of(first,
                     std::find_if(first, atoms_.end(), [&](const Atom& atom) { return atom.term != wanted.term; }),
                     [&](const Atom& given) { return implies(given, wanted); });
}

/// This condition makes the predicate of the other one true.
bool Constraints::implies_predicate(const Constraints& other, std::uint32_t position) const {
  for (const Literal& wanted : other.literals_) {
    if (wanted.predicate != position) continue;
    for (const Literal& given : literals_)
      if (given.number == wanted.number && given.negated == wanted.negated) return true;
  }
  // A list with an element is known, but being known does not say what is in it.
  if (other.predicates_[position].shape != Predicate::Shape::contains)
    for (const Atom& wanted : other.atoms_)
      if (wanted.predicate == position && implies_atom(wanted)) return true;
  for (const Disjunction& disjunction : other.disjunctions_)
    if (disjunction.predicate == position && std::any_of(disjunction.parts.begin(), disjunction.parts.end(),
                                                         [&](const Constraints& part) { return implies(part); }))
      return true;
  return false;
}

bool Constraints::implies(const Constraints& other) const {
  for (std::uint32_t i = 0; i < other.predicates_.size(); ++i)
    if (!implies_predicate(other, i)) return false;
  return true;
}

bool Constraints::excludes(const Constraints& other) const {
  return conflict_with(other) || other.conflict_with(*this);
}

}  // namespace personalize::rules::cel
