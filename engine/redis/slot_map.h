// Which server of a cluster has which keys, as servers say it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/redis/address.h"
#include "engine/redis/command.h"
#include "plugins/plugin.h"

namespace personalize::engine::redis {

struct SlotRange {
  std::uint16_t first;
  std::uint16_t last;
  Address master;
  std::string name;  ///< as redirects name it, "redis.example:6379"; empty if they say the address
};

/// From the reply to CLUSTER SLOTS by `from`, which may call itself "" (https://redis.io/commands/cluster-slots).
/// Servers that are announced by names only are left out. Nothing if this is no such reply.
std::optional<std::vector<SlotRange>> parse_slots(const plugins::Reply& reply, const Address& from);

/// What a server says about a key that it does not have.
struct Redirect {
  enum class Kind : std::uint8_t {
    moved,  ///< for good
    ask,    ///< for this once: the slot is just being moved
  };
  Kind kind;
  std::uint16_t slot;
  std::string_view target;    ///< as it was said, part of the error
  std::optional<Address> to;  ///< nothing if it was not said as an address
};

/// From an error such as "MOVED 3999 192.0.2.1:6381".
std::optional<Redirect> parse_redirect(std::string_view error, const Address& from);

}  // namespace personalize::engine::redis
