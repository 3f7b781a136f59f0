// `size()`, the `lists` and `sets` extensions.
#include <algorithm>
#include <memory>
#include <memory_resource>
#include <vector>

#include "rules/cel/compare.h"
#include "rules/cel/functions.h"
#include "rules/cel/text.h"

namespace personalize::rules::cel {
namespace {

using Args = std::span<const Value>;

Value list_of(Args values, Scope& scope) {
  Value* memory = scope.allocate<Value>(values.size() + 1);
  std::uninitialized_copy(values.begin(), values.end(), memory);
  return Value::list({memory, values.size()});
}

Value size(Args args, Scope& scope) {
  const Value& v = args[0];
  std::size_t count = 0;
  switch (v.kind()) {
    case Kind::string:
      if (!scope.charge_bytes(v.text().size())) return over_budget();
      count = count_characters(v.text());
      break;
    case Kind::bytes: count = v.text().size(); break;
    case Kind::list: count = v.as_list().size(); break;
    case Kind::map: count = v.as_map().size(); break;
    default: return no_overload();
  }
  return Value::int64(static_cast<std::int64_t>(count));
}

Value range(Args args, Scope& scope) {
  if (!args[0].is(Kind::int64)) return no_overload();
  const std::int64_t count = std::max<std::int64_t>(args[0].as_int64(), 0);
  if (!scope.charge(static_cast<std::uint64_t>(count))) return over_budget();
  std::pmr::vector<Value> values(&scope.arena);
  values.reserve(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) values.push_back(Value::int64(i));
  return list_of(values, scope);
}

Value slice(Args args, Scope&) {
  if (!args[0].is(Kind::list) || !args[1].is(Kind::int64) || !args[2].is(Kind::int64)) return no_overload();
  const Args list = args[0].as_list();
  const std::int64_t begin = args[1].as_int64();
  const std::int64_t end = args[2].as_int64();
  if (begin < 0 || end < begin || static_cast<std::uint64_t>(end) > list.size()) {
    return Value::error("position is out of range");
  }
  return Value::list(list.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)));
}

bool flatten_into(std::pmr::vector<Value>& out, Args list, std::int64_t depth, Scope& scope) {
  for (const Value& v : list) {
    if (!scope.charge(1)) return false;
    if (!v.is(Kind::list) || depth == 0)
      out.push_back(v);
    else if (!flatten_into(out, v.as_list(), depth - 1, scope))
      return false;
  }
  return true;
}

Value flatten(Args args, Scope& scope) {
  if (!args[0].is(Kind::list) || (args.size() > 1 && !args[1].is(Kind::int64))) return no_overload();
  const std::int64_t depth = args.size() > 1 ? args[1].as_int64() : 1;
  if (depth < 0) return Value::error("depth is negative");
  std::pmr::vector<Value> out(&scope.arena);
  return flatten_into(out, args[0].as_list(), depth, scope) ? list_of(out, scope) : over_budget();
}

Value distinct(Args args, Scope& scope) {
  if (!args[0].is(Kind::list)) return no_overload();
  std::pmr::vector<Value> out(&scope.arena);
  for (const Value& v : args[0].as_list()) {
    if (!scope.charge(1 + out.size())) return over_budget();
    if (std::none_of(out.begin(), out.end(), [&](const Value& known) { return equal(known, v, scope); }))
      out.push_back(v);
  }
  return list_of(out, scope);
}

Value reverse(Args args, Scope& scope) {
  if (args[0].is(Kind::string)) return reverse_text(args, scope);
  if (!args[0].is(Kind::list)) return no_overload();
  if (!scope.charge(args[0].as_list().size())) return over_budget();
  const Value result = list_of(args[0].as_list(), scope);
  auto* values = const_cast<Value*>(result.as_list().data());  // just made, not yet shared
  std::reverse(values, values + result.as_list().size());
  return result;
}

Value sort(Args args, Scope& scope) { return sort_by(args[0], args[0], scope); }

Value first(Args args, Scope& scope) {
  if (!args[0].is(Kind::list)) return no_overload();
  const Args list = args[0].as_list();
  return Value::optional(list.empty() ? nullptr : scope.box(list.front()));
}

