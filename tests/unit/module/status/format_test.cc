#include "module/status/format.h"

#include <gtest/gtest.h>

namespace personalize::module {
namespace {

bool wants_text(std::initializer_list<std::string_view> fields) {
  AcceptedFormat accepted;
  for (std::string_view field : fields) accepted.read(field);
  return accepted.is_prometheus();
}

TEST(StatusFormat, JsonIsForThoseWhoLikeItAsMuchOrDoNotSay) {
  EXPECT_FALSE(wants_text({}));
  for (const char* field :
       {"", "*/*", "application/json, text/plain, */*", "text/plain, application/json",
        "text/plain;q=0.9, application/json", "application/*, text/plain;q=0.5",
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html", "image/*",
        "application/json;charset=utf-8, text/plain;q=0.9", "application/json; indent=\"4, text/plain\""})
    EXPECT_FALSE(wants_text({field})) << field;
}

TEST(StatusFormat, TextIsForThoseWhoLikeItBetter) {
  for (const char* field : {"text/plain", "TEXT/Plain", "text/*", "text/plain;version=0.0.4",
                            "text/plain; version=\"0.0.4\"; charset=UTF-8", "text/plain, application/json;q=0.9",
                            "application/json;q=0.5 , text/plain ; q=0.75", "application/json;q=0, */*",
                            "*/*;q=0.1, text/plain;q=0.2", "text/plain;version=1.0.0;q=0.4, */*;q=0.2"})
    EXPECT_TRUE(wants_text({field})) << field;
}

TEST(StatusFormat, WhatScrapersSendAsksForText) {
  for (const char* field :
       {"application/openmetrics-text", "application/openmetrics-text; version=1.0.0; q=0.5, */*;q=0.1",
        "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
        "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
        "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
        "text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.7,"
        "text/plain;version=0.0.4;q=0.3,*/*;q=0.2"})
    EXPECT_TRUE(wants_text({field})) << field;
}

TEST(StatusFormat, TheMostSpecificRangeCounts) {
  EXPECT_FALSE(wants_text({"text/plain;q=0, */*"}));
  EXPECT_FALSE(wants_text({"text/*, text/plain;q=0.1, application/json;q=0.2"}));
  EXPECT_FALSE(wants_text({"text/plain;version=0.0.4;q=0, text/plain, application/json;q=0.5"}));
  EXPECT_TRUE(wants_text({"text/plain;version=0.0.4, text/plain;q=0, application/json;q=0.5"}));
  EXPECT_TRUE(wants_text({"*/*;q=0.9, application/*;q=0.1, text/*;q=0.2"}));
  EXPECT_TRUE(wants_text({"application/json;q=0.1, */*;q=0.2"}));
}

TEST(StatusFormat, SeveralFieldsAreOneList) {
  EXPECT_TRUE(wants_text({"application/json;q=0.3", "text/plain;q=0.4"}));
  EXPECT_FALSE(wants_text({"text/plain", "application/json"}));
}

TEST(StatusFormat, ZeroIsARefusalAndSimilarNamesAreOthers) {
  for (const char* field : {"text/plain;q=0", "text/plain; q=0.000", "text/plaintext", "xtext/plain", "text/plain/x",
                            "text /plain", "application/xopenmetrics", "x;a=text/plain", "\"text/plain\"", "text"})
    EXPECT_FALSE(wants_text({field})) << field;
}

TEST(StatusFormat, WhatMakesNoSenseDoesNotCount) {
  for (const char* field : {"text/plain;q=x", "text/plain;q=", "text/plain;q", "text/plain;q=2", "text/plain;q=-1",
                            "text/plain;q=0.1234", ";q=1", ",,;,", "/", "\"", "text/plain;q=\"1\"", "=;=,\\"})
    EXPECT_FALSE(wants_text({field})) << field;
  EXPECT_TRUE(wants_text({"text/plain;q=0.5, application/json;q=much"}));
}

}  // namespace
}  // namespace personalize::module
