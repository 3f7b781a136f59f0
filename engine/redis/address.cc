#include "engine/redis/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstring>

namespace personalize::engine::redis {

Address::Address(const sockaddr* address, socklen_t size) : size_(std::min<socklen_t>(size, sizeof(storage_))) {
  std::memcpy(&storage_, address, size_);
  if (local()) {
    text_ = std::string("unix:") + reinterpret_cast<const sockaddr_un*>(&storage_)->sun_path;
    return;
  }
  const bool six = storage_.ss_family == AF_INET6;
  const int port = ntohs(six ? reinterpret_cast<const sockaddr_in6*>(&storage_)->sin6_port
                             : reinterpret_cast<const sockaddr_in*>(&storage_)->sin_port);
  text_ = (six ? "[" + host() + "]:" : host() + ":") + std::to_string(port);
}

std::string Address::host() const {
  char text[INET6_ADDRSTRLEN] = "";
  if (storage_.ss_family == AF_INET6) {
    inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6*>(&storage_)->sin6_addr, text, sizeof(text));
  } else if (storage_.ss_family == AF_INET) {
    inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(&storage_)->sin_addr, text, sizeof(text));
  }
  return text;
}

std::optional<Address> Address::literal(std::string_view host, int port) {
  if (port <= 0 || port > 65535 || host.find('\0') != host.npos) return std::nullopt;
  const std::string text(host);
  sockaddr_in four = {};
  if (inet_pton(AF_INET, text.c_str(), &four.sin_addr) == 1) {
    four.sin_family = AF_INET;
    four.sin_port = htons(static_cast<std::uint16_t>(port));
    return Address(reinterpret_cast<const sockaddr*>(&four), sizeof(four));
  }
  sockaddr_in6 six = {};
  if (inet_pton(AF_INET6, text.c_str(), &six.sin6_addr) != 1) return std::nullopt;
  six.sin6_family = AF_INET6;
  six.sin6_port = htons(static_cast<std::uint16_t>(port));
  return Address(reinterpret_cast<const sockaddr*>(&six), sizeof(six));
}

std::optional<Address> Address::redirected(std::string_view text, const Address& asked) {
  const std::size_t colon = text.rfind(':');
  if (colon == text.npos) return std::nullopt;
  const std::string_view digits = text.substr(colon + 1);
  int port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return colon == 0 ? literal(asked.host(), port) : literal(host, port);
}

}  // namespace personalize::engine::redis
