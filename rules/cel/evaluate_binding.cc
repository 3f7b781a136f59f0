// Evaluates nodes that bind variables: macros over lists and maps, cel.bind, optMap. Builds maps.
#include <algorithm>
#include <bit>
#include <cassert>

#include "rules/cel/functions.h"
#include "rules/cel/map_builder.h"
#include "rules/cel/plan.h"

namespace personalize::rules::cel {
namespace {

constexpr std::size_t few_entries = 16;

// What a macro iterates over: a list (by index) or a map (by key).
class Range {
 public:
  explicit Range(const Value& value) : value_(value) {}
  bool valid() const { return value_.is(Kind::list) || value_.is(Kind::map); }
  std::size_t size() const { return value_.is(Kind::list) ? value_.as_list().size() : value_.as_map().size(); }

  void bind(const Node& node, std::size_t i, Value* variables) const {
    if (value_.is(Kind::list)) {
      if (node.pair) variables[node.slot] = Value::int64(static_cast<std::int64_t>(i));
      variables[node.slot + (node.pair ? 1 : 0)] = value_.as_list()[i];
    } else {
      variables[node.slot] = value_.as_map()[i].key;
      if (node.pair) variables[node.slot + 1] = value_.as_map()[i].value;
    }
  }

 private:
  Value value_;
};

// all, exists: like && and || over the elements.
Value quantify(const Node& node, const Range& range, Frame& frame, bool decisive) {
  const Node& predicate = *node.args[1];
  Value failure;
  for (std::size_t i = 0; i < range.size(); ++i) {
    if (!frame.scope.charge(predicate.weight)) return over_budget();
    range.bind(node, i, frame.variables);
    const Value v = evaluate(predicate, frame);
    if (v.is(Kind::boolean)) {
      if (v.as_bool() == decisive) return v;
    } else if (!failure.is(Kind::error)) {
      failure = v.is(Kind::error) ? v : not_bool();
    }
  }
  return failure.is(Kind::error) ? failure : Value::boolean(!decisive);
}

// The value of a predicate for element i, or an error.
Value test(const Node& node, const Node& predicate, const Range& range, std::size_t i, Frame& frame) {
  if (!frame.scope.charge(predicate.weight)) return over_budget();
  range.bind(node, i, frame.variables);
  const Value v = evaluate(predicate, frame);
  return v.is(Kind::boolean) || v.is(Kind::error) ? v : not_bool();
}

Value exists_one(const Node& node, const Range& range, Frame& frame) {
  std::size_t found = 0;
  for (std::size_t i = 0; i < range.size(); ++i) {
    const Value v = test(node, *node.args[1], range, i, frame);
    if (v.is(Kind::error)) return v;
    found += v.as_bool();
  }
  return Value::boolean(found == 1);
}

Value filter(const Node& node, const Range& range, Frame& frame) {
  if (!frame.scope.charge(range.size())) return over_budget();
  Value* values = frame.scope.allocate<Value>(range.size() + 1);
  std::size_t count = 0;
  for (std::size_t i = 0; i < range.size(); ++i) {
    const Value v = test(node, *node.args[1], range, i, frame);
    if (v.is(Kind::error)) return v;
    if (v.as_bool()) new (&values[count++]) Value(frame.variables[node.slot]);
  }
  return Value::list({values, count});
}

// Calls `take(value)` with the transformed value of every element that passes the filter, until it returns an
// error.
template <typename Take>
Value transform(const Node& node, const Range& range, Frame& frame, Take take) {
  const Node& body = *node.args[node.filtered ? 2 : 1];
  for (std::size_t i = 0; i < range.size(); ++i) {
    if (node.filtered) {
      const Value wanted = test(node, *node.args[1], range, i, frame);
      if (wanted.is(Kind::error)) return wanted;
      if (!wanted.as_bool()) continue;
    } else {
      range.bind(node, i, frame.variables);
    }
    if (!frame.scope.charge(body.weight)) return over_budget();
    const Value v = evaluate(body, frame);
    if (v.is(Kind::error)) return v;
    if (const char* problem = take(v)) return Value::error(problem);
  }
  return Value();
}

Value transform_list(const Node& node, const Range& range, Frame& frame) {
  if (!frame.scope.charge(range.size())) return over_budget();
  Value* values = frame.scope.allocate<Value>(range.size() + 1);
  std::size_t count = 0;
  const Value failure = transform(node, range, frame, [&](const Value& v) -> const char* {
    new (&values[count++]) Value(v);
    return nullptr;
  });
  return failure.is(Kind::error) ? failure : Value::list({values, count});
}

Value transform_map(const Node& node, const Range& range, Frame& frame) {
  if (!frame.scope.charge(range.size())) return over_budget();
  MapBuilder builder(range.size(), frame.scope);
  const Value failure = transform(node, range, frame, [&](const Value& v) -> const char* {
    // The body may have bound variables of its own above ours, never ours.
    return builder.add(frame.variables[node.slot], v);
  });
  return failure.is(Kind::error) ? failure : builder.map();
}

// Every element becomes a map of its own; all of them together are the result.
Value transform_map_entry(const Node& node, const Range& range, Frame& frame) {
  const Value parts = transform_list(node, range, frame);
  if (parts.is(Kind::error)) return parts;
  std::size_t total = 0;
  for (const Value& part : parts.as_list()) {
    if (!part.is(Kind::map)) return no_overload();
    total += part.as_map().size();
  }
  if (!frame.scope.charge(total)) return over_budget();
  MapBuilder builder(total, frame.scope);
  for (const Value& part : parts.as_list()) {
    for (const MapEntry& entry : part.as_map()) {
      if (const char* problem = builder.add(entry.key, entry.value)) return Value::error(problem);
    }
  }
  return builder.map();
}

Value sort(const Node& node, const Value& list, Frame& frame) {
  if (!list.is(Kind::list)) return no_overload();
  const Value keys = transform_list(node, Range(list), frame);
  return keys.is(Kind::error) ? keys : sort_by(list, keys, frame.scope);
}

Value optional_map(const Node& node, const Value& optional, Frame& frame) {
  if (!optional.is(Kind::optional)) return no_overload();
  if (!optional.as_optional()) return optional;
  frame.variables[node.slot] = *optional.as_optional();
  const Value v = evaluate(*node.args[1], frame);
  if (v.is(Kind::error)) return v;
  if (node.op == Op::optional_map) return Value::optional(frame.scope.box(v));
  return v.is(Kind::optional) ? v : no_overload();
}

// Bound values may be errors: they count only where the variable is used.
Value bind_all(const Node& node, Frame& frame) {
  const std::size_t count = node.args.size() - 1;
  for (std::size_t i = 0; i < count; ++i) frame.variables[node.slot + i] = evaluate(*node.args[i], frame);
  return evaluate(*node.args[count], frame);
}

}  // namespace

Value evaluate_binding(const Node& node, Frame& frame) {
  if (node.op == Op::bind || node.op == Op::block) return bind_all(node, frame);
  const Value target = evaluate(*node.args[0], frame);
  if (target.is(Kind::error)) return target;
  if (node.op == Op::optional_map || node.op == Op::optional_flat_map) return optional_map(node, target, frame);
  if (node.op == Op::sort_by) return sort(node, target, frame);
  const Range range(target);
  if (!range.valid()) return no_overload();
  switch (node.op) {
    case Op::all: return quantify(node, range, frame, false);
    case Op::exists: return quantify(node, range, frame, true);
    case Op::exists_one: return exists_one(node, range, frame);
    case Op::filter: return filter(node, range, frame);
    case Op::transform_map: return transform_map(node, range, frame);
    case Op::transform_map_entry: return transform_map_entry(node, range, frame);
    default: return transform_list(node, range, frame);
  }
}

MapBuilder::MapBuilder(std::size_t capacity, Scope& scope)
    : scope_(scope), entries_(scope.allocate<MapEntry>(capacity + 1)) {
  if (capacity <= few_entries) return;
  slot_count_ = std::bit_ceil(capacity * 2);
  slots_ = scope.allocate<std::uint32_t>(slot_count_);
  std::fill_n(slots_, slot_count_, 0);
}

bool MapBuilder::has(const Value& key) {
  if (!slots_) {
    return std::any_of(entries_, entries_ + count_, [&](const MapEntry& e) { return equal(e.key, key, scope_); });
  }
  std::size_t at = hash(key, scope_) & (slot_count_ - 1);
  for (; slots_[at] != 0; at = (at + 1) & (slot_count_ - 1)) {
    if (equal(entries_[slots_[at] - 1].key, key, scope_)) return true;
  }
  slots_[at] = static_cast<std::uint32_t>(count_ + 1);
  return false;
}

const char* MapBuilder::add(const Value& key, const Value& value) {
  if (!is_key(key)) return "a key must be a string, int, uint or bool";
  if (has(key)) return "key is in the map twice";
  assert(!slots_ || count_ < slot_count_);  // or looking a key up would not end
  new (&entries_[count_++]) MapEntry{key, value};
  return nullptr;
}

}  // namespace personalize::rules::cel
