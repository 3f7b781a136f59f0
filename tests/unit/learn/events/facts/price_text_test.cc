#include "learn/events/facts/price_text.h"

#include <gtest/gtest.h>

#include <string>

namespace personalize::learn::events {
namespace {

struct Case {
  const char* text;
  double machine, people;
};

constexpr double none = -1;

class PriceTexts : public ::testing::TestWithParam<Case> {};

TEST_P(PriceTexts, AreReadAsTheyAreMeant) {
  const Case& price = GetParam();
  EXPECT_EQ(read_price(price.text, PriceWriter::machine).value_or(none), price.machine) << price.text;
  EXPECT_EQ(read_price(price.text, PriceWriter::people).value_or(none), price.people) << price.text;
}

INSTANTIATE_TEST_SUITE_P(Prices, PriceTexts,
                         ::testing::Values(Case{"12", 12, 12}, Case{"12.5", 12.5, 12.5}, Case{"12,50", 12.5, 12.5},
                                           Case{"129.00", 129, 129}, Case{"1,299.00", 1299, 1299},
                                           Case{"1.299,00", 1299, 1299}, Case{"1,299", 1299, 1299},
                                           Case{"1.299", 1.299, 1299}, Case{"0.299", 0.299, 0.299},
                                           Case{"1,299,000", 1299000, 1299000}, Case{"1.299.000", 1299000, 1299000},
                                           Case{"1.299.000,5", 1299000.5, 1299000.5}, Case{"1 299,00 €", 1299, 1299},
                                           Case{"1\u00A0299,00", 1299, 1299}, Case{"1\u2009299,00", 1299, 1299},
                                           Case{"1\u202F299 kr", 1299, 1299}, Case{"1'299.95", 1299.95, 1299.95},
                                           Case{"CHF 1’299.–", 1299, 1299}));
INSTANTIATE_TEST_SUITE_P(Texts, PriceTexts,
                         ::testing::Values(Case{"$12.00", 12, 12}, Case{"From 12", 12, 12}, Case{"ab 12,- €", 12, 12},
                                           Case{"12.-", 12, 12}, Case{"₹1,29,999.00", 129999, 129999},
                                           Case{"12.00 – 20.00", 12, 12}, Case{"12 20", 12, 12}, Case{"EUR12", 12, 12},
                                           Case{"12 000", 12000, 12000}, Case{"١٢٫٥٠", 12.5, 12.5},
                                           Case{"１２．", 12, 12}, Case{"free", none, none}, Case{"", none, none},
                                           Case{".", none, none}, Case{"999999999999999999999", none, none},
                                           Case{"0", 0, 0}, Case{"0.00", 0, 0}, Case{"1.2.3.4.5.6.7.8.9", none, none},
                                           Case{"24.12.2026", none, none}));

TEST(PriceText, CurrenciesWithThousandthsHaveThreeDigits) {
  EXPECT_EQ(read_price("12.500", PriceWriter::people, "KWD"), 12.5);
  EXPECT_EQ(read_price("12,500", PriceWriter::machine, "TND"), 12.5);
  EXPECT_EQ(read_price("12.500", PriceWriter::people, "EUR"), 12500);
  EXPECT_EQ(read_price("1,012.500", PriceWriter::people, "KWD"), 1012.5);
}

TEST(PriceText, CurrenciesAreKnownByCodesAndOwnSigns) {
  EXPECT_EQ(read_currency("EUR"), "EUR");
  EXPECT_EQ(read_currency("129.00 USD"), "USD");
  EXPECT_EQ(read_currency("€ 12"), "EUR");
  EXPECT_EQ(read_currency("12 zł"), "PLN");
  EXPECT_EQ(read_currency("$12"), "");
  EXPECT_EQ(read_currency("EURO"), "");
  EXPECT_EQ(read_currency(""), "");
}

}  // namespace
}  // namespace personalize::learn::events
