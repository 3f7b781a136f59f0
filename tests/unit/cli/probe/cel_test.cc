// The probe on the language's own conformance rows.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "cli/probe/probes.h"
#include "tests/unit/folders.h"

namespace personalize::cli {
namespace {

// In a form in which equal values are equal: map entries in any order, numbers by value.
Json normalized(const Json& value) {
  if (value.contains("doubleValue")) {
    const Json& v = value["doubleValue"];
    return v.is_string() ? v : Json(v.get<double>());
  }
  if (value.contains("listValue")) {
    Json list = Json::array();
    if (value["listValue"].contains("values")) {
      for (const Json& element : value["listValue"]["values"]) list.push_back(normalized(element));
    }
    return list;
  }
  if (!value.contains("mapValue")) return value;
  std::map<std::string, Json> sorted;
  if (value["mapValue"].contains("entries")) {
    for (const Json& entry : value["mapValue"]["entries"]) {
      sorted[normalized(entry["key"]).dump()] = normalized(entry["value"]);
    }
  }
  return sorted;
}

TEST(ProbeCel, AgreesWithEveryConformanceRow) {
  std::ifstream rows(conformance_folder() / "rules/cel.jsonl");
  if (!rows) GTEST_SKIP() << "no conformance data";
  int count = 0;
  for (std::string line; std::getline(rows, line); ++count) {
    const Json row = Json::parse(line);
    Json reply;
    try {
      reply = probe_cel(row["input"]);
    } catch (const std::exception& error) {
      reply = {{"error", error.what()}};
    }
    if (row["expect"].contains("error")) {
      EXPECT_TRUE(reply.contains("error") && !reply.contains("value")) << line;
    } else {
      EXPECT_TRUE(reply.contains("value") && normalized(reply["value"]) == normalized(row["expect"]["value"]))
          << line << "\n"
          << reply;
    }
  }
  EXPECT_GT(count, 0);
}

TEST(ProbeCel, TakesVariablesOfEveryKind) {
  const Json input = Json::parse(R"({"expr": "[a, b, c, d, e, f, g.x[0], h]", "vars": {
    "a": {"boolValue": true}, "b": {"int64Value": "-1"}, "c": {"uint64Value": "2"}, "d": {"doubleValue": "Infinity"},
    "e": {"stringValue": "s"}, "f": {"bytesValue": "aGk="}, "h": {"nullValue": null},
    "g": {"mapValue": {"entries": [{"key": {"stringValue": "x"}, "value": {"listValue": {"values": [{"typeValue": "int"}]}}}]}}}})");
  EXPECT_EQ(
      probe_cel(input).dump(),
      R"({"value":{"listValue":{"values":[{"boolValue":true},{"int64Value":"-1"},{"uint64Value":"2"},)"
      R"({"doubleValue":"Infinity"},{"stringValue":"s"},{"bytesValue":"aGk="},{"typeValue":"int"},{"nullValue":null}]}}})");
}

TEST(ProbeCel, SaysWhereAnExpressionIsMalformed) {
  EXPECT_EQ(probe_cel({{"expr", "1 + "}}).dump(), R"({"error":"4: expected an expression but the expression ends"})");
}

TEST(ProbeCel, RefusesVariablesThatAreNestedWithoutEnd) {
  std::string value = R"({"nullValue": null})";
  for (int i = 0; i < 500; ++i) value = R"({"listValue": {"values": [)" + value + "]}}";
  EXPECT_THROW(probe_cel({{"expr", "a"}, {"vars", {{"a", Json::parse(value)}}}}), std::runtime_error);
}

}  // namespace
}  // namespace personalize::cli
