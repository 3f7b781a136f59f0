#include "learn/events/facts/offers.h"

#include <array>
#include <cmath>

#include "learn/events/facts/fact_texts.h"
#include "learn/events/facts/json_repair.h"
#include "learn/events/facts/price_text.h"

namespace personalize::learn::events {
namespace {

using NodeId = FactsGraph::NodeId;
using Value = FactsGraph::Value;

std::string currency_in(std::string_view text) {
  std::string upper(stripped(text));
  if (upper.size() == 3) {
    for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c & ~0x20) : c;
  }
  return std::string(read_currency(upper));
}

std::optional<double> price_in(const Value& value, std::string& currency) {
  if (value.is_number)
    return value.number >= 0 && std::isfinite(value.number) ? std::optional(value.number) : std::nullopt;
  if (value.text.starts_with('-') && !value.text.starts_with("--")) return std::nullopt;
  const auto price = read_price(value.text, value.shown ? PriceWriter::people : PriceWriter::machine, currency);
  if (price && currency.empty()) currency = currency_in(value.text);
  return price;
}

std::string_view text_at(const FactsGraph& graph, NodeId node, std::string_view name) {
  const Value* const value = graph.find(node, name);
  return value != nullptr ? value->text : std::string_view();
}

std::optional<double> price_at(const FactsGraph& graph, NodeId node, std::string_view name, std::string& currency) {
  const Value* const value = graph.find(node, name);
  return value != nullptr && value->node == FactsGraph::no_node ? price_in(*value, currency) : std::nullopt;
}

/// It holds for one piece, and for everybody.
bool is_for_all(const FactsGraph& graph, NodeId specification) {
  if (graph.find(specification, "validForMemberTier") != nullptr) return false;
  const Value* const quantity = graph.find(specification, "eligibleQuantity");
  if (quantity == nullptr || quantity->node == FactsGraph::no_node) return true;
  std::string ignored;
  const auto least = price_at(graph, quantity->node, "minValue", ignored);
  return !least || *least <= 1;
}

/// What things cost where they are not sold: crossed out, recommended.
bool is_list_price(std::string_view type) {
  const std::string lower = in_lower_case(type);
  for (const std::string_view name : {"listprice", "strikethroughprice", "msrp", "srp", "regularprice"}) {
    if (lower.ends_with(name)) return true;
  }
  return false;
}

/// `priceSpecification`s of an offer.
void add_specifications(OfferFacts& facts, const FactsGraph& graph, NodeId offer) {
  bool with_tax = false;
  graph.for_each(offer, [&](std::string_view name, const Value& value) {
    if (name != "priceSpecification" || value.node == FactsGraph::no_node || !is_for_all(graph, value.node)) return;
    std::string currency = currency_in(text_at(graph, value.node, "priceCurrency"));
    auto price = price_at(graph, value.node, "price", currency);
    if (!price) price = price_at(graph, value.node, "minPrice", currency);
    if (!price) return;
    if (facts.currency.empty()) facts.currency = currency;
    if (is_list_price(text_at(graph, value.node, "priceType"))) {
      facts.list_price = price;
      return;
    }
    const bool taxed = in_lower_case(text_at(graph, value.node, "valueAddedTaxIncluded")) == "true";
    if (facts.price && (with_tax || !taxed)) return;
    facts.price = price;
    with_tax = taxed;
  });
}

OfferFacts read_offer(const FactsGraph& graph, NodeId node) {
  OfferFacts offer;
  offer.currency = currency_in(text_at(graph, node, "priceCurrency"));
  offer.price = price_at(graph, node, "lowPrice", offer.currency);
  if (!offer.price) offer.price = price_at(graph, node, "price", offer.currency);
  if (offer.price) {
    OfferFacts specified;
    add_specifications(specified, graph, node);
    offer.list_price = specified.list_price;
    if (offer.currency.empty()) offer.currency = specified.currency;
  } else {
    add_specifications(offer, graph, node);
  }
  offer.availability = read_availability(text_at(graph, node, "availability"));
  offer.url = usable_url(text_at(graph, node, "url"));
  return offer;
}

bool can_be_had(Availability availability) {
  return availability != Availability::out_of_stock && availability != Availability::discontinued;
}

/// What can be had is better than what cannot, then the lower price.
bool is_better(const OfferFacts& one, const OfferFacts& other) {
  if (!one.price || (!one.currency.empty() && !other.currency.empty() && one.currency != other.currency)) return false;
  if (!other.price) return true;
  if (can_be_had(one.availability) != can_be_had(other.availability)) return can_be_had(one.availability);
  return *one.price < *other.price;
}

void add_best(OfferFacts& facts, const OfferFacts& offer) {
  const bool better_there = facts.availability == Availability::unknown ||
                            (!can_be_had(facts.availability) && offer.availability != Availability::unknown &&
                             can_be_had(offer.availability)) ||
                            offer.availability == Availability::in_stock;
  const Availability availability = better_there ? offer.availability : facts.availability;
  const std::string_view url = facts.url.empty() ? offer.url : facts.url;
  if (is_better(offer, facts)) facts = offer;
  if (facts.currency.empty() && !facts.price) facts.currency = offer.currency;
  facts.availability = availability;
  facts.url = url;
}

}  // namespace

void OfferReader::add_node(OfferFacts& facts, NodeId node, std::size_t depth) {
  constexpr std::size_t max_depth = 4;
  if (left_ == 0 || !read_.insert(node).second) return;
  --left_;
  OfferFacts offer = read_offer(graph_, node);
  if (depth < max_depth) {
    OfferFacts inside;
    inside.currency = offer.currency;
    graph_.for_each(node, [&](std::string_view name, const Value& value) {
      if (name == "offers" && value.node != FactsGraph::no_node) add_node(inside, value.node, depth + 1);
    });
    if (!offer.price) {
      offer.price = inside.price;
      offer.list_price = inside.list_price;
    }
    if (offer.currency.empty()) offer.currency = inside.currency;
    if (offer.availability == Availability::unknown) offer.availability = inside.availability;
    if (offer.url.empty()) offer.url = inside.url;
  }
  if (offer.list_price && (!offer.price || *offer.list_price <= *offer.price)) offer.list_price.reset();
  add_best(facts, offer);
}

void OfferReader::add(OfferFacts& facts, const Value& offer) {
  if (offer.node != FactsGraph::no_node) return add_node(facts, offer.node, 0);
  OfferFacts alone;
  alone.price = price_in(offer, alone.currency);
  if (alone.price) add_best(facts, alone);
}

}  // namespace personalize::learn::events
