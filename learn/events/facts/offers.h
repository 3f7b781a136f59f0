// What a product costs, and whether it is there, by schema.org's offers.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "learn/events/facts/facts_graph.h"
#include "learn/events/product_facts.h"

namespace personalize::learn::events {

namespace limits {
inline constexpr std::size_t max_offers = 1024;  ///< of a page that are looked at
}  // namespace limits

struct OfferFacts {
  std::optional<double> price, list_price;
  std::string currency;
  Availability availability = Availability::unknown;
  std::string_view url;
};

/// Reads offers of one page.
class OfferReader {
 public:
  explicit OfferReader(const FactsGraph& graph) : graph_(graph) {}

  /// Adds an offer, or those in an aggregate: the lowest price of one that can be had counts, in the currency that
  /// comes first.
  void add(OfferFacts& facts, const FactsGraph::Value& offer);
  /// Those that were read, also those in aggregates; forgets them.
  std::set<FactsGraph::NodeId> take_read() { return std::exchange(read_, {}); }

 private:
  void add_node(OfferFacts& facts, FactsGraph::NodeId node, std::size_t depth);

  const FactsGraph& graph_;
  std::size_t left_ = limits::max_offers;
  std::set<FactsGraph::NodeId> read_;
};

}  // namespace personalize::learn::events
