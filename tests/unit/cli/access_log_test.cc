#include "cli/access_log.h"

#include <gtest/gtest.h>

#include <sstream>
#include <stdexcept>

namespace personalize::cli {
namespace {

std::string line(const std::string& log, std::size_t number = 0) {
  std::istringstream in(log);
  return log_line(in, number);
}

std::string refusal(std::string_view text) {
  try {
    request_of_log_line(text);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return {};
}

TEST(AccessLog, IsReadFromItsLastLineOrAnyOther) {
  EXPECT_EQ(line("a\nb\nc\n"), "c");
  EXPECT_EQ(line("a\nb\nc\n\n"), "c");
  EXPECT_EQ(line("a\nb\nc", 2), "b");
  EXPECT_THROW(line("a\n", 2), std::runtime_error);
  EXPECT_THROW(line(""), std::runtime_error);
}

TEST(AccessLog, InJsonCarriesARequestAndWhatWasDecided) {
  const Json request = request_of_log_line(
      R"({"time":"2026-07-01T12:00:00+02:00","method":"GET","url":"https://shop.example/c?a=b","address":"192.0.2.1",)"
      R"("status":200,"headers":{"User-Agent":"x \"y\"","Referer":""},"decisions":"hero=a","profile":"found"})");
  EXPECT_EQ(
      request,
      Json::parse(
          R"({"url":"https://shop.example/c?a=b","method":"GET","address":"192.0.2.1","at":"2026-07-01T12:00:00+02:00",)"
          R"("headers":{"User-Agent":"x \"y\""},"logged":{"decisions":"hero=a","profile":"found"}})"));
}

TEST(AccessLog, InJsonMayHoldBytesThatAreNoUtf8) {
  EXPECT_EQ(request_of_log_line("{\"url\":\"/\",\"headers\":{\"User-Agent\":\"a\xff\xc3z\"}}")["headers"]["User-Agent"],
            "a??z");
}

TEST(AccessLog, InTheCombinedFormatGoesAsFarAsItGoes) {
  const Json request = request_of_log_line(
      R"(192.0.2.1 - alice [24/Dec/2026:18:00:00 +0100] "GET /c?q=\x22 HTTP/1.1" 200 512 "-" "Mozilla/5.0 \x22x\x22")");
  EXPECT_EQ(request, Json::parse(R"({"address":"192.0.2.1","at":"2026-12-24T17:00:00Z","method":"GET",)"
                                 R"("url":"/c?q=\"","headers":{"User-Agent":"Mozilla/5.0 \"x\""}})"));
}

TEST(AccessLog, RefusesWhatItCannotRead) {
  EXPECT_EQ(refusal("hello"), "log line: neither JSON nor the combined format; see docs/explain.md");
  EXPECT_EQ(refusal(R"(1 - - [24/Dec/2026:18:00:00 +0100] "\x16\x03" 400 0 "-" "-")"),
            "log line: neither JSON nor the combined format; see docs/explain.md");
  EXPECT_NE(refusal("{\"url\": ").find("parse error"), std::string::npos);
  EXPECT_NE(refusal("{}").find("it has no \"url\""), std::string::npos);
}

}  // namespace
}  // namespace personalize::cli
