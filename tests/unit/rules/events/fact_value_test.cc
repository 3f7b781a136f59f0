#include "rules/events/fact_value.h"

#include <gtest/gtest.h>

#include <optional>
#include <string_view>
#include <utility>

namespace personalize::rules {
namespace {

TEST(FactValue, FindsTheNumberThatIsMeant) {
  const std::pair<std::string_view, std::optional<double>> cases[] = {
      {"129", 129},
      {" 129.90 ", 129.9},
      {"129,90", 129.9},
      {"0.125", 0.125},
      {"0,125", 0.125},
      {"1.234", 1.234},   // as programs write it
      {"1.234 €", 1234},  // as people do
      {"1,234", 1234},    // no program writes that
      {"€1,234", 1234},
      {"1234.567 kg", 1234.567},
      {"1.234,56 €", 1234.56},
      {"$1,234.56", 1234.56},
      {"1 234,56\xC2\xA0€", 1234.56},
      {"1\xE2\x80\xAF"
       "234,56 €",
       1234.56},
      {"1\xC2\xA0"
       "234\xC2\xA0"
       "567 kr",
       1234567},
      {"CHF 1'234.50", 1234.5},
      {"1’234.50", 1234.5},
      {"12.345.678", 12345678},
      {"1,234,567.8", 1234567.8},
      {"₹1,23,456.70", 123456.7},
      {"1,23,456", 123456},
      {"-5", -5},
      {"\xE2\x88\x92"
       "5,50 €",
       -5.5},
      {"-€5.00", -5},
      {"Total - €5.00", 5},
      {"SKU-5", 5},
      {"-1.234", -1.234},
      {"96 results", 96},
      {"Order #4711.", 4711},
      {"Order number: 4711, thank you", 4711},
      {"5,-", 5},
      {"1.000.000,5", 1000000.5},
      {"007", 7},
      {"", std::nullopt},
      {"none", std::nullopt},
      {"Showing 1–12 of 96", std::nullopt},
      {"12-5", std::nullopt},
      {"1.2.3", std::nullopt},
      {"1,2,3", std::nullopt},
      {"12,34.56,78", std::nullopt},
      {"1.234,567.89", std::nullopt},
      {"2026-11-30", std::nullopt},
      {"12:30", std::nullopt},
      {"1e5", std::nullopt},
      {"0x10", std::nullopt},
      {"1234567890123456789012345678901234567890123", std::nullopt},
      {"١٢٣", std::nullopt},
  };
  for (const auto& [text, number] : cases) EXPECT_EQ(number_in(text), number) << text;
}

TEST(FactValue, IsOfItsType) {
  EXPECT_EQ(convert(Kind::int64, "1,234 results").as_int64(), 1234);
  EXPECT_TRUE(convert(Kind::int64, "12.50").missing());
  EXPECT_TRUE(convert(Kind::int64, "99999999999999999999").missing());
  EXPECT_EQ(convert(Kind::real, "12.50").as_real(), 12.5);
  EXPECT_TRUE(convert(Kind::real, "free").missing());
  EXPECT_EQ(convert(Kind::string, " \n a b\t").text(), "a b");
  EXPECT_TRUE(convert(Kind::string, " ").missing());
  EXPECT_TRUE(convert(Kind::string, "a\xFF").missing());
  for (std::string_view yes : {"", "true", "TRUE", "1", "yes", "on"})
    EXPECT_TRUE(convert(Kind::boolean, yes).is_true());
  for (std::string_view no : {"false", "0", "No", "off"}) {
    EXPECT_TRUE(convert(Kind::boolean, no).is(Kind::boolean)) << no;
    EXPECT_FALSE(convert(Kind::boolean, no).is_true()) << no;
  }
  EXPECT_TRUE(convert(Kind::boolean, "maybe").missing());
}

}  // namespace
}  // namespace personalize::rules
