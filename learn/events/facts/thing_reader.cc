#include "learn/events/facts/thing_reader.h"

#include <algorithm>
#include <array>
#include <set>

#include "learn/events/facts/fact_texts.h"

namespace personalize::learn::events {
namespace {

using NodeId = FactsGraph::NodeId;
using Value = FactsGraph::Value;

constexpr std::array<std::string_view, 9> product_types = {
    "Product", "ProductGroup", "ProductModel", "IndividualProduct", "SomeProducts",
    "Vehicle", "Car",          "Motorcycle",   "MotorizedBicycle"};
/// Products only where they are for sale.
constexpr std::array<std::string_view, 9> goods_types = {"Book",  "CreativeWork", "Game",      "MobileApplication",
                                                         "Movie", "MusicAlbum",   "VideoGame", "SoftwareApplication",
                                                         "Course"};
constexpr std::array<std::string_view, 12> article_types = {
    "Article",           "NewsArticle",          "BlogPosting",
    "TechArticle",       "ScholarlyArticle",     "Report",
    "LiveBlogPosting",   "AnalysisNewsArticle",  "OpinionNewsArticle",
    "ReviewNewsArticle", "ReportageNewsArticle", "SocialMediaPosting"};

bool has_any(const FactsGraph& graph, NodeId node, const auto& types) {
  return std::ranges::any_of(types, [&](std::string_view type) { return graph.has_type(node, type); });
}

}  // namespace

FactsKind kind_of(const FactsGraph& graph, NodeId node) {
  if (has_any(graph, node, product_types)) return FactsKind::product;
  if (graph.find(node, "offers") != nullptr && has_any(graph, node, goods_types)) return FactsKind::product;
  if (has_any(graph, node, article_types)) return FactsKind::article;
  return graph.has_type(node, "VideoObject") ? FactsKind::video : FactsKind::none;
}

ProductFacts ThingReader::read(NodeId node, FactsKind kind) {
  ProductFacts facts;
  facts.kind = kind;
  const auto first_of = [&](std::initializer_list<std::string_view> properties) {
    for (const std::string_view property : properties) {
      if (const std::string_view found = stripped(text(node, property)); !found.empty())
        return shortened(found, limits::max_product_name);
    }
    return std::string_view();
  };
  facts.name = kind == FactsKind::article ? first_of({"headline", "name"}) : first_of({"name", "title", "headline"});
  facts.brand = kind == FactsKind::product ? first_of({"brand", "manufacturer"}) : first_of({"publisher"});
  facts.category = kind == FactsKind::article ? first_of({"articleSection", "genre"}) : first_of({"category", "genre"});
  facts.url = address(node);
  for (const std::string_view property : {"image", "thumbnailUrl", "thumbnail"}) {
    if (facts.image.empty()) facts.image = image(node, property);
  }
  if (kind == FactsKind::product) read_product(node, facts);
  return facts;
}

void ThingReader::read_product(NodeId node, ProductFacts& facts) {
  OfferFacts offers;
  std::set<NodeId> variants;
  read_ids(node, facts);
  if (const std::string_view group = group_of(node); !group.empty()) add_id(facts, IdKind::group, group);
  graph_.for_each(node, [&](std::string_view name, const Value& value) {
    if (name == "offers") offers_.add(offers, value);
  });
  graph_.for_each(node, [&](std::string_view name, const Value& value) {
    if (value.node == FactsGraph::no_node || value.node == node) return;
    const bool variant = name == "hasVariant" || name == "model";
    if (variant && variants.insert(value.node).second) read_variant(value.node, facts, offers);
    if (name == "isVariantOf" && facts.name.empty())
      facts.name = shortened(stripped(text(value.node, "name")), limits::max_product_name);
  });
  // Where variants are offers, these have their ids.
  for (const NodeId offer : offers_.take_read()) {
    read_ids(offer, facts);
    const Value* const offered = graph_.find(offer, "itemOffered");
    if (offered != nullptr && offered->node != FactsGraph::no_node) read_ids(offered->node, facts);
  }
  facts.price = offers.price;
  facts.list_price = offers.list_price;
  facts.currency = offers.currency;
  facts.availability = offers.availability;
  if (facts.url.empty()) facts.url = offers.url;
}

void ThingReader::read_variant(NodeId variant, ProductFacts& facts, OfferFacts& offers) {
  read_ids(variant, facts);
  graph_.for_each(variant, [&](std::string_view name, const Value& value) {
    if (name == "offers") offers_.add(offers, value);
  });
  if (facts.image.empty()) facts.image = image(variant, "image");
}

void ThingReader::read_ids(NodeId node, ProductFacts& facts) const {
  graph_.for_each(node, [&](std::string_view name, const Value& value) {
    const std::string lower = in_lower_case(name);
    const auto kind = id_kind(lower);
    if (lower == "productid" || lower == "identifier") {
      if (value.node == FactsGraph::no_node) return add_id_with_prefix(facts, value.text);
      const auto property = id_kind(in_lower_case(text(value.node, "propertyID")));
      add_id(facts, property.value_or(IdKind::product_id), text(value.node, "value"));
    } else if (kind && value.node == FactsGraph::no_node) {
      add_id(facts, *kind, value.text);
    }
  });
}

std::string_view ThingReader::group_of(NodeId node) const {
  for (const std::string_view property : {"productGroupID", "inProductGroupWithID"}) {
    if (const std::string_view id = stripped(text(node, property)); !id.empty()) return id;
  }
  const Value* const group = graph_.find(node, "isVariantOf");
  return group != nullptr && group->node != FactsGraph::no_node && group->node != node
             ? stripped(text(group->node, "productGroupID"))
             : std::string_view();
}

std::string_view ThingReader::text(NodeId node, std::string_view property) const {
  const Value* const value = graph_.find(node, property);
  return value != nullptr ? text_of(*value, 0) : std::string_view();
}

std::string_view ThingReader::text_of(const Value& value, int depth) const {
  if (value.node == FactsGraph::no_node) return value.text;
  const Value* const name = depth < 2 ? graph_.find(value.node, "name") : nullptr;
  return name != nullptr ? text_of(*name, depth + 1) : std::string_view();
}

/// The first one, as an address or as an ImageObject.
std::string_view ThingReader::image(NodeId node, std::string_view property) const {
  std::string_view found;
  graph_.for_each(node, [&](std::string_view name, const Value& value) {
    if (!found.empty() || name != property) return;
    if (value.node == FactsGraph::no_node) {
      found = usable_url(value.text);
      return;
    }
    for (const std::string_view part : {"url", "contentUrl", "src"}) {
      if (found.empty()) found = usable_url(text(value.node, part));
    }
    if (found.empty()) found = usable_url(graph_.id(value.node));
    if (found.starts_with('#')) found = {};
  });
  return found;
}

std::string_view ThingReader::address(NodeId node) const {
  if (const std::string_view url = usable_url(text(node, "url")); !url.empty()) return url;
  if (const Value* const page = graph_.find(node, "mainEntityOfPage"); page != nullptr) {
    const std::string_view text = page->node == FactsGraph::no_node ? page->text : graph_.id(page->node);
    const std::string_view url = usable_url(text.substr(0, text.find('#')));
    if (url.find('/') != std::string_view::npos) return url;
  }
  const std::string_view id = usable_url(graph_.id(node));
  return id.starts_with("http") ? id.substr(0, id.find('#')) : std::string_view();
}

}  // namespace personalize::learn::events
