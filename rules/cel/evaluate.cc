// Evaluates nodes that bind no variables.
#include <cmath>

#include "rules/cel/map_builder.h"
#include "rules/cel/plan.h"

namespace personalize::rules::cel {
namespace {

Value no_key() { return Value::error(no_such_key); }
Value no_field() { return Value::error("no such field"); }

// The rule is symmetrical: an operand that decides wins over one that failed, in any position.
Value evaluate_logical(const Node& node, Frame& frame, bool decisive) {
  Value failure;
  for (const Node* arg : node.args) {
    const Value v = evaluate(*arg, frame);
    if (v.is(Kind::boolean)) {
      if (v.as_bool() == decisive) return v;
    } else if (!failure.is(Kind::error) || failure.is_missing_attribute()) {
      failure = v.is(Kind::error) ? v : not_bool();
    }
  }
  return failure.is(Kind::error) ? failure : Value::boolean(!decisive);
}

template <typename Call>
Value evaluate_call(const Node& node, Frame& frame, Call call) {
  constexpr std::size_t few = 4;
  Value local[few];
  const std::size_t count = node.args.size();
  Value* values = count <= few ? local : frame.scope.allocate<Value>(count);
  for (std::size_t i = 0; i < count; ++i) {
    const Value v = evaluate(*node.args[i], frame);
    if (v.is(Kind::error)) return v;
    if (count > few)
      new (&values[i]) Value(v);
    else
      values[i] = v;
  }
  return call(std::span<const Value>(values, count));
}

Value evaluate_attribute_function(const Node& node, Frame& frame) {
  if (!frame.scope.charge(attribute_function_cost)) return over_budget();
  return evaluate_call(node, frame, node.attribute_function);
}

Value select(const Value& from, const Value& key, Scope& scope);

// A field or element of an optional's value, as an optional.
template <typename Get>
Value through_optional(const Value& from, Scope& scope, Get get) {
  if (!from.as_optional()) return from;
  return get(*from.as_optional(), scope);
}

// Field of a map as an optional; an error if it is not a map.
Value optional_field(const Value& from, const Value& key, Scope& scope) {
  if (from.is(Kind::optional)) {
    return through_optional(from, scope, [&](const Value& v, Scope& s) { return optional_field(v, key, s); });
  }
  if (!from.is(Kind::map)) return no_field();
  const Value* found = find(from.as_map(), key, scope);
  return Value::optional(found ? scope.box(*found) : nullptr);
}

Value select(const Value& from, const Value& key, Scope& scope) {
  if (from.is(Kind::map)) {
    const Value* found = find(from.as_map(), key, scope);
    return found ? *found : no_key();
  }
  return from.is(Kind::optional) ? optional_field(from, key, scope) : no_field();
}

Value has_field(const Value& from, const Value& key, Scope& scope) {
  if (from.is_missing_attribute()) return Value::boolean(false);
  if (from.is(Kind::error)) return from;
  const Value found = optional_field(from, key, scope);
  return found.is(Kind::optional) ? Value::boolean(found.as_optional() != nullptr) : found;
}

// A list index from any whole number; false if it is not one.
bool list_index(const Value& key, std::uint64_t& index) {
  switch (key.kind()) {
    case Kind::int64: index = static_cast<std::uint64_t>(key.as_int64()); return key.as_int64() >= 0;
    case Kind::uint64: index = key.as_uint64(); return true;
    case Kind::real:
      if (!(key.as_real() >= 0 && key.as_real() < 4294967296.0) || key.as_real() != std::trunc(key.as_real()))
        return false;
      index = static_cast<std::uint64_t>(key.as_real());
      return true;
    default: return false;
  }
}

Value optional_element(const Value& from, const Value& key, Scope& scope) {
  if (from.is(Kind::optional)) {
    return through_optional(from, scope, [&](const Value& v, Scope& s) { return optional_element(v, key, s); });
  }
  if (from.is(Kind::list)) {
    std::uint64_t index = 0;
    if (!list_index(key, index)) return is_number(key) ? Value::optional(nullptr) : no_overload();
    const auto list = from.as_list();
    return Value::optional(index < list.size() ? &list[index] : nullptr);
  }
  return from.is(Kind::map) ? optional_field(from, key, scope) : no_overload();
}

Value element(const Value& from, const Value& key, Scope& scope) {
  if (from.is(Kind::list)) {
    std::uint64_t index = 0;
    if (!list_index(key, index)) return is_number(key) ? Value::error(no_such_index) : no_overload();
    return index < from.as_list().size() ? from.as_list()[index] : Value::error(no_such_index);
  }
  if (from.is(Kind::map)) {
    const Value* found = find(from.as_map(), key, scope);
    return found ? *found : no_key();
  }
  return from.is(Kind::optional) ? optional_element(from, key, scope) : no_overload();
}

Value evaluate_index(const Node& node, Frame& frame) {
  const Value from = evaluate(*node.args[0], frame);
  const bool optional = node.op == Op::optional_index;
  if (from.is(Kind::error)) return optional && from.is_missing_attribute() ? Value::optional(nullptr) : from;
  const Value key = evaluate(*node.args[1], frame);
  if (key.is(Kind::error)) return key;
  return optional ? optional_element(from, key, frame.scope) : element(from, key, frame.scope);
}

Value evaluate_list(const Node& node, Frame& frame) {
  if (!frame.scope.charge(node.args.size())) return over_budget();
  Value* values = frame.scope.allocate<Value>(node.args.size() + 1);
  std::size_t count = 0;
  for (std::size_t i = 0; i < node.args.size(); ++i) {
    Value v = evaluate(*node.args[i], frame);
    if (v.is(Kind::error)) return v;
    if (node.optional_entries && node.optional_entries[i]) {
      if (!v.is(Kind::optional)) return Value::error("not an optional after ?");
      if (!v.as_optional()) continue;
      v = *v.as_optional();
    }
    new (&values[count++]) Value(v);
  }
  return Value::list({values, count});
}

Value evaluate_map(const Node& node, Frame& frame) {
  const std::size_t count = node.args.size() / 2;
  if (!frame.scope.charge(count)) return over_budget();
  MapBuilder builder(count, frame.scope);
  for (std::size_t i = 0; i < count; ++i) {
    const Value key = evaluate(*node.args[2 * i], frame);
    if (key.is(Kind::error)) return key;
    Value v = evaluate(*node.args[2 * i + 1], frame);
    if (v.is(Kind::error)) return v;
    if (node.optional_entries && node.optional_entries[i]) {
      if (!v.is(Kind::optional)) return Value::error("not an optional after ?");
      if (!v.as_optional()) continue;
      v = *v.as_optional();
    }
    if (const char* problem = builder.add(key, v)) return Value::error(problem);
  }
  return builder.map();
}

Value evaluate_segment(const Node& node, Frame& frame) {
  Value* known = node.index < frame.segments.size() ? &frame.segments[node.index] : nullptr;
  if (known && !known->missing()) return *known;
  const Value v = run(node.segment->impl(), *frame.context, frame.scope, frame.segments);
  if (known) *known = v;
  return v;
}

Value evaluate_optional_or(const Node& node, Frame& frame) {
  const Value v = evaluate(*node.args[0], frame);
  if (v.is(Kind::error)) return v;
  if (!v.is(Kind::optional)) return no_overload();
  if (v.as_optional()) return node.op == Op::optional_or ? v : *v.as_optional();
  const Value other = evaluate(*node.args[1], frame);
  return node.op == Op::optional_or_value || other.is(Kind::optional) || other.is(Kind::error) ? other : no_overload();
}

Value evaluate_select(const Node& node, Frame& frame) {
  const Value from = evaluate(*node.args[0], frame);
  if (node.op == Op::has_field) return has_field(from, node.value, frame.scope);
  if (node.op == Op::select) return from.is(Kind::error) ? from : select(from, node.value, frame.scope);
  if (from.is_missing_attribute()) return Value::optional(nullptr);
  return from.is(Kind::error) ? from : optional_field(from, node.value, frame.scope);
}

Value evaluate_matches(const Node& node, Frame& frame) {
  const Value text = evaluate(*node.args[0], frame);
  if (text.is(Kind::error)) return text;
  if (!text.is(Kind::string)) return no_overload();
  if (!frame.scope.charge_bytes(text.text().size() * 4)) return over_budget();
  return Value::boolean(RE2::PartialMatch(re2::StringPiece(text.text().data(), text.text().size()), *node.regex));
}

}  // namespace

Value evaluate(const Node& node, Frame& frame) {
  switch (node.op) {
    case Op::constant: return node.value;
    case Op::attribute: {
      const Value& v = (*frame.context)[node.index];
      return v.missing() ? node.value : v;
    }
    case Op::has_attribute: return Value::boolean(!(*frame.context)[node.index].missing());
    case Op::optional_attribute: {
      const Value& v = (*frame.context)[node.index];
      return Value::optional(v.missing() ? nullptr : &v);
    }
    case Op::variable: return frame.variables[node.slot];
    case Op::segment: return evaluate_segment(node, frame);
    case Op::logical_and: return evaluate_logical(node, frame, false);
    case Op::logical_or: return evaluate_logical(node, frame, true);
    case Op::logical_not: {
      const Value v = evaluate(*node.args[0], frame);
      if (v.is(Kind::boolean)) return Value::boolean(!v.as_bool());
      return v.is(Kind::error) ? v : no_overload();
    }
    case Op::conditional: {
      const Value v = evaluate(*node.args[0], frame);
      if (!v.is(Kind::boolean)) return v.is(Kind::error) ? v : not_bool();
      return evaluate(*node.args[v.as_bool() ? 1 : 2], frame);
    }
    case Op::equal:
    case Op::not_equal: {
      const Value a = evaluate(*node.args[0], frame);
      if (a.is(Kind::error)) return a;
      const Value b = evaluate(*node.args[1], frame);
      if (b.is(Kind::error)) return b;
      return Value::boolean(equal(a, b, frame.scope) == (node.op == Op::equal));
    }
    case Op::call:
      return evaluate_call(node, frame, [&](std::span<const Value> args) { return node.function(args, frame.scope); });
    case Op::attribute_function: return evaluate_attribute_function(node, frame);
    case Op::in_set: {
      const Value v = evaluate(*node.args[0], frame);
      return v.is(Kind::error) ? v : Value::boolean(node.set->contains(v, frame.scope));
    }
    case Op::matches: return evaluate_matches(node, frame);
    case Op::select:
    case Op::optional_select:
    case Op::has_field: return evaluate_select(node, frame);
    case Op::index:
    case Op::optional_index: return evaluate_index(node, frame);
    case Op::list: return evaluate_list(node, frame);
    case Op::map: return evaluate_map(node, frame);
    case Op::optional_or:
    case Op::optional_or_value: return evaluate_optional_or(node, frame);
    default: return evaluate_binding(node, frame);
  }
}

}  // namespace personalize::rules::cel
