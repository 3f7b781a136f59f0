// Addresses that are tried in turn.
#pragma once

#include <vector>

#include "engine/redis/address.h"

namespace personalize::engine::redis {

class AddressRing {
 public:
  /// At least one.
  explicit AddressRing(std::vector<Address> addresses);

  const Address& current() const { return addresses_[current_]; }
  std::size_t size() const { return addresses_.size(); }
  void advance() { current_ = (current_ + 1) % addresses_.size(); }
  /// At least one. The current one stays current if it is among them; `keep`: or if it is not.
  void replace(std::vector<Address> addresses, bool keep);

 private:
  std::vector<Address> addresses_;
  std::size_t current_ = 0;
};

}  // namespace personalize::engine::redis
