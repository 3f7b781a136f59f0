#include "learn/events/form_body.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace personalize::learn::events {
namespace {

constexpr std::string_view urlencoded = "application/x-www-form-urlencoded";

/// "name=value|…" of all fields, or why there are none.
std::string read(std::string_view type, std::string_view body, const std::vector<std::string>& names = {}) {
  static FormReader reader;
  const FormOutcome outcome = reader.read(type, body, {names, names.empty()});
  if (outcome != FormOutcome::read) {
    EXPECT_TRUE(reader.fields().empty());
    return "- " + std::string(to_string(outcome));
  }
  std::string text;
  for (const FormField& field : reader.fields())
    text.append(text.empty() ? "" : "|").append(field.name).append("=").append(field.value);
  return text;
}

TEST(FormBody, ReadsForms) {
  EXPECT_EQ(read(urlencoded, "sku=b-1&qty=2"), "sku=b-1|qty=2");
  EXPECT_EQ(read("Application/X-WWW-Form-URLEncoded ; charset=UTF-8", "a=%C3%BC+%26&b%5B1%5D=x"), "a=ü &|b[1]=x");
  EXPECT_EQ(read(urlencoded, "a&b=&=c&&d=e=f&a=2"), "a=|b=|d=e=f") << "of equal names the first";
  EXPECT_EQ(read(urlencoded, "a=%&b=%4&c=%zz&d=%00"), std::string("a=%|b=%4|c=%zz|d=\0", 18));
  EXPECT_EQ(read(urlencoded, "a=%ff&%ff=a&b=1"), "b=1") << "not what is not UTF-8";
  EXPECT_EQ(read(urlencoded, ""), "");
  EXPECT_EQ(read(urlencoded, "b=1&a=2&c=3", {"a", "c"}), "a=2|c=3");
}

TEST(FormBody, IsOfATypeThatHasFields) {
  for (std::string_view type :
       {"", "text/plain", "application/octet-stream", "application/jsonp", "text/json+x", "json"})
    EXPECT_EQ(read(type, "a=1"), "- other_type") << type;
  EXPECT_EQ(read("application/vnd.api+json", R"({"a":1})"), "a=1");
}

TEST(FormBody, ReadsPartsThatAreNoFiles) {
  const std::string body =
      "preamble\r\n--x\r\nContent-Disposition: form-data; name=\"sku\"\r\n\r\nb-1\r\n"
      "--x \t\r\ncontent-disposition:form-data;name=qty\r\nContent-Type: text/plain\r\n\r\n2\r\n3\r\n"
      "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nfile\r\n"
      "--x\r\nContent-Disposition: form-data; filename*=utf-8''a; name=other\r\n\r\nfile\r\n"
      "--x\r\nContent-Disposition: form-data; name=coded\r\nContent-Transfer-Encoding: base64\r\n\r\nYQ==\r\n"
      "--x\r\n\r\nno header\r\n"
      "--x\r\nContent-Disposition: form-data; x=\"; name=no\"; NAME=\"a%22b\\\"c\"\r\n\r\n\r\n"
      "--x--\r\nepilogue";
  EXPECT_EQ(read("multipart/form-data; boundary=x", body), "sku=b-1|qty=2\r\n3|a\"b\"c=");
  EXPECT_EQ(read("multipart/form-data; charset=utf-8; Boundary=\"x\"", body, {"qty"}), "qty=2\r\n3");
  EXPECT_EQ(read("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--x--"),
            "a=1");
}

TEST(FormBody, RefusesPartsThatBreakOff) {
  const std::string part = "--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n";
  for (const std::string& body : {std::string(), std::string("a=1"), part, part + "--x", part + "--x\r\n",
                                  part + "--xy\r\n\r\n--x--", std::string("--x\n\n1\n--x--")})
    EXPECT_EQ(read("multipart/form-data; boundary=x", body), "- malformed") << body;
  for (const std::string& parameter : {std::string(), std::string("; boundary="), std::string("; boundary"),
                                       "; boundary=" + std::string(71, 'x'), std::string("; boundary=\"x")})
    EXPECT_EQ(read("multipart/form-data" + parameter, part + "--x--").substr(0, 11),
              parameter == "; boundary=\"x" ? "a=1" : "- malformed")
        << parameter;
}

TEST(FormBody, ReadsJsonByPaths) {
  EXPECT_EQ(read("application/json",
                 R"({"sku": "b-1", "lines": [{"id": 7, "price": 12.50}, {"id": "x"}], "gift": false, "note": null,
                     "big": 18446744073709551615, "low": -5, "e": {}, "l": [], "ü": "\u00fc"})"),
            "sku=b-1|lines.0.id=7|lines.0.price=12.5|lines.1.id=x|gift=false|big=18446744073709551615|low=-5|ü=ü");
  EXPECT_EQ(read("application/json; charset=utf-8", R"([["a"], {"b": 1}])"), "0.0=a|1.b=1");
  EXPECT_EQ(read("application/json", R"({"a.b": 1, "a": {"b": 2}, "": 3, "c": 4, "c": 5})"), "a.b=1|c=4");
  EXPECT_EQ(read("application/json", R"("text")"), "");
  EXPECT_EQ(read("application/json", R"({"a": {"b": 1, "c": 2}, "b": 3})", {"a.c"}), "a.c=2");
}

