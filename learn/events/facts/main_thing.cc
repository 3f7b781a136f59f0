#include "learn/events/facts/main_thing.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "learn/events/facts/fact_texts.h"
#include "learn/events/facts/thing_reader.h"

namespace personalize::learn::events {
namespace {

using NodeId = FactsGraph::NodeId;
using Value = FactsGraph::Value;

/// How much a page says that something is its own.
enum class Claim : std::uint8_t {
  reviewed,  ///< it is what a review is about
  there,     ///< it stands for itself
  main,      ///< the page names it as its main entity
};

struct Candidate {
  NodeId node;
  Claim claim;
  NodeId offer = FactsGraph::no_node;  ///< in which it stands
};

class Choice {
 public:
  Choice(const FactsGraph& graph, FactsKind kind) : graph_(graph), kind_(kind), reader_(graph) {
    for (const NodeId root : graph.roots()) consider(root, Claim::there, 0);
    if (std::ranges::any_of(candidates_, [](const Candidate& c) { return c.claim != Claim::reviewed; }))
      std::erase_if(candidates_, [](const Candidate& c) { return c.claim == Claim::reviewed; });
    if (std::ranges::any_of(candidates_, [](const Candidate& c) { return c.claim == Claim::main; }))
      std::erase_if(candidates_, [](const Candidate& c) { return c.claim != Claim::main; });
    for (const Candidate& candidate : candidates_) things_.push_back(read(candidate));
  }

  ProductFacts run(const OwnAddresses& addresses) {
    if (things_.empty()) return {};
    if (things_.size() == 1 || describe_one(all())) return merged(all());
    for (const std::string_view address : {addresses.canonical, addresses.social}) {
      if (ProductFacts found = at(address); found.kind != FactsKind::none) return found;
    }
    ProductFacts found = at(addresses.path);
    found.by_path = found.kind != FactsKind::none;
    return found;
  }

 private:
  using Places = std::vector<std::size_t>;

  void consider(NodeId node, Claim claim, int depth) {
    constexpr int max_depth = 3;
    if (candidates_.size() == max_candidates) return;
    if (kind_of(graph_, node) == kind_) {
      const bool known = std::ranges::any_of(candidates_, [node](const Candidate& c) { return c.node == node; });
      if (!known) candidates_.push_back({node, claim});
      return;
    }
    if (depth == max_depth) return;
    const bool review = graph_.has_type(node, "Review") || graph_.has_type(node, "AggregateRating");
    const bool offer = graph_.has_type(node, "Offer") || graph_.has_type(node, "AggregateOffer");
    graph_.for_each(node, [&](std::string_view name, const Value& value) {
      if (value.node == FactsGraph::no_node) return;
      if (name == "mainEntity") consider(value.node, Claim::main, depth + 1);
      if (name == "itemReviewed" && review) consider(value.node, Claim::reviewed, depth + 1);
      if (name != "itemOffered" || !offer) return;
      const std::size_t before = candidates_.size();
      consider(value.node, claim, depth + 1);
      if (candidates_.size() != before) candidates_.back().offer = node;
    });
  }

  ProductFacts read(const Candidate& candidate) {
    ProductFacts facts = reader_.read(candidate.node, kind_);
    if (candidate.offer == FactsGraph::no_node || facts.price) return facts;
    OfferFacts offer;
    OfferReader(graph_).add(offer, {.node = candidate.offer});
    facts.price = offer.price;
    facts.list_price = offer.list_price;
    facts.currency = offer.currency;
    facts.availability = offer.availability;
    return facts;
  }

  Places all() const {
    Places places;
    for (std::size_t i = 0; i < things_.size(); ++i) places.push_back(i);
    return places;
  }

  /// Theme and plugin each describe it, or its variants stand side by side.
  bool describe_one(const Places& places) const {
    const ProductFacts& first = things_[places.front()];
    const auto shares_id = [&](const ProductFacts& other) {
      return std::ranges::any_of(first.ids, [&](const ProductId& id) {
        return std::ranges::find(other.ids, id.id, &ProductId::id) != other.ids.end();
      });
    };
    return std::ranges::all_of(places, [&](std::size_t i) {
      const ProductFacts& other = things_[i];
      return i == places.front() || (!first.name.empty() && first.name == other.name) || shares_id(other);
    });
  }

  /// Those that have this address; with its query, if that tells them apart.
  ProductFacts at(std::string_view url) {
    const std::string address = address_of(url);
    if (address.empty() || address.starts_with('?')) return {};
    const std::string path = address.substr(0, address.find('?'));
    Places exact, same_path;
    for (std::size_t i = 0; i < things_.size(); ++i) {
      if (things_[i].url.empty()) continue;
      const std::string own = address_of(things_[i].url);
      if (own == address) exact.push_back(i);
      if (own.substr(0, own.find('?')) == path) same_path.push_back(i);
    }
    const Places& places = exact.empty() ? same_path : exact;
    return places.empty() || (places.size() > 1 && !describe_one(places)) ? ProductFacts() : merged(places);
  }

  ProductFacts merged(const Places& places) {
    // One that is a whole group says more than its variants.
    const auto group = std::ranges::find_if(
        places, [&](std::size_t i) { return graph_.has_type(candidates_[i].node, "ProductGroup"); });
    ProductFacts facts = things_[group == places.end() ? places.front() : *group];
    for (const std::size_t i : places) {
      const ProductFacts& other = things_[i];
      if (facts.price && other.price && *other.price < *facts.price && other.currency == facts.currency &&
          group == places.end() && !reader_.group_of(candidates_[i].node).empty())
        facts.price = other.price;
      complete(facts, other);
    }
    return facts;
  }

  static constexpr std::size_t max_candidates = 64;

  const FactsGraph& graph_;
  const FactsKind kind_;
  ThingReader reader_;
  std::vector<Candidate> candidates_;
  std::vector<ProductFacts> things_;
};

}  // namespace

ProductFacts read_main_thing(const FactsGraph& graph, const OwnAddresses& addresses) {
  for (const FactsKind kind : {FactsKind::product, FactsKind::article, FactsKind::video}) {
    Choice choice(graph, kind);
    if (ProductFacts facts = choice.run(addresses); facts.kind != FactsKind::none) return facts;
  }
  return {};
}

}  // namespace personalize::learn::events
