#include "engine/facts/page_product.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "html/facts/fact_reader.h"
#include "html/limits.h"
#include "tests/unit/folders.h"

namespace personalize::engine {
namespace {

namespace events = learn::events;

std::filesystem::path shapes_folder() { return source_folder() / "tests/unit/engine/facts/shapes"; }

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// As in the files beside the shapes.
std::string describe_product(const events::ProductFacts& facts) {
  std::string all = fmt::format("{} by {}\n", events::to_string(facts.kind), events::to_string(facts.source));
  const auto add = [&all](std::string_view name, const std::string& text) {
    if (!text.empty()) all += fmt::format("{}: {}\n", name, text);
  };
  add("name", facts.name);
  add("brand", facts.brand);
  add("category", facts.category);
  const std::string list = facts.list_price ? fmt::format(" (list price {})", *facts.list_price) : std::string();
  if (facts.price)
    add("price", fmt::format("{}{}{}{}", *facts.price, facts.currency.empty() ? "" : " ", facts.currency, list));
  else
    add("currency", facts.currency);
  if (facts.availability != events::Availability::unknown)
    add("availability", std::string(events::to_string(facts.availability)));
  add("url", facts.url);
  add("image", facts.image);
  std::vector<std::string> ids;
  for (const events::ProductId& id : facts.ids) ids.push_back(fmt::format("{} {}", events::to_string(id.kind), id.id));
  add("ids", fmt::format("{}", fmt::join(ids, ", ")));
  return all;
}

std::string product_of(std::string_view page, std::string_view path = {}) {
  return describe_product(read_page_product(html::read_facts(html::FactSet(), page), path));
}

std::vector<std::filesystem::path> shapes() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(shapes_folder())) {
    if (entry.path().extension() == ".html") paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  return paths;
}

std::string name_of(const ::testing::TestParamInfo<std::filesystem::path>& shape) {
  std::string name = shape.param.stem().string();
  std::ranges::replace(name, '-', '_');
  return name;
}

class ProductShapes : public ::testing::TestWithParam<std::filesystem::path> {};

TEST_P(ProductShapes, AreRead) {
  std::filesystem::path expected = GetParam();
  expected.replace_extension(".txt");
  EXPECT_EQ(product_of(read_file(GetParam())), read_file(expected));
}

TEST_P(ProductShapes, AreReadTheSameInPieces) {
  const std::string page = read_file(GetParam());
  for (const std::size_t size : {1, 3, 64}) {
    const html::FactSet set;
    html::FactReader reader(set);
    for (std::size_t at = 0; at < page.size(); at += size) reader.write(std::string_view(page).substr(at, size));
    EXPECT_EQ(describe_product(read_page_product(reader.end(), {})), product_of(page)) << size;
  }
}

TEST_P(ProductShapes, CutOffAnywhereAreSurvived) {
  const std::string page = read_file(GetParam());
  for (std::size_t size = 0; size < page.size(); ++size) product_of(page.substr(0, size));
}

TEST_P(ProductShapes, SayWhereTheyWereFound) {
  const std::string list = read_file(shapes_folder() / "README.md");
  EXPECT_NE(list.find("| `" + GetParam().stem().string() + "` | "), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Shapes, ProductShapes, ::testing::ValuesIn(shapes()), name_of);

TEST(PageProduct, AMegabyteOfJsonGivesWhatFits) {
  std::string page =
      R"(<script type="application/ld+json">{"@type":"Product","name":"Tide Boots","sku":"T","offers":[)";
  while (page.size() < (1u << 20)) page += R"({"@type":"Offer","price":12,"priceCurrency":"EUR"},)";
  page += "]}</script>";
  EXPECT_EQ(product_of(page), "product by JSON-LD\nname: Tide Boots\nprice: 12 EUR\nids: sku T\n");
  EXPECT_EQ(html::read_facts(html::FactSet(), page).ignored, html::PageFacts::ignored_ld_json);
  const std::string rest(1u << 20, 'x');
  EXPECT_EQ(product_of(R"(<script type="application/ld+json">{"@type":"Product","description":")" + rest +
                       R"(","name":"Tide Boots"}</script>)"),
            "product by JSON-LD\n");
}

TEST(PageProduct, TheAddressOfThePageDecidesWhereThePageDoesNot) {
  const std::string page =
      R"(<script type="application/ld+json">[{"@type":"Product","name":"One","url":"https://shop.example/p/one"},)"
      R"({"@type":"Product","name":"Two","url":"/p/two/#reviews"}]</script>)";
  EXPECT_EQ(product_of(page), "none by none\n");
  EXPECT_EQ(product_of(page, "/p/two"), "product by JSON-LD\nname: Two\nurl: /p/two/#reviews\n");
  EXPECT_EQ(product_of(page, "/p/three"), "none by none\n");
  const html::FactSet set;
  EXPECT_TRUE(read_page_product(html::read_facts(set, page), "/p/one").by_path);
  EXPECT_FALSE(read_page_product(html::read_facts(set, "<link rel=canonical href=/p/one>" + page), "/p/two").by_path);
}

TEST(PageProduct, PagesThatReferToThemselvesEndSoon) {
  const std::string offers = R"({"@id":"a"},)";
  std::string many;
  for (int i = 0; i < 2000; ++i) many += offers;
  product_of(
      R"(<script type="application/ld+json">[{"@type":["Product","Offer"],"@id":"a","name":"x","price":1,"offers":[)" +
      many + R"(],"hasVariant":[)" + many + R"(],"isVariantOf":{"@id":"a"},"mainEntity":{"@id":"a"}}]</script>)");
  std::string items;
  for (int i = 0; i < 200; ++i) items += "<div itemscope itemprop=offers itemtype='Offer Product' id=a itemref=a>";
  product_of("<div itemscope itemtype=Product>" + items);
  // Many that name one with many properties: each is looked at once.
  std::string properties = "1";
  for (int i = 0; i < 20'000; ++i) properties += ",1";
  product_of(R"(<script type="application/ld+json">[{"@type":"ProductGroup","name":"x","hasVariant":[)" + many +
             R"(],"offers":[)" + many + R"(]},{"@id":"a","@type":["Product","Offer"],"sku":[)" + properties +
             "]}]</script>");
  std::string deep;
  for (int i = 0; i < 20'000; ++i) deep += R"({"offers":[)";
  product_of(R"(<script type="application/ld+json">{"@type":"Product","name":"x",)" + deep.substr(1) + "</script>");
}

}  // namespace
}  // namespace personalize::engine
