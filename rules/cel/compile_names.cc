// Names: attributes, segments, variables, types; and fields of their values.
#include <algorithm>

#include "rules/cel/compiler.h"
#include "rules/spelling.h"

namespace personalize::rules::cel {
namespace {

constexpr std::string_view type_names[] = {
    "bool",
    "int",
    "uint",
    "double",
    "string",
    "bytes",
    "list",
    "map",
    "type",
    "null_type",
    "optional_type",
    "google.protobuf.Timestamp",
    "google.protobuf.Duration",
};

}  // namespace

Compiler::Built Compiler::name(const Expr& expr) {
  if (const auto steps = path_of(expr)) return path(*steps, expr);
  const Step last{&expr, expr.name, expr.optional, expr.kind == Expr::Kind::has};
  return step(build(*expr.target), last);
}

// a.b.?c as its names, if it is nothing but names.
std::optional<std::vector<Compiler::Step>> Compiler::path_of(const Expr& expr) const {
  std::vector<Step> steps;
  for (const Expr* at = &expr;; at = at->target) {
    steps.push_back({at, at->name, at->optional, at->kind == Expr::Kind::has});
    if (at->kind == Expr::Kind::identifier) break;
    if (at->kind != Expr::Kind::select && at->kind != Expr::Kind::has) return std::nullopt;
  }
  std::reverse(steps.begin(), steps.end());
  return steps;
}

const Compiler::Variable* Compiler::find_variable(std::string_view name) const {
  const auto found =
      std::find_if(variables_.rbegin(), variables_.rend(), [&](const Variable& v) { return v.name == name; });
  return found == variables_.rend() ? nullptr : &*found;
}

// "a.b.", "a.", "": where a name is looked for, in turn.
std::vector<std::string> Compiler::prefixes(bool rooted) const {
  std::vector<std::string> all;
  std::string container = rooted ? std::string() : environment_.container();
  while (!container.empty()) {
    all.push_back(container + ".");
    const std::size_t dot = container.rfind('.');
    container.resize(dot == std::string::npos ? 0 : dot);
  }
  all.emplace_back();
  return all;
}

Compiler::Built Compiler::path(const std::vector<Step>& steps, const Expr& expr) {
  const bool rooted = steps[0].expr->rooted;
  if (const Variable* variable = rooted ? nullptr : find_variable(steps[0].name)) {
    Built built;
    built.node = make(Op::variable, *steps[0].expr);
    built.node->slot = variable->slot;
    built.type = variable->type;
    built.size = variable->size;
    built.lowest = variable->slot;
    return steps_from(built, steps, 1);
  }
  for (const std::string& prefix : prefixes(rooted)) {
    std::string full = prefix;
    std::vector<std::size_t> ends;
    ends.reserve(steps.size());
    for (const Step& step : steps)
      ends.push_back((full += (full.size() == prefix.size() ? "" : ".") + std::string(step.name)).size());
    for (std::size_t count = steps.size(); count > 0; --count) {
      const std::string_view candidate = std::string_view(full).substr(0, ends[count - 1]);
      if (const auto id = environment_.schema().find(candidate)) {
        return steps_from(attribute(*id, steps, count), steps, count);
      }
      if (steps[count - 1].optional || steps[count - 1].has) continue;
      const auto* type = std::find(std::begin(type_names), std::end(type_names), candidate);
      if (type != std::end(type_names)) {
        return steps_from(constant(*steps[count - 1].expr, Value::type(*type)), steps, count);
      }
    }
  }
  if (steps[0].name == "segments" && steps.size() > 1) return segment(steps);
  return unknown_name(steps, expr);
}

Compiler::Built Compiler::attribute(AttributeId id, const Expr& expr) {
  const Attribute& known = environment_.schema()[id];
  attributes_.insert(id);
  Built built;
  built.node = make(Op::attribute, expr);
  built.node->index = id;
  built.node->value = Value::missing_attribute(keep(std::string(missing_prefix) + known.name));
  built.type = types_.of(known.type);
  built.size = expected_size(built.type);
  if (known.type.kind == Kind::map) keys_[built.node] = {id, std::nullopt, expr.begin};
  return built;
}

// The key of a map that is written like that; if the map is an attribute, it is known to be used.
std::string Compiler::key_of(const Node& map, std::string_view written) {
  const auto use = keys_.find(&map);
  if (use == keys_.end()) return std::string(written);
  use->second.key = environment_.schema().key(use->second.attribute, written);
  return *use->second.key;
}

// The same for map["key"] and "key" in map, if the key is constant.
void Compiler::use_key(const Built& map, Built& key, const Expr& expr) {
  if (!key.is_constant() || !key.node->value.is(Kind::string)) return;
  const std::string_view written = key.node->value.text();
  if (const std::string known = key_of(*map.node, written); known != written)
    key = constant(expr, Value::string(keep(known)));
}

// The attribute named by the first `count` steps: its value, whether it is known, or an optional of it.
Compiler::Built Compiler::attribute(AttributeId id, const std::vector<Step>& steps, std::size_t count) {
  const bool optional = std::any_of(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(count),
                                    [](const Step& step) { return step.optional; });
  Built built = attribute(id, *steps[count - 1].expr);
  if (steps[count - 1].has) {
    built.node->op = Op::has_attribute;
    built.type = simple_type(Kind::boolean);
  } else if (optional) {
    built.node->op = Op::optional_attribute;
    built.type = types_.optional(built.type);
  }
  return built;
}

Compiler::Built Compiler::segment(const std::vector<Step>& steps) {
  const Expr& expr = *steps[1].expr;
  const auto* known = environment_.segment(steps[1].name);
  if (!known) {
    Nearest nearest(steps[1].name);
    for (const auto& [name, segment] : environment_.segments()) nearest.consider(name);
    return fail(expr.place, expr, "unknown segment " + std::string(steps[1].name) + nearest.hint());
  }
  known->mentioned = true;
  Built built;
  built.node = make(Op::segment, expr);
  built.node->index = known->index;
  if (!known->program) {  // its own mistakes were reported where it is defined
    built.failed = true;
    built.node->op = Op::constant;
    built.node->value = Value::error("segment is malformed");
    return built;
  }
  const Program::Impl& impl = known->program->impl();
  built.node->segment = known->program.get();
  built.type = simple_type(Kind::boolean);
  built.cost = impl.cost;
  built.depth = impl.depth + 1;
  program_.segments.push_back(known->program);
  attributes_.insert(impl.attributes.begin(), impl.attributes.end());
  return steps_from(built, steps, 2);
}

Compiler::Built Compiler::unknown_name(const std::vector<Step>& steps, const Expr& expr) {
  std::string full;
  for (const Step& step : steps) full += (full.empty() ? "" : ".") + std::string(step.name);
  const Schema& schema = environment_.schema();
  if (std::string why = schema.late(full); !why.empty()) return fail(expr.begin, expr, std::move(why));
  for (AttributeId id = 0; id < schema.size(); ++id) {
    if (schema[id].name.starts_with(full + ".")) {
      return fail(expr.begin, expr, full + " is a namespace, name one of its attributes, like " + schema[id].name);
    }
  }
  std::string hint;
  if (const std::string_view suggestion = schema.suggestion(full); !suggestion.empty()) {
    hint = ", did you mean " + std::string(suggestion) + "?";
  } else if (environment_.segment(full)) {
    hint = ", did you mean segments." + full + "?";
  }
  return fail(expr.begin, expr, "unknown attribute " + full + hint);
}

Compiler::Built Compiler::steps_from(Built from, const std::vector<Step>& steps, std::size_t first) {
  for (std::size_t i = first; i < steps.size(); ++i) from = step(from, steps[i]);
  return from;
}

// A field of a value.
Compiler::Built Compiler::step(Built from, const Step& step) {
  const Expr& expr = *step.expr;
  const bool through = from.type->kind == Kind::optional;
  const TypeRef container = through ? from.type->first : from.type;
  if (container->kind != Kind::map && !is_dyn(container)) {
    return fail(expr.place, expr, to_string(container) + " has no fields, so no " + std::string(step.name));
  }
  Node* node = make(step.has ? Op::has_field : step.optional ? Op::optional_select : Op::select, expr);
  node->value = Value::string(keep(key_of(*from.node, step.name)));
  TypeRef type = container->second ? container->second : dyn_type();
  if (step.has)
    type = simple_type(Kind::boolean);
  else if (step.optional || through)
    type = types_.optional(type);
  return finish(node, expr, type, {from}, 2);
}

}  // namespace personalize::rules::cel
