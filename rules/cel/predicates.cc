#include "rules/cel/predicates.h"

#include <algorithm>
#include <bit>
#include <optional>

#include "rules/cel/compare.h"
#include "rules/cel/functions.h"
#include "rules/cel/plan.h"

namespace personalize::rules::cel {
namespace {

constexpr std::size_t no_limit = max_source_bytes * 4;

// Text of a node in which all names are resolved: the same for nodes that have the same value for every
// request.
void write_key(const Node& node, std::string& key) {
  if (node.op == Op::segment) return write_key(*node.segment->impl().root, key);
  key += '(';
  key += std::to_string(static_cast<int>(node.op));
  switch (node.op) {
    case Op::constant: key += ' ' + to_source(node.value, no_limit); break;
    case Op::attribute:
    case Op::has_attribute:
    case Op::optional_attribute: key += '#' + std::to_string(node.index); break;
    case Op::variable: key += '$' + std::to_string(node.slot); break;
    case Op::select:
    case Op::optional_select:
    case Op::has_field: key += ' ' + to_source(node.value, no_limit); break;
    case Op::call: key += '@' + std::to_string(reinterpret_cast<std::uintptr_t>(node.function)); break;
    case Op::attribute_function:
      key += '@' + std::to_string(reinterpret_cast<std::uintptr_t>(node.attribute_function));
      break;
    default: key += '$' + std::to_string(node.slot) + (node.pair ? 'p' : ' ') + (node.filtered ? 'f' : ' ');
  }
  if ((node.op == Op::list || node.op == Op::map) && node.optional_entries) {
    const std::size_t entries = node.op == Op::map ? node.args.size() / 2 : node.args.size();
    for (std::size_t i = 0; i < entries; ++i) key += node.optional_entries[i] ? '?' : '.';
  }
  for (const Node* arg : node.args) write_key(*arg, key);
  key += ')';
}

struct Comparison {
  AttributeId attribute;
  std::vector<Value> constants;
};

// `attribute == constant`, `attribute in [constants]`, or several of them on the same attribute joined by ||.
std::optional<Comparison> comparison(const Node& node) {
  if (node.op == Op::segment) return comparison(*node.segment->impl().root);
  if (node.op == Op::equal) {
    const Node* left = node.args[0];
    const Node* right = node.args[1];
    if (left->op == Op::constant) std::swap(left, right);
    if (left->op != Op::attribute || right->op != Op::constant || !is_scalar(right->value)) return std::nullopt;
    return Comparison{left->index, {right->value}};
  }
  if (node.op == Op::in_set && node.args[0]->op == Op::attribute) {
    const auto list = node.args[1]->value.as_list();
    if (!std::all_of(list.begin(), list.end(), is_scalar)) return std::nullopt;
    return Comparison{node.args[0]->index, {list.begin(), list.end()}};
  }
  if (node.op != Op::logical_or) return std::nullopt;
  std::optional<Comparison> all;
  for (const Node* arg : node.args) {
    auto one = comparison(*arg);
    if (!one || (all && all->attribute != one->attribute)) return std::nullopt;
    if (!all)
      all = std::move(one);
    else
      all->constants.insert(all->constants.end(), one->constants.begin(), one->constants.end());
  }
  return all;
}

class Splitter {
 public:
  std::vector<Predicate> found;

  /// `source` is the text that contains the node.
  void split(const Node& node, bool negated, std::uint32_t variables, std::string_view source) {
    switch (node.op) {
      case Op::segment: {
        const Program::Impl& segment = node.segment->impl();
        return split(*segment.root, negated, segment.variables, segment.source);
      }
      case Op::logical_not: return split(*node.args[0], !negated, variables, source);
      case Op::logical_and:
      case Op::logical_or:  // !(a || b) is !a && !b
        if ((node.op == Op::logical_and) == negated) break;
        for (const Node* arg : node.args) split(*arg, negated, variables, source);
        return;
      case Op::constant:
        if (node.value.is(Kind::boolean) && node.value.as_bool() != negated) return;
        break;
      default: break;
    }
    add(node, negated, variables, source);
  }

 private:
  void add(const Node& node, bool negated, std::uint32_t variables, std::string_view source) {
    Predicate predicate;
    predicate.node = &node;
    predicate.source = source;
    predicate.text = source.substr(node.begin, node.end - node.begin);
    predicate.negated = negated;
    predicate.variables = variables;
    shape(node, predicate);
    predicate.key = predicate.negated ? "!" : "";
    if (predicate.shape == Predicate::Shape::equals)
      write_constants(predicate);
    else
      write_key(node, predicate.key);
    const bool known =
        std::any_of(found.begin(), found.end(), [&](const Predicate& p) { return p.key == predicate.key; });
    if (!known) found.push_back(std::move(predicate));
  }

