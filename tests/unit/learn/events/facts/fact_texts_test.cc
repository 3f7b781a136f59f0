#include "learn/events/facts/fact_texts.h"

#include <gtest/gtest.h>

#include <string>

namespace personalize::learn::events {
namespace {

std::string ids_of(IdKind kind, std::initializer_list<std::string_view> ids) {
  ProductFacts facts;
  for (const std::string_view id : ids) add_id(facts, kind, id);
  std::string all;
  for (const ProductId& id : facts.ids) all += id.id + ";";
  return all;
}

TEST(FactTexts, PlaceholdersAndDuplicatesAreNoIds) {
  EXPECT_EQ(ids_of(IdKind::sku, {" a ", "A", "a", "", "N/A", "null", "-", "0", "00"}), "a;A;00;");
  EXPECT_EQ(
      ids_of(IdKind::sku, {std::string(limits::max_product_id, 'x'), std::string(limits::max_product_id + 1, 'y')}),
      std::string(limits::max_product_id, 'x') + ";");
  ProductFacts facts;
  for (int i = 0; i < 100; ++i) add_id(facts, IdKind::sku, std::to_string(i + 1));
  EXPECT_EQ(facts.ids.size(), limits::max_product_ids);
}

TEST(FactTexts, GtinsAreDigits) {
  EXPECT_EQ(ids_of(IdKind::gtin, {"4 006381-333931", "ean", "123", "123456789012345", "3-16-148410-X", "12345678X"}),
            "4006381333931;316148410X;");
}

TEST(FactTexts, IdsMaySayWhatTheyAre) {
  ProductFacts facts;
  for (const char* id : {"mpn:925872", "SKU: 7", "isbn:978-3-16-148410-0", "urn:x:1", "plain"})
    add_id_with_prefix(facts, id);
  const std::vector<ProductId> expected = {{IdKind::sku, "7"},
                                           {IdKind::product_id, "urn:x:1"},
                                           {IdKind::product_id, "plain"},
                                           {IdKind::mpn, "925872"},
                                           {IdKind::gtin, "9783161484100"}};
  EXPECT_EQ(facts.ids, expected);
}

TEST(FactTexts, AddressesAreComparedWithoutHost) {
  EXPECT_EQ(address_of("https://shop.example/p/one/?a=b#c"), "/p/one?a=b");
  EXPECT_EQ(address_of("//shop.example/p/one"), "/p/one");
  EXPECT_EQ(address_of("/p/one/"), "/p/one");
  EXPECT_EQ(address_of("https://shop.example"), "");
  EXPECT_EQ(address_of("/p?u=http://x/y"), "/p?u=http://x/y");
  EXPECT_EQ(address_of(""), "");
}

TEST(FactTexts, AvailabilityIsReadInAllItsSpellings) {
  for (const char* text :
       {"https://schema.org/InStock", "InStock", "in stock", "in_stock", "http://schema.org/LimitedAvailability/"})
    EXPECT_EQ(read_availability(text), Availability::in_stock) << text;
  for (const char* text : {"http://schema.org/OutOfStock", "out of stock", "SoldOut", "oos"})
    EXPECT_EQ(read_availability(text), Availability::out_of_stock) << text;
  EXPECT_EQ(read_availability("PreOrder"), Availability::preorder);
  EXPECT_EQ(read_availability("maybe"), Availability::unknown);
  EXPECT_EQ(read_availability(""), Availability::unknown);
}

TEST(FactTexts, TextsAreCutBetweenCharacters) {
  EXPECT_EQ(shortened("aé", 3), "aé");
  EXPECT_EQ(shortened("aé", 2), "a");
  EXPECT_EQ(shortened("é", 1), "");
  EXPECT_EQ(usable_url(" https://x/y "), "https://x/y");
  EXPECT_EQ(usable_url("DATA:image/png;base64,AA"), "");
  EXPECT_EQ(usable_url("a b"), "");
  EXPECT_EQ(usable_url(std::string(limits::max_product_url + 1, 'x')), "");
}

}  // namespace
}  // namespace personalize::learn::events
