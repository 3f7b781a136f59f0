#include "engine/redis/address_ring.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace personalize::engine::redis {

AddressRing::AddressRing(std::vector<Address> addresses) : addresses_(std::move(addresses)) {
  assert(!addresses_.empty());
}

void AddressRing::replace(std::vector<Address> addresses, bool keep) {
  const Address now = current();
  if (keep && std::find(addresses.begin(), addresses.end(), now) == addresses.end())
    addresses.insert(addresses.begin(), now);
  const auto found = std::find(addresses.begin(), addresses.end(), now);
  current_ = found == addresses.end() ? 0 : static_cast<std::size_t>(found - addresses.begin());
  addresses_ = std::move(addresses);
  assert(current_ < addresses_.size());
}

}  // namespace personalize::engine::redis
