// A node of the graph, read as the product, article or video that it describes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "learn/events/facts/facts_graph.h"
#include "learn/events/facts/offers.h"
#include "learn/events/product_facts.h"

namespace personalize::learn::events {

/// What the node describes by its type: `none` for everything else.
FactsKind kind_of(const FactsGraph& graph, FactsGraph::NodeId node);

class ThingReader {
 public:
  explicit ThingReader(const FactsGraph& graph) : graph_(graph), offers_(graph) {}

  /// Of a node that is of that kind. What `hasVariant` names is part of it.
  ProductFacts read(FactsGraph::NodeId node, FactsKind kind);
  /// The id of the group that the product is a variant of, or that it is; empty if it is neither.
  std::string_view group_of(FactsGraph::NodeId node) const;
  /// The text of a property, or the name of the thing that it is; empty if there is none.
  std::string_view text(FactsGraph::NodeId node, std::string_view property) const;

 private:
  std::string_view text_of(const FactsGraph::Value& value, int depth) const;
  std::string_view image(FactsGraph::NodeId node, std::string_view property) const;
  std::string_view address(FactsGraph::NodeId node) const;
  void read_product(FactsGraph::NodeId node, ProductFacts& facts);
  void read_ids(FactsGraph::NodeId node, ProductFacts& facts) const;
  void read_variant(FactsGraph::NodeId variant, ProductFacts& facts, OfferFacts& offers);

  const FactsGraph& graph_;
  OfferReader offers_;
};

}  // namespace personalize::learn::events
