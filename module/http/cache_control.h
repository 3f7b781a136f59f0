// What response headers tell caches.
#pragma once

#include <string_view>

namespace personalize::module {

/// Directives of Cache-Control that restrict what may be done with a response, as bits.
enum CacheRestriction : unsigned {
  no_store = 1,
  no_cache = 2,
  must_revalidate = 4,
  no_transform = 8,
  restriction_sets = 16  ///< how many combinations there are
};

/// Those in the value of a Cache-Control header (RFC 9111, 5.2).
unsigned restrictions_in(std::string_view value);

bool is_for_some_caches(std::string_view name);

/// True for response headers that tell some caches, such as a CDN's, how long to keep the response whatever
/// Cache-Control says: targeted fields (RFC 9213: all are called "…-Cache-Control"), their predecessors, and what
/// NGINX's own cache reads.
inline bool tells_some_caches(std::string_view name) {
  constexpr std::size_t shortest = std::string_view("Edge-Control").size();
  // All but one end in "l".
  return name.size() >= shortest && ((name.back() | 0x20) == 'l' || (name.back() | 0x20) == 's') &&
         is_for_some_caches(name);
}

}  // namespace personalize::module
