// From what was read of a page to the product that it is about.
#pragma once

#include <string_view>

#include "html/facts/page_facts.h"
#include "learn/events/product_facts.h"

namespace personalize::engine {

/// `path`: of the page's address; it decides only where the page mentions several products and does not say which is
/// its own.
learn::events::ProductFacts read_page_product(const html::PageFacts& facts, std::string_view path);

}  // namespace personalize::engine
