#include "learn/events/facts/json_repair.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <random>
#include <string>

namespace personalize::learn::events {
namespace {

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

std::string without_references(std::string_view text) {
  std::string out;
  append_without_references(out, text);
  return out;
}

TEST(JsonRepair, JsonStaysWhatItIs) {
  EXPECT_EQ(repaired_json(R"({"a": [1, -2.5, true, null, "x\u00e9\n"], "b": {}})"),
            R"([{"a":[1,-2.5,true,null,"xé\n"],"b":{}}])");
  EXPECT_EQ(repaired_json(""), "[]");
  EXPECT_EQ(repaired_json(" \n"), "[]");
  EXPECT_EQ(repaired_json("[[],[[]]]"), "[[[],[[]]]]");
}

TEST(JsonRepair, CommasTooManyAndTooFew) {
  EXPECT_EQ(repaired_json(R"({"a": 1, "b": [1,,2,],,})"), R"([{"a":1,"b":[1,2]}])");
  EXPECT_EQ(repaired_json("{\"a\": \"x\"\n \"b\": \"y\"}"), R"([{"a":"x","b":"y"}])");
  EXPECT_EQ(repaired_json(R"([{"a":1} {"b":2}])"), R"([[{"a":1},{"b":2}]])");
}

TEST(JsonRepair, CommentsAndMarks) {
  EXPECT_EQ(repaired_json("// <![CDATA[\n{\"a\": 1, // one\n /* two */ \"b\": \"http://x/*y*/\"}\n// ]]>"),
            R"([{"a":1,"b":"http://x/*y*/"}])");
  EXPECT_EQ(repaired_json("<!-- \n{\"a\": 1}\n -->"), R"([{"a":1}])");
  EXPECT_EQ(repaired_json("/*<![CDATA[*/{\"a\":1}/*]]>*/;"), R"([{"a":1}])");
  EXPECT_EQ(repaired_json("\xEF\xBB\xBF{\"a\":1}"), R"([{"a":1}])");
}

TEST(JsonRepair, ValuesThatFollowOneAnother) {
  EXPECT_EQ(repaired_json(R"({"a":1}{"b":2} [3])"), R"([{"a":1},{"b":2},[3]])");
  EXPECT_EQ(repaired_json(R"({"a":1}};)"), R"([{"a":1}])");
  EXPECT_EQ(repaired_json(R"({"a":{"x":1] ,"b":2})"), R"([{"a":{"x":1,"b":2}}])");
}

TEST(JsonRepair, WhatIsCutOffEndsThere) {
  EXPECT_EQ(repaired_json(R"({"a": "x", "b": ["y", {"c": "z)"), R"([{"a":"x","b":["y",{"c":"z"}]}])");
  EXPECT_EQ(repaired_json(R"({"a": )"), R"([{"a":null}])");
  EXPECT_EQ(repaired_json(R"({"a")"), R"([{"a":null}])");
  EXPECT_EQ(repaired_json(R"({"a": "x\)"), R"([{"a":"x"}])");
  EXPECT_EQ(repaired_json(R"({"a": "\u12)"), R"([{"a":"\\u12"}])");
}

TEST(JsonRepair, StringsAsTemplatesPrintThem) {
  EXPECT_EQ(repaired_json("{\"a\": \"line\none\ttwo\x01\"}"), R"([{"a":"line\none\ttwo\u0001"}])");
  EXPECT_EQ(repaired_json(R"({"a": "two "buttons".5. Dab!", "b": "<p style="x: y;">z</p>"})"),
            R"([{"a":"two \"buttons\".5. Dab!","b":"<p style=\"x: y;\">z</p>"}])");
  EXPECT_EQ(repaired_json(R"({"a": "said "yes", then left", "b": 1})"), R"([{"a":"said \"yes\", then left","b":1}])");
  EXPECT_EQ(repaired_json(R"({"a": "Bob\'s R\x26B C:\videos", 'b': 'it is "b"'})"),
            R"([{"a":"Bob's R&B C:\\videos","b":"it is \"b\""}])");
  EXPECT_EQ(repaired_json(R"({"a": "\ud83d\ude00 \ud83d!"})"), "[{\"a\":\"\xF0\x9F\x98\x80 \xEF\xBF\xBD!\"}]");
  EXPECT_EQ(repaired_json("{\"a\": \"\xFF\"}"), "[{\"a\":\"\xEF\xBF\xBD\"}]");
  EXPECT_EQ(repaired_json(R"({a: 1, b: x-large, "c": 007, "d": 12345678901234567890, "e": NaN, "f": undefined})"),
            R"([{"a":1,"b":"x-large","c":"007","d":"12345678901234567890","e":null,"f":null}])");
}

TEST(JsonRepair, ScriptsThatAreEscapedAsHtml) {
  EXPECT_EQ(repaired_json("{&quot;a&quot;: &quot;x &amp;amp; y&quot;}"), R"([{"a":"x &amp; y"}])");
  EXPECT_EQ(repaired_json("[{&#34;a&#34;:1}]"), R"([[{"a":1}]])");
  EXPECT_EQ(repaired_json(R"({"a": "&quot;"})"), R"([{"a":"&quot;"}])");
  EXPECT_EQ(without_references("&#x110000;&#xD800;"), "\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(JsonRepair, WhatIsTooDeepIsLeftOut) {
  const std::size_t deep = limits::max_json_depth;
  EXPECT_EQ(repaired_json(repeated("[", deep + 5) + "1"),
            "[" + repeated("[", deep) + "null" + repeated("]", deep) + "]");
  EXPECT_EQ(repaired_json(repeated("[", deep) + "[1,{\"a\":[2]}],3"),
            "[" + repeated("[", deep) + "null,3" + repeated("]", deep) + "]");
}

TEST(JsonRepair, AnythingBecomesJson) {
  constexpr unsigned seed = 20260602;
  std::mt19937 random(seed);
  const char* pieces[] = {"{",       "}",    "[",      "]",    ",",    ":",        "\"", "'",  "\\",     "//",
                          "/*",      "*/",   "\n",     " ",    "a",    "1",        "-",  ".",  "\"a\":", "\\u",
                          "\\ud83d", "<!--", "&quot;", "null", "\xFF", "\xC3\xA9", "}{", "e5", "007"};
  simdjson::dom::parser parser;
  for (int i = 0; i < 20000; ++i) {
    std::string text;
    for (std::size_t piece = random() % 40; piece != 0; --piece) text += pieces[random() % std::size(pieces)];
    const std::string json = repaired_json(text);
    ASSERT_EQ(parser.parse(json).error(), simdjson::SUCCESS) << "seed " << seed << "\n" << text << "\n" << json;
  }
  for (const char* part : {"[", "{", "\"", "[}", "{]", "{\"a\":", "\" ", "&quot;", "{&quot;", "\\"}) {
    const std::string json = repaired_json(repeated(part, 100'000));
    EXPECT_EQ(parser.parse(json).error(), simdjson::SUCCESS) << part;
  }
}

}  // namespace
}  // namespace personalize::learn::events
