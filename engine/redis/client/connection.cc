#include "engine/redis/client/connection.h"

#include <cassert>
#include <utility>

#include "engine/redis/greeting.h"

namespace personalize::engine::redis::client {
namespace {

/// What to do about an error that ends the greeting.
std::string with_advice(std::string problem) {
  if (problem.starts_with("WRONGPASS") || problem.starts_with("ERR invalid password"))
    return problem + " (check user= and password=)";
  if (problem.starts_with("NOAUTH")) return problem + " (give password=, and user= if there is one)";
  return problem;
}

}  // namespace

void Connection::close() {
  session_.reset();
  socket_.reset();
}

tl::expected<void, std::string> Connection::open(const Address& address, Deadline deadline) {
  close();
  auto socket = Socket::connect(address, deadline);
  if (!socket) return tl::unexpected(std::move(socket.error()));
  socket_.emplace(std::move(*socket));
  if (!reader_.reset(options_.max_reply_bytes)) return tl::unexpected<std::string>("no memory");
  auto done = tls_ != nullptr ? start_tls(address, deadline) : tl::expected<void, std::string>();
  if (done) done = greet(deadline);
  if (!done) close();
  return done;
}

tl::expected<void, std::string> Connection::start_tls(const Address& address, Deadline deadline) {
  session_.emplace(*tls_, address.host());
  for (;;) {
    const auto over = session_->handshake();
    if (!over) return tl::unexpected(over.error());
    if (auto sent = flush_tls(deadline); !sent) return sent;
    if (*over) return {};
    char buffer[16 * 1024];
    const auto size = socket_->receive(buffer, deadline);
    if (!size) return tl::unexpected("TLS handshake failed: " + size.error());
    session_->feed({buffer, *size});
  }
}

tl::expected<void, std::string> Connection::greet(Deadline deadline) {
  Greeting greeting(options_);
  if (auto sent = send(greeting.begin(), deadline); !sent) return sent;
  for (;;) {
    const auto reply = receive(deadline);
    if (!reply) return tl::unexpected(reply.error());
    const auto over = greeting.on_reply(**reply);
    if (!over) return tl::unexpected(with_advice(over.error()));
    if (*over) return {};
  }
}

tl::expected<void, std::string> Connection::flush_tls(Deadline deadline) {
  return socket_->send(session_->outgoing(), deadline);
}

tl::expected<void, std::string> Connection::send(std::string_view bytes, Deadline deadline) {
  assert(is_open());
  if (!session_) return socket_->send(bytes, deadline);
  if (!session_->write(bytes)) return tl::unexpected<std::string>("the TLS connection is broken");
  return flush_tls(deadline);
}

/// Plain bytes, at least one.
tl::expected<std::string, std::string> Connection::receive_bytes(Deadline deadline) {
  for (;;) {
    if (session_) {
      auto plain = session_->read();
      if (!plain || !plain->empty()) return plain;
      if (auto sent = flush_tls(deadline); !sent) return tl::unexpected(sent.error());
    }
    char buffer[16 * 1024];
    const auto size = socket_->receive(buffer, deadline);
    if (!size) return tl::unexpected(size.error());
    if (!session_) return std::string(buffer, *size);
    session_->feed({buffer, *size});
  }
}

tl::expected<const redisReply*, std::string> Connection::receive(Deadline deadline) {
  assert(is_open());
  using Result = ReplyReader::Result;
  for (;;) {
    switch (reader_.next()) {
      case Result::reply: return &reader_.reply();
      case Result::oversized: return tl::unexpected<std::string>("the reply is too large");
      case Result::malformed:
        return tl::unexpected("that is not Redis' protocol (" + std::string(reader_.problem()) +
                              "): is it the right port?");
      case Result::incomplete: break;
    }
    const auto bytes = receive_bytes(deadline);
    if (!bytes) return tl::unexpected(bytes.error());
    reader_.feed(*bytes);
  }
}

}  // namespace personalize::engine::redis::client
