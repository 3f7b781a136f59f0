// Evaluating expressions in tests.
#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <memory_resource>
#include <string>
#include <string_view>
#include <vector>

#include "rules/cel/program.h"

namespace personalize::rules::cel::testing {

/// Value of an expression that mentions nothing, as source text, or "error: …". Nothing is checked before
/// evaluation.
inline std::string value_of(std::string_view expression) {
  std::pmr::monotonic_buffer_resource arena;
  Schema schema;
  Environment environment(schema);
  environment.set_unchecked(true);
  std::vector<Error> errors;
  const auto program = Program::compile(expression, environment, errors, Program::Result::any);
  if (!program) return "error: " + errors[0].message;
  Context context(schema, arena);
  const Value value = program->evaluate(context, arena);
  return value.is(Kind::error) ? "error: " + std::string(value.text()) : to_source(value, 2000);
}

/// A visitor from Berlin on a phone, with no profile.
class Visitor {
 public:
  Visitor() : environment(schema) {
    add("geo.country", "string", Value::string("DE"));
    add("geo.city", "string", Value());
    add("device.type", "string", Value::string("phone"));
    add("time.hour", "int", Value::int64(9));
    add("time.now", "timestamp", Value::timestamp(1790000000, 0));  // 2026-09-21T14:13:20Z
    add("weather.raining", "bool", Value::boolean(true));
    add("weather.temperature_c", "double", Value::real(12.5));
    add("profile.tier", "string", Value());
    add("profile.lifetime_value", "double", Value());
    add("profile.interests", "list<string>", Value::list(interests_));
    add("request.cookies", "map<string, string>", Value::map(cookies_));
  }

  void add(std::string_view name, std::string_view type, Value value) {
    schema.add(name, *parse_type(type));
    values_.push_back(value);
  }

  Context context() {
    Context result(schema, arena);
    for (std::size_t i = 0; i < values_.size(); ++i) result.set(static_cast<AttributeId>(i), values_[i]);
    return result;
  }

  std::unique_ptr<Program> compile(std::string_view expression, Program::Result result = Program::Result::condition) {
    errors.clear();
    return Program::compile(expression, environment, errors, result);
  }

  /// "offset: message" of the first error, or "ok".
  std::string check(std::string_view expression) {
    compile(expression);
    return errors.empty() ? "ok" : std::to_string(errors[0].offset) + ": " + errors[0].message;
  }

  Value evaluate(const Program& program) {
    const Context values = context();
    return program.evaluate(values, arena);
  }

  bool holds(std::string_view expression) {
    const auto program = compile(expression);
    return program && evaluate(*program).is_true();
  }

  std::string explain(std::string_view expression) {
    const auto program = compile(expression);
    if (!program) return "does not compile: " + errors[0].message;
    const Context values = context();
    return program->explain(values, arena);
  }

  std::pmr::monotonic_buffer_resource arena;
  Schema schema;
  Environment environment;
  std::vector<Error> errors;

 private:
  const Value interests_[2] = {Value::string("shoes"), Value::string("hats")};
  const MapEntry cookies_[1] = {{Value::string("seen"), Value::string("yes")}};
  std::vector<Value> values_;
};

struct Case {
  std::string_view expression;
  std::string_view value;  ///< as `value_of` writes it
};

inline void expect_all(std::initializer_list<Case> cases) {
  for (const Case& c : cases) EXPECT_EQ(value_of(c.expression), c.value) << c.expression;
}

}  // namespace personalize::rules::cel::testing
