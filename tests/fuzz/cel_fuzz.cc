// Any bytes as an expression: compiled with and without type checks, evaluated, explained, split into
// predicates. Whatever comes out, it is within the limits, and conditions agree with their predicates.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory_resource>
#include <string_view>
#include <vector>

#include "rules/cel/predicates.h"
#include "rules/cel/program.h"

namespace {

using namespace personalize::rules;

struct Visitor {
  Visitor() {
    const auto add = [this](std::string_view name, std::string_view type, Value value) {
      schema.add(name, *parse_type(type));
      values.push_back(value);
    };
    add("a", "dyn", Value::int64(7));
    add("s", "string", Value::string("h\xc3\xa9llo \xff"));
    add("l", "list<string>", Value::list(list));
    add("m", "map<string, int>", Value::map(map));
    add("t", "timestamp", Value::timestamp(1790000000, 5));
    add("d", "double", Value::real(-0.0));
    add("n.one", "bool", Value::boolean(true));
    add("n.two", "int", Value());
  }
  Schema schema;
  std::vector<Value> values;
  const Value list[2] = {Value::string("x"), Value::string("")};
  const MapEntry map[1] = {{Value::string("k"), Value::int64(1)}};
};

void run(const Visitor& visitor, std::string_view text, bool unchecked) {
  cel::Environment environment(visitor.schema);
  environment.set_unchecked(unchecked);
  std::vector<cel::Error> errors;
  const auto program = cel::Program::compile(text, environment, errors, cel::Program::Result::any);
  if (!program) {
    if (errors.empty()) std::abort();
    for (const auto& error : errors) {
      if (error.offset > text.size() || error.message.empty()) std::abort();
    }
    return;
  }
  std::pmr::monotonic_buffer_resource arena;
  Context context(visitor.schema, arena);
  for (AttributeId id = 0; id < visitor.values.size(); ++id) context.set(id, visitor.values[id]);
  const Value value = program->evaluate(context, arena);
  cel::to_source(value);
  program->explain(context, arena);
  bool all = true;
  for (const cel::Predicate& predicate : cel::predicates(*program)) all = predicate.holds(context, arena) && all;
  const bool failed = value.is(Kind::error);
  if (!failed && value.is(Kind::boolean) && all != value.is_true()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Visitor visitor;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  run(visitor, text, true);
  run(visitor, text, false);
  return 0;
}
