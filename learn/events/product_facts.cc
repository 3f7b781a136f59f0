#include "learn/events/product_facts.h"

#include <algorithm>
#include <array>
#include <map>

#include "learn/events/facts/fact_texts.h"
#include "learn/events/facts/facts_graph.h"
#include "learn/events/facts/json_repair.h"
#include "learn/events/facts/main_thing.h"
#include "learn/events/facts/price_text.h"

namespace personalize::learn::events {
namespace {

/// What social networks read.
class Meta {
 public:
  explicit Meta(std::span<const DataMeta> meta) : meta_(meta) {}

  std::string_view operator[](std::string_view name) const {
    const auto found = std::ranges::find_if(
        meta_, [name](const DataMeta& each) { return each.name == name && !stripped(each.content).empty(); });
    return found == meta_.end() ? std::string_view() : stripped(found->content);
  }
  /// The first of some names, in their order.
  std::string_view first(std::initializer_list<std::string_view> names) const {
    for (const std::string_view name : names) {
      if (const std::string_view content = (*this)[name]; !content.empty()) return content;
    }
    return {};
  }

 private:
  std::span<const DataMeta> meta_;
};

FactsKind kind_in(const Meta& meta) {
  const std::string type = in_lower_case(meta["og:type"]);
  if (type.starts_with("product") || type == "og:product" || type == "book") return FactsKind::product;
  if (!meta.first({"product:price:amount", "og:price:amount", "product:retailer_item_id"}).empty())
    return FactsKind::product;
  if (type == "article") return FactsKind::article;
  return type.starts_with("video") ? FactsKind::video : FactsKind::none;
}

void read_meta_price(const Meta& meta, ProductFacts& facts) {
  facts.currency =
      read_currency(meta.first({"product:price:currency", "og:price:currency", "product:sale_price:currency"}));
  const auto price = [&](std::initializer_list<std::string_view> names) {
    const std::string_view text = meta.first(names);
    if (facts.currency.empty()) facts.currency = read_currency(text);
    return read_price(text, PriceWriter::machine, facts.currency);
  };
  facts.price = price({"product:price:amount", "og:price:amount", "product:price"});
  facts.list_price = price({"product:original_price:amount", "og:price:standard_amount"});
  if (const auto sale = price({"product:sale_price:amount"}); sale && facts.price && *sale < *facts.price) {
    facts.list_price = facts.price;
    facts.price = sale;
  }
  if (facts.list_price && (!facts.price || *facts.list_price <= *facts.price)) facts.list_price.reset();
}

ProductFacts read_meta(const Meta& meta) {
  ProductFacts facts;
  facts.kind = kind_in(meta);
  if (facts.kind == FactsKind::none) return facts;
  facts.source = FactsSource::meta;
  facts.name = shortened(meta["og:title"], limits::max_product_name);
  facts.image = usable_url(meta.first({"og:image", "og:image:secure_url", "og:image:url"}));
  facts.url = usable_url(meta["og:url"]);
  facts.category = shortened(meta.first({"product:category", "article:section"}), limits::max_product_name);
  if (facts.kind != FactsKind::product) return facts;
  facts.brand = shortened(meta.first({"product:brand", "og:brand"}), limits::max_product_name);
  facts.availability = read_availability(meta.first({"product:availability", "og:availability"}));
  add_id(facts, IdKind::sku, meta["product:retailer_item_id"]);
  add_id(facts, IdKind::mpn, meta.first({"product:mfr_part_no", "product:mpn"}));
  add_id(facts, IdKind::group, meta["product:item_group_id"]);
  for (const std::string_view name : {"product:gtin", "product:ean", "product:upc", "product:isbn", "og:isbn"})
    add_id(facts, IdKind::gtin, meta[name]);
  read_meta_price(meta, facts);
  return facts;
}

/// The ids in the form that puts the page's product into the cart. Pages have other forms, for other products: among
/// several, only one that has an id of this product counts.
void add_fields(std::span<const DataField> fields, ProductFacts& facts) {
  std::map<std::uint32_t, std::vector<std::string_view>> forms;
  for (const DataField& field : fields) {
    const std::string_view id = stripped(field.text);
    if (!id.empty() && id.find(' ') == std::string_view::npos) forms[field.form].push_back(id);
  }
  const auto is_known = [&](std::string_view id) {
    return std::ranges::find(facts.ids, id, &ProductId::id) != facts.ids.end();
  };
  const bool only = forms.size() == 1;
  for (const auto& [form, ids] : forms) {
    if (!only && std::ranges::none_of(ids, is_known)) continue;
    for (const std::string_view id : ids) add_id(facts, IdKind::field, id);
  }
}

}  // namespace

ProductFacts read_product_facts(const PageData& page) {
  const Meta meta(page.meta);
  const OwnAddresses addresses{page.canonical, meta["og:url"], page.path};
  const ProductFacts social = read_meta(meta);
  ProductFacts facts;
  const auto read = [&](FactsSource source, const auto& fill) {
    FactsGraph graph;
    fill(graph);
    ProductFacts found = read_main_thing(graph, addresses);
    // A product that is sold comes before an article around it, whoever says so.
    if (found.kind == FactsKind::none || (facts.kind != FactsKind::none && facts.kind <= found.kind)) return;
    found.source = source;
    facts = std::move(found);
  };
  read(FactsSource::json_ld, [&](FactsGraph& graph) {
    for (const std::string_view script : page.ld_json) graph.add_json(script);
  });
  read(FactsSource::microdata, [&](FactsGraph& graph) { graph.add_microdata(page.items, page.properties); });
  if (social.kind != FactsKind::none && (facts.kind == FactsKind::none || social.kind < facts.kind))
    facts = social;
  else if (facts.kind == social.kind)
    complete(facts, social);
  if (facts.kind == FactsKind::none || facts.kind == FactsKind::product) add_fields(page.fields, facts);
  return facts;
}

std::string_view to_string(FactsKind kind) {
  constexpr std::array<std::string_view, 4> names = {"none", "product", "article", "video"};
  return names[static_cast<std::size_t>(kind)];
}

std::string_view to_string(FactsSource source) {
  constexpr std::array<std::string_view, 4> names = {"none", "JSON-LD", "microdata", "OpenGraph"};
  return names[static_cast<std::size_t>(source)];
}

std::string_view to_string(Availability availability) {
  constexpr std::array<std::string_view, 6> names = {"unknown",  "in_stock",  "out_of_stock",
                                                     "preorder", "backorder", "discontinued"};
  return names[static_cast<std::size_t>(availability)];
}

std::string_view to_string(IdKind kind) {
  constexpr std::array<std::string_view, 6> names = {"sku", "product_id", "mpn", "gtin", "group", "field"};
  return names[static_cast<std::size_t>(kind)];
}

}  // namespace personalize::learn::events
