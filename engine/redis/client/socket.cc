#include "engine/redis/client/socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <climits>
#include <cstring>
#include <optional>

namespace personalize::engine::redis::client {
namespace {

std::string explanation(int error) {
  std::string what = std::strerror(error);
  switch (error) {
    case ECONNREFUSED: return what + ": is Redis running there?";
    case ENOENT: return what + ": is that the socket's path, and is Redis running?";
    case EACCES: return what + ": this user may not open the socket";
    case ECONNRESET:
    case EPIPE: return what + ": does that port want tls=on?";
    default: return what;
  }
}

/// Why the descriptor is not ready for `events` by then, if it is not.
std::optional<std::string> wait_for(int descriptor, short events, Deadline deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd waiting{descriptor, events, 0};
    const int ready = poll(&waiting, 1, static_cast<int>(std::clamp<long long>(left, 0, INT_MAX)));
    if (ready > 0) return std::nullopt;
    if (ready == 0) return "no answer in time: is it busy, or is a firewall in between?";
    if (errno != EINTR) return explanation(errno);
  }
}

int error_of(int descriptor) {
  int error = 0;
  socklen_t size = sizeof(error);
  return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

bool would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

}  // namespace

void Socket::close() {
  if (descriptor_ != -1) ::close(descriptor_);
  descriptor_ = -1;
}

Socket& Socket::operator=(Socket&& other) noexcept {
  if (this != &other) {
    close();
    descriptor_ = std::exchange(other.descriptor_, -1);
  }
  return *this;
}

tl::expected<Socket, std::string> Socket::connect(const Address& address, Deadline deadline) {
  Socket made(socket(address.get()->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (made.descriptor_ == -1) return tl::unexpected(explanation(errno));
  const int on = 1;
  if (!address.local()) setsockopt(made.descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  if (::connect(made.descriptor_, address.get(), address.size()) == 0) return made;
  if (errno != EINPROGRESS) return tl::unexpected(explanation(errno));
  if (auto problem = wait_for(made.descriptor_, POLLOUT, deadline)) return tl::unexpected(std::move(*problem));
  if (const int error = error_of(made.descriptor_); error != 0) return tl::unexpected(explanation(error));
  return made;
}

tl::expected<void, std::string> Socket::send(std::string_view bytes, Deadline deadline) {
  assert(descriptor_ != -1);
  while (!bytes.empty()) {
    const ssize_t taken = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (taken >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(taken));
      continue;
    }
    if (errno == EINTR) continue;
    if (!would_block(errno)) return tl::unexpected(explanation(errno));
    if (auto problem = wait_for(descriptor_, POLLOUT, deadline)) return tl::unexpected(std::move(*problem));
  }
  return {};
}

tl::expected<std::size_t, std::string> Socket::receive(std::span<char> buffer, Deadline deadline) {
  assert(descriptor_ != -1 && !buffer.empty());
  for (;;) {
    if (auto problem = wait_for(descriptor_, POLLIN, deadline)) return tl::unexpected(std::move(*problem));
    const ssize_t size = recv(descriptor_, buffer.data(), buffer.size(), 0);
    if (size > 0) return static_cast<std::size_t>(size);
    if (size == 0) return tl::unexpected<std::string>("closed by the server: does that port want tls=on?");
    if (errno != EINTR && !would_block(errno)) return tl::unexpected(explanation(errno));
  }
}

}  // namespace personalize::engine::redis::client
