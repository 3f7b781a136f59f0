// Where a socket connects to. Never a name: those are resolved when the configuration is loaded.
#pragma once

#include <sys/socket.h>

#include <optional>
#include <string>
#include <string_view>

namespace personalize::engine::redis {

class Address {
 public:
  Address() = default;
  /// IPv4, IPv6 or a Unix socket.
  Address(const sockaddr* address, socklen_t size);
  /// From `host`, "192.0.2.1" or "2001:db8::1", and `port`; nothing if it is no address.
  static std::optional<Address> literal(std::string_view host, int port);
  /// From "192.0.2.1:6379", "2001:db8::1:6379" or "[2001:db8::1]:6379", as a cluster redirects; without a host the one
  /// of `asked` is meant.
  static std::optional<Address> redirected(std::string_view text, const Address& asked);

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage_); }
  socklen_t size() const { return size_; }
  bool local() const { return storage_.ss_family == AF_UNIX; }
  std::string host() const;                          ///< without port; empty of a Unix socket
  const std::string& text() const { return text_; }  ///< for people: "[2001:db8::1]:6379", "unix:/run/redis.sock"

  bool operator==(const Address& other) const { return text_ == other.text_; }

 private:
  sockaddr_storage storage_ = {};
  socklen_t size_ = 0;
  std::string text_;
};

}  // namespace personalize::engine::redis
