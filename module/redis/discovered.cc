#include "module/redis/discovered.h"

#include <utility>

namespace personalize::nginx::redis {
namespace {

constexpr std::size_t most_early = 1024;

}  // namespace

bool DiscoveredStore::send(const std::shared_ptr<Query>& query) {
  if (known_) return route(query);
  if (hopeless_ || early_.size() == most_early) return false;
  early_.push_back(query);
  return true;
}

void DiscoveredStore::settle(bool known) {
  known_ = known_ || known;
  hopeless_ = !known_;
  for (const auto& query : std::exchange(early_, {})) dispatch(query);
}

}  // namespace personalize::nginx::redis
