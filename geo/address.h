// An IP address as a number, and the networks around it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace personalize::geo {

struct Address {
  std::array<std::uint8_t, 16> bytes{};  ///< network order; of IPv4 the first four
  bool v4 = false;

  /// Dotted IPv4 or IPv6, nothing around it (no brackets, port or zone).
  static std::optional<Address> parse(std::string_view text);
  /// The IPv4 address that ::ffff:a.b.c.d stands for.
  std::optional<Address> unmapped() const;
  bool operator==(const Address&) const = default;
};

/// "192.0.2.0/24": the network of that many leading bits around `address`; text form of RFC 5952 as libc
/// writes it.
std::string network_of(const Address& address, unsigned prefix);

}  // namespace personalize::geo
