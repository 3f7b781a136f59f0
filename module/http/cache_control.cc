#include "module/http/cache_control.h"

#include <algorithm>
#include <array>
#include <utility>

#include "module/coding/weighted_list.h"

namespace personalize::module {
namespace {

constexpr std::array<std::pair<std::string_view, CacheRestriction>, 4> restrictions = {{
    {"no-store", no_store},
    {"no-cache", no_cache},
    {"must-revalidate", must_revalidate},
    {"no-transform", no_transform},
}};

}  // namespace

unsigned restrictions_in(std::string_view value) {
  unsigned found = 0;
  while (!value.empty()) {
    std::string_view directive = take_part(value, ',');
    const std::string_view name = take_part(directive, '=');
    for (const auto& [word, restriction] : restrictions)
      if (same(name, word)) found |= restriction;
  }
  return found;
}

bool is_for_some_caches(std::string_view name) {
  constexpr std::string_view targeted = "-cache-control";
  if (name.size() >= targeted.size() && same(name.substr(name.size() - targeted.size()), targeted)) return true;
  return same(name, "Surrogate-Control") || same(name, "Edge-Control") || same(name, "X-Accel-Expires");
}

}  // namespace personalize::module
