// Which of the things that a page describes it is about.
#pragma once

#include <string_view>
#include <vector>

#include "learn/events/facts/facts_graph.h"
#include "learn/events/product_facts.h"

namespace personalize::learn::events {

/// The page's own addresses, as it says them, and as it was asked for.
struct OwnAddresses {
  std::string_view canonical, social, path;
};

/// Facts of the product, article or video; of kind `none` if there is none, or several and it is not clear which.
ProductFacts read_main_thing(const FactsGraph& graph, const OwnAddresses& addresses);

}  // namespace personalize::learn::events