Value last(Args args, Scope& scope) {
  if (!args[0].is(Kind::list)) return no_overload();
  const Args list = args[0].as_list();
  return Value::optional(list.empty() ? nullptr : scope.box(list.back()));
}

bool is_member(Args list, const Value& value, Scope& scope) {
  return scope.charge(1 + list.size()) &&
         std::any_of(list.begin(), list.end(), [&](const Value& v) { return equal(v, value, scope); });
}

bool includes(Args list, Args part, Scope& scope) {
  return std::all_of(part.begin(), part.end(), [&](const Value& v) { return is_member(list, v, scope); });
}

Value sets_contains(Args args, Scope& scope) {
  if (!args[0].is(Kind::list) || !args[1].is(Kind::list)) return no_overload();
  return Value::boolean(includes(args[0].as_list(), args[1].as_list(), scope));
}

Value sets_equivalent(Args args, Scope& scope) {
  if (!args[0].is(Kind::list) || !args[1].is(Kind::list)) return no_overload();
  const Args a = args[0].as_list();
  const Args b = args[1].as_list();
  return Value::boolean(includes(a, b, scope) && includes(b, a, scope));
}

Value sets_intersects(Args args, Scope& scope) {
  if (!args[0].is(Kind::list) || !args[1].is(Kind::list)) return no_overload();
  const Args b = args[1].as_list();
  const Args a = args[0].as_list();
  return Value::boolean(std::any_of(a.begin(), a.end(), [&](const Value& v) { return is_member(b, v, scope); }));
}

constexpr Definition list_definitions[] = {
    {"size",
     "(string):int;(bytes):int;(list<A>):int;(map<A,B>):int;string.():int;bytes.():int;list<A>.():int;map<A,"
     "B>.():int",
     size},
    {"lists.range", "(int):list<int>", range},
    {"slice", "list<A>.(int,int):list<A>", slice},
    {"flatten", "list<A>.():list<dyn>;list<A>.(int):list<dyn>", flatten},
    {"distinct", "list<A>.():list<A>", distinct},
    {"reverse", "string.():string;list<A>.():list<A>", reverse},
    {"sort", "list<A>.():list<A>", sort},
    {"first", "list<A>.():optional<A>", first},
    {"last", "list<A>.():optional<A>", last},
    {"sets.contains", "(list<A>,list<B>):bool", sets_contains},
    {"sets.equivalent", "(list<A>,list<B>):bool", sets_equivalent},
    {"sets.intersects", "(list<A>,list<B>):bool", sets_intersects},
};

}  // namespace

Value sort_by(const Value& list, const Value& keys, Scope& scope) {
  if (!list.is(Kind::list) || !keys.is(Kind::list)) return no_overload();
  const Args values = list.as_list();
  const Args by = keys.as_list();
  std::size_t steps = 1;
  for (std::size_t n = by.size(); n > 1; n /= 2) ++steps;
  if (!scope.charge(by.size() * steps)) return over_budget();
  for (const Value& key : by) {
    if (order(by[0], key) == Order::no_overload || (key.kind() != by[0].kind())) return no_overload();
  }
  std::pmr::vector<std::size_t> positions(by.size(), &scope.arena);
  for (std::size_t i = 0; i < positions.size(); ++i) positions[i] = i;
  // NaN has no place in an order: it counts as less than every number.
  const auto less = [](const Value& a, const Value& b) {
    const Order found = order(a, b);
    if (found != Order::unordered) return found == Order::less;
    return a.as_real() != a.as_real() && b.as_real() == b.as_real();
  };
  std::sort(positions.begin(), positions.end(),
            [&](std::size_t a, std::size_t b) { return less(by[a], by[b]) || (a < b && !less(by[b], by[a])); });
  Value* memory = scope.allocate<Value>(values.size() + 1);
  for (std::size_t i = 0; i < positions.size(); ++i) new (&memory[i]) Value(values[positions[i]]);
  return Value::list({memory, positions.size()});
}

std::span<const Definition> list_functions() { return list_definitions; }

}  // namespace personalize::rules::cel