TEST(FormBody, RefusesWhatIsNotJson) {
  for (std::string_view body : {"", "{", "{'a': 1}", "{\"a\": 1}}", "{\"a\": NaN}", "{\"a\": \"\xff\"}",
                                "{\"a\": 123456789012345678901234567890}", "{\"a\": \"\\ud800\"}"})
    EXPECT_EQ(read("application/json", body), "- malformed") << body;
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + "1" + std::string(depth, ']'); };
  EXPECT_EQ(read("application/json", {}), "- malformed");
  EXPECT_EQ(read("application/json", nested(limits::max_form_depth + 1)), "- malformed");
  EXPECT_EQ(read("application/json", nested(8'000)), "- malformed");
  EXPECT_EQ(read("application/json", nested(10)), "0.0.0.0.0.0.0.0.0.0=1");
}

TEST(FormBody, IsBounded) {
  EXPECT_EQ(read(urlencoded, std::string(limits::max_form_bytes + 1, 'a')), "- too_large");
  EXPECT_EQ(read(urlencoded, "a=" + std::string(limits::max_form_bytes - 2, 'x')).size(), limits::max_form_bytes);
  EXPECT_EQ(read(urlencoded, std::string(257, 'n') + "=1&" + std::string(256, 'n') + "=2"),
            std::string(256, 'n') + "=2");
  std::string many, json = "[";
  for (int i = 0; i < 3000; ++i) {
    many += "a" + std::to_string(i % 1500) + "&";
    json += "1,";
  }
  FormReader reader;
  EXPECT_EQ(reader.read(urlencoded, many, {{}, true}), FormOutcome::read);
  EXPECT_EQ(reader.fields().size(), limits::max_form_fields);
  EXPECT_EQ(reader.read("application/json", json + "1]", {{}, true}), FormOutcome::read);
  EXPECT_EQ(reader.fields().size(), limits::max_form_fields);
  const std::vector<std::string> last = {"2999"};
  EXPECT_EQ(reader.read("application/json", json + "1]", {last, false}), FormOutcome::read);
  ASSERT_EQ(reader.fields().size(), 1u);
  const std::string long_key = "{\"" + std::string(8000, 'k') + "\": {\"a\": 1}, \"b\": 2}";
  EXPECT_EQ(read("application/json", long_key), "b=2");
}

TEST(FormBody, SurvivesAnyBytes) {
  constexpr std::uint32_t seed = 14;
  std::mt19937 random(seed);
  const std::string_view pieces[] = {"--x", "\r\n", "--", "Content-Disposition: form-data; name=",
                                     "\"",  "a",    "\\", "%",
                                     "&",   "=",    "{",  "}",
                                     "[",   "]",    ",",  ":",
                                     "1",   "\xff", ";",  "filename=b",
                                     " "};
  FormReader reader;
  for (int round = 0; round < 20'000; ++round) {
    std::string body;
    for (std::size_t i = random() % 30; i > 0; --i) body += pieces[random() % std::size(pieces)];
    for (std::string_view type :
         {std::string_view("multipart/form-data; boundary=x"), std::string_view("application/json"), urlencoded})
      reader.read(type, body, {{}, true});
    reader.read("multipart/form-data" + body, body, {{}, true});
  }
}

}  // namespace
}  // namespace personalize::learn::events
