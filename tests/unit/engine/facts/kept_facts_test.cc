#include "engine/facts/kept_facts.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "engine/facts/page_product.h"
#include "html/facts/fact_reader.h"
#include "html/splicing/splice_plan.h"
#include "tests/unit/html/random_page.h"

namespace personalize::engine {
namespace {

namespace events = learn::events;

constexpr std::string_view page =
    "<link rel=canonical href=/p/1><p id=order> 1001 </p><i class=c></i><i class=c></i><script "
    "type='application/ld+json'>"
    R"({"@type":"Product","name":"Tide Boots","sku":"T","mpn":"M","brand":"Skellig","image":"/t.jpg","category":"Boots",)"
    R"("offers":{"price":99,"priceCurrency":"EUR","availability":"InStock","priceSpecification":{"price":120,"priceType":"ListPrice"}}})"
    "</script>";

html::FactSet order_facts() {
  html::FactSet set;
  for (const html::FactDeclaration& fact :
       {html::FactDeclaration{"order", "#order"}, {"missing", "#no"}, {"cards", ".c", {}, true}})
    EXPECT_FALSE(set.add(fact));
  return set;
}

TEST(KeptFacts, AreWhatWasRead) {
  const html::FactSet set = order_facts();
  const html::PageFacts read = html::read_facts(set, page);
  const events::ProductFacts product = read_page_product(read, "/p/1");
  const std::string bytes = read_kept_facts(set, page, {}, "/p/1");
  const KeptFacts kept(bytes);
  ASSERT_TRUE(kept.valid());
  ASSERT_EQ(kept.declared_count(), read.declared.size());
  for (std::size_t i = 0; i < read.declared.size(); ++i) EXPECT_EQ(kept.declared(i), read.declared[i]) << i;
  const KeptFacts::Product same = kept.product("/p/1");
  EXPECT_EQ(same.kind, product.kind);
  EXPECT_EQ(same.source, product.source);
  EXPECT_EQ(same.availability, product.availability);
  EXPECT_EQ(same.name, "Tide Boots");
  EXPECT_EQ(same.brand, "Skellig");
  EXPECT_EQ(same.category, "Boots");
  EXPECT_EQ(same.image, "/t.jpg");
  EXPECT_EQ(same.currency, "EUR");
  EXPECT_EQ(same.price, 99);
  EXPECT_EQ(same.list_price, 120);
  ASSERT_EQ(same.ids, product.ids.size());
  for (std::size_t i = 0; i < same.ids; ++i) {
    EXPECT_EQ(kept.id(i).id, product.ids[i].id);
    EXPECT_EQ(kept.id(i).kind, product.ids[i].kind);
  }
}

TEST(KeptFacts, AProductThatThePathDecidedIsOfThatPathOnly) {
  const std::string two = R"(<script type='application/ld+json'>[{"@type":"Product","name":"One","url":"/1"},)"
                          R"({"@type":"Product","name":"Two","url":"/2"}]</script>)";
  const std::string bytes = read_kept_facts(html::FactSet(), two, {}, "/2");
  EXPECT_EQ(KeptFacts(bytes).product("/2").name, "Two");
  EXPECT_EQ(KeptFacts(bytes).product("/1").kind, events::FactsKind::none);
  const std::string of_all = read_kept_facts(order_facts(), page, {}, "/p/1");
  EXPECT_EQ(KeptFacts(of_all).product("/elsewhere").name, "Tide Boots");
}

TEST(KeptFacts, OfOtherBytesNothingIsKnown) {
  const std::string bytes = read_kept_facts(order_facts(), page, {}, {});
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(KeptFacts(std::string_view(bytes).substr(0, size)).valid());
  EXPECT_FALSE(KeptFacts(bytes + "x").valid());
  EXPECT_EQ(KeptFacts("").product("").kind, events::FactsKind::none);
  constexpr unsigned seed = 20260703;
  std::mt19937 random(seed);
  for (int i = 0; i < 20000; ++i) {  // whatever they are, nothing outside of them is read
    std::vector<char> broken(bytes.begin(), bytes.end());
    for (int change = 0; change < 4; ++change) broken[random() % broken.size()] = static_cast<char>(random());
    const KeptFacts kept({broken.data(), broken.size()});
    if (!kept.valid()) continue;
    for (std::size_t fact = 0; fact < kept.declared_count(); ++fact) kept.declared(fact);
    const KeptFacts::Product product = kept.product("/");
    for (std::size_t id = 0; id < product.ids; ++id) kept.id(id);
  }
}

TEST(KeptFacts, AreTheSameInAPlanAndOfAStreamedPage) {
  constexpr unsigned seed = 20260704;
  std::mt19937 random(seed);
  html::FactSet set;
  for (const html::FactDeclaration& fact :
       {html::FactDeclaration{"a", ".a"}, {"k", "[k]", "k"}, {"n", "p, li", {}, true}, {"s", "span"}})
    ASSERT_FALSE(set.add(fact));
  html::Selectors selectors;
  ASSERT_FALSE(selectors.add(".b"));
  for (int i = 0; i < 1000; ++i) {
    const std::string random_page = html::testing::random_page(random) + std::string(i % 2 == 0 ? page : "");
    const std::string kept = read_kept_facts(set, random_page, {}, "/");
    const std::string plan = html::record_plan(selectors, random_page, {}, html::TagSource::plan, {}, kept);
    html::FactReader reader(set);
    for (std::size_t at = 0; at < random_page.size();) {
      const std::size_t size = 1 + random() % 64;
      reader.write(std::string_view(random_page).substr(at, size));
      at += size;
    }
    const html::PageFacts streamed = reader.end();
    ASSERT_EQ(html::note_of_plan(plan), keep_facts(streamed, read_page_product(streamed, "/"), "/"))
        << "seed " << seed << "\n"
        << random_page;
  }
}

TEST(KeptFacts, APlanWithANoteSplicesTheSame) {
  html::Selectors selectors;
  ASSERT_FALSE(selectors.add("#order"));
  const std::string body(page);
  const std::string note = read_kept_facts(order_facts(), body, {}, {});
  for (const html::TagSource source : {html::TagSource::body, html::TagSource::plan}) {
    const std::string with = html::record_plan(selectors, body, {}, source, {}, note);
    EXPECT_EQ(html::note_of_plan(with), note);
    EXPECT_TRUE(html::SplicePlan(with).valid());
    EXPECT_EQ(html::SplicePlan(with).events(),
              html::SplicePlan(html::record_plan(selectors, body, {}, source)).events());
    EXPECT_EQ(html::note_of_plan(html::record_plan(selectors, body, {}, source)), "");
  }
  EXPECT_EQ(html::note_of_plan(""), "");
  EXPECT_EQ(html::note_of_plan(std::string(200, 'x')), "");
}

}  // namespace
}  // namespace personalize::engine
