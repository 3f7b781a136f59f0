#include "geo/address.h"

#include <arpa/inet.h>

#include <algorithm>

namespace personalize::geo {

std::optional<Address> Address::parse(std::string_view text) {
  char terminated[INET6_ADDRSTRLEN];
  if (text.size() >= sizeof(terminated) || text.find('\0') != std::string_view::npos) return std::nullopt;
  text.copy(terminated, text.size());
  terminated[text.size()] = '\0';

  Address address;
  address.v4 = text.find(':') == std::string_view::npos;
  if (inet_pton(address.v4 ? AF_INET : AF_INET6, terminated, address.bytes.data()) != 1) return std::nullopt;
  return address;
}

std::optional<Address> Address::unmapped() const {
  static constexpr std::uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (v4 || !std::equal(std::begin(mapped), std::end(mapped), bytes.begin())) return std::nullopt;
  Address inner;
  inner.v4 = true;
  std::copy(bytes.begin() + 12, bytes.end(), inner.bytes.begin());
  return inner;
}

std::string network_of(const Address& address, unsigned prefix) {
  const unsigned bits = address.v4 ? 32 : 128;
  prefix = std::min(prefix, bits);
  std::array<std::uint8_t, 16> masked{};
  for (unsigned i = 0; i < bits / 8; ++i) {
    const unsigned kept = prefix > i * 8 ? std::min(prefix - i * 8, 8u) : 0;
    masked[i] = address.bytes[i] & static_cast<std::uint8_t>(0xff00u >> kept);
  }
  char text[INET6_ADDRSTRLEN];
  inet_ntop(address.v4 ? AF_INET : AF_INET6, masked.data(), text, sizeof(text));
  return std::string(text) + "/" + std::to_string(prefix);
}

}  // namespace personalize::geo
