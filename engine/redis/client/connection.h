// A connection to one Redis server, used by one command at a time.
#pragma once

#include <hiredis/hiredis.h>

#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "engine/redis/client/socket.h"
#include "engine/redis/client/tls_session.h"
#include "engine/redis/options.h"
#include "engine/redis/reply_reader.h"

namespace personalize::engine::redis::client {

class Connection {
 public:
  /// `options` and `tls` (null: none) outlive the connection.
  Connection(const ConnectionOptions& options, const TlsContext* tls) : options_(options), tls_(tls) {}

  bool is_open() const { return socket_.has_value(); }
  /// Connects, and says the greeting.
  tl::expected<void, std::string> open(const Address& address, Deadline deadline);
  tl::expected<void, std::string> send(std::string_view bytes, Deadline deadline);
  /// The next reply, valid until the next call of anything.
  tl::expected<const redisReply*, std::string> receive(Deadline deadline);
  void close();

 private:
  tl::expected<void, std::string> start_tls(const Address& address, Deadline deadline);
  tl::expected<void, std::string> greet(Deadline deadline);
  tl::expected<std::string, std::string> receive_bytes(Deadline deadline);
  tl::expected<void, std::string> flush_tls(Deadline deadline);

  const ConnectionOptions& options_;
  const TlsContext* tls_;
  std::optional<Socket> socket_;
  std::optional<TlsSession> session_;
  ReplyReader reader_;
};

}  // namespace personalize::engine::redis::client
