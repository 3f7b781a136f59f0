// Bytes to and from one Redis server on NGINX's event loop, with or without TLS.
#pragma once

#include <string>
#include <string_view>

#include "engine/redis/address.h"
#include "engine/redis/reply_reader.h"
#include "module/ngx.h"
#include "module/redis/tls.h"

namespace personalize::module::redis {

using engine::redis::Address;

/// Is told what happens on a wire. May close it inside these functions, but not destroy it.
class WireListener {
 public:
  virtual ~WireListener() = default;
  /// Connected, and TLS agreed on: what is written goes out.
  virtual void on_open() = 0;
  /// The next reply, valid during the call.
  virtual void on_reply(const redisReply& reply) = 0;
  /// It was closed, not by us.
  virtual void on_broken(const char* why) = 0;
  /// It was closed, because the reply that was coming in is too large.
  virtual void on_oversized() = 0;
};

class Wire {
 public:
  /// Connects. `on_broken` may be called before this returns.
  Wire(WireListener& listener, ngx_log_t* log);
  ~Wire() { close(); }
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  /// `tls` null: none; `max_reply_bytes` in bytes. Closes what was open.
  void open(const Address& address, const Tls* tls, std::size_t max_reply_bytes);
  void close();
  bool is_open() const { return connection_ != nullptr; }

  /// Goes out at the end of this turn of the event loop, together with everything else that is written in it. False:
  /// it is closed, or the server has stopped reading.
  bool write(std::string_view bytes);
  bool about_to_send() const { return posted_write_.posted; }

 private:
  void on_connected();
  void start_tls();
  void on_tls();
  void talk();
  void read();
  bool understand(std::string_view bytes);
  void flush();
  bool watch_for_room();
  void broken(const char* why);
  static Wire& of(const ngx_event_t* event);

  WireListener& listener_;
  ngx_log_t* log_;
  ngx_log_t quiet_;  ///< NGINX's own complaints are not rate-limited
  ngx_connection_t* connection_ = nullptr;
  const Tls* tls_ = nullptr;
  std::string peer_;  ///< the address without port
  bool talking_ = false;
  std::string waiting_;  ///< to be written
  std::string sending_;  ///< being written; stays where it is until all of it is (OpenSSL wants that)
  std::size_t sent_ = 0;
  ngx_event_t posted_write_;
  engine::redis::ReplyReader reader_;
};

}  // namespace personalize::module::redis
