// Which part of a cluster a key belongs to.
#pragma once

#include <cstdint>
#include <string_view>

namespace personalize::engine::redis {

inline constexpr std::uint16_t slots_of_a_cluster = 16384;

/// CRC-16/XMODEM of the key, or of what stands in its first pair of braces, modulo the slots
/// (https://redis.io/docs/reference/cluster-spec/#hash-tags).
std::uint16_t slot_of(std::string_view key);

}  // namespace personalize::engine::redis
