// A connected socket that waits no longer than it may.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

#include "engine/redis/address.h"
#include "engine/redis/client/deadline.h"

namespace personalize::engine::redis::client {

/// TCP or Unix. Errors say what happened and what to look at, but not which address it was.
class Socket {
 public:
  static tl::expected<Socket, std::string> connect(const Address& address, Deadline deadline);
  Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Socket& operator=(Socket&& other) noexcept;
  ~Socket() { close(); }

  /// All of it.
  tl::expected<void, std::string> send(std::string_view bytes, Deadline deadline);
  /// How many bytes came, at least one.
  tl::expected<std::size_t, std::string> receive(std::span<char> buffer, Deadline deadline);

 private:
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  void close();

  int descriptor_ = -1;
};

}  // namespace personalize::engine::redis::client