  static void shape(const Node& node, Predicate& predicate) {
    using Shape = Predicate::Shape;
    if (node.op == Op::attribute || node.op == Op::has_attribute) {
      predicate.shape = node.op == Op::attribute ? Shape::truth : Shape::known;
      predicate.attribute = node.index;
      return;
    }
    if (node.op == Op::not_equal) {
      Node equal = node;
      equal.op = Op::equal;
      if (auto found = comparison(equal)) {
        set(predicate, std::move(*found));
        predicate.negated = !predicate.negated;
        predicate.inverted = true;
      }
      return;
    }
    if (auto found = comparison(node)) return set(predicate, std::move(*found));
    static const Function in = find_function("@in")->function;
    if (node.op == Op::call && node.function == in && node.args[0]->op == Op::constant &&
        node.args[1]->op == Op::attribute && is_scalar(node.args[0]->value)) {
      predicate.shape = Shape::contains;
      predicate.attribute = node.args[1]->index;
      predicate.constants = {node.args[0]->value};
    }
  }

  static void set(Predicate& predicate, Comparison comparison) {
    predicate.shape = Predicate::Shape::equals;
    predicate.attribute = comparison.attribute;
    predicate.constants = std::move(comparison.constants);
  }

  // Constants in canonical order, so that `x in ["a", "b"]` and `x == "b" || x == "a"` are the same.
  static void write_constants(Predicate& predicate) {
    std::vector<std::string> texts;
    for (const Value& v : predicate.constants) texts.push_back(to_source(v, no_limit));
    std::sort(texts.begin(), texts.end());
    texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
    predicate.key += "=#" + std::to_string(predicate.attribute);
    for (const std::string& text : texts) predicate.key += ' ' + text;
  }
};

[[gnu::noinline]] Value evaluate_with_variables(const Node& node, const Context& context, Scope& scope,
                                                SegmentValues segments) {
  Value variables[max_variables];
  Frame frame{&context, scope, segments, variables};
  return evaluate(node, frame);
}

Scope unbounded(Arena& arena) { return Scope{arena, ~std::uint64_t{0}}; }

}  // namespace

bool Predicate::holds(const Context& context, Arena& arena, SegmentValues segments) const {
  Scope scope{arena, max_cost};
  Value value;
  if (variables > 0) {
    value = evaluate_with_variables(*node, context, scope, segments);
  } else {
    Frame frame{&context, scope, segments, nullptr};
    value = evaluate(*node, frame);
  }
  // `negated` says how the shape relates to the truth, which is the node's unless that is written with !=.
  return !scope.exhausted && value.is(Kind::boolean) && value.as_bool() != (negated != inverted);
}

std::vector<Predicate> predicates(const Program& program) {
  Splitter splitter;
  const Program::Impl& impl = program.impl();
  splitter.split(*impl.root, false, impl.variables, impl.source);
  return std::move(splitter.found);
}

std::vector<std::vector<Predicate>> alternatives(const Predicate& predicate) {
  const Op wanted = predicate.negated ? Op::logical_and : Op::logical_or;
  if (predicate.shape != Predicate::Shape::other || predicate.node->op != wanted) return {};
  std::vector<std::vector<Predicate>> parts;
  for (const Node* arg : predicate.node->args) {
    Splitter splitter;
    splitter.split(*arg, predicate.negated, predicate.variables, predicate.source);
    parts.push_back(std::move(splitter.found));
  }
  return parts;
}

std::string key_of(const Node& node) {
  std::string key;
  write_key(node, key);
  return key;
}

void ValueIndex::add(const Value& value, std::uint32_t number) {
  Scope scope = unbounded(*std::pmr::null_memory_resource());
  entries_.push_back({hash(value, scope), value, number});
}

void ValueIndex::build() {
  Scope scope = unbounded(*std::pmr::null_memory_resource());
  slots_.assign(std::bit_ceil(entries_.size() * 2 + 1), Slot{});
  const auto slot_of = [&](const Entry& entry) -> Slot& {
    std::size_t at = entry.hash & (slots_.size() - 1);
    while (slots_[at].count && !(slots_[at].hash == entry.hash && equal(slots_[at].value, entry.value, scope))) {
      at = (at + 1) & (slots_.size() - 1);
    }
    return slots_[at];
  };
  for (const Entry& entry : entries_) {
    Slot& slot = slot_of(entry);
    slot.hash = entry.hash;
    slot.value = entry.value;
    ++slot.count;
  }
  std::uint32_t first = 0;
  for (Slot& slot : slots_) {
    slot.first = first;
    first += slot.count;
  }
  numbers_.resize(first);
  std::vector<std::uint32_t> filled(slots_.size());
  for (const Entry& entry : entries_) {
    const Slot& slot = slot_of(entry);
    numbers_[slot.first + filled[static_cast<std::size_t>(&slot - slots_.data())]++] = entry.number;
  }
}

std::span<const std::uint32_t> ValueIndex::find(const Value& value) const {
  if (slots_.empty()) return {};
  Scope scope = unbounded(*std::pmr::null_memory_resource());
  const std::uint64_t wanted = hash(value, scope);
  for (std::size_t at = wanted & (slots_.size() - 1); slots_[at].count; at = (at + 1) & (slots_.size() - 1)) {
    const Slot& slot = slots_[at];
    if (slot.hash == wanted && equal(slot.value, value, scope)) return {&numbers_[slot.first], slot.count};
  }
  return {};
}

}  // namespace personalize::rules::cel
