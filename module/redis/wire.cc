#include "module/redis/wire.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "module/log/log.h"

namespace personalize::module::redis {
namespace {

constexpr std::size_t max_waiting = 4 * 1024 * 1024;  // bytes for a server that does not read
constexpr unsigned max_turns = 16;                    // of reading, before others get their turn
constexpr std::size_t pool_size = 512;                // bytes of OpenSSL's glue

/// The error of an attempt to connect; 0: it succeeded.
int connect_error(ngx_connection_t* c) {
  int error = 0;
  socklen_t size = sizeof(error);
  return getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &size) == -1 ? ngx_socket_errno : error;
}

ngx_connection_t* connect_to(const Address& address, ngx_log_t* log) {
  ngx_str_t name{address.text().size(), reinterpret_cast<u_char*>(const_cast<char*>(address.text().data()))};
  ngx_peer_connection_t peer;
  ngx_memzero(&peer, sizeof(peer));
  peer.sockaddr = const_cast<sockaddr*>(address.get());
  peer.socklen = address.size();
  peer.name = &name;
  peer.get = ngx_event_get_peer;
  peer.log = log;
  peer.log_error = NGX_ERROR_INFO;
  peer.so_keepalive = 1;
  ngx_int_t result = ngx_event_connect_peer(&peer);
  return result == NGX_OK || result == NGX_AGAIN ? peer.connection : nullptr;
}

}  // namespace

Wire::Wire(WireListener& listener, ngx_log_t* log) : listener_(listener), log_(log), quiet_(*log) {
  quiet_.log_level = std::min<ngx_uint_t>(quiet_.log_level, NGX_LOG_ALERT);
  ngx_memzero(&posted_write_, sizeof(posted_write_));
  posted_write_.data = this;
  posted_write_.log = log;
  posted_write_.handler = [](ngx_event_t* event) {
    guarded(
        event->log, [&] { static_cast<Wire*>(event->data)->flush(); }, [] {});
  };
}

Wire& Wire::of(const ngx_event_t* event) {
  return *static_cast<Wire*>(static_cast<ngx_connection_t*>(event->data)->data);
}

void Wire::open(const Address& address, const Tls* tls, std::size_t max_reply_bytes) {
  close();
  tls_ = tls;
  peer_ = address.host();
  connection_ = connect_to(address, &quiet_);
  if (connection_ == nullptr) return broken(std::strerror(ngx_socket_errno));
  if (!reader_.reset(max_reply_bytes)) return broken("no memory");
  connection_->data = this;
  if (!address.local()) ngx_tcp_nodelay(connection_);
  connection_->read->handler = connection_->write->handler = [](ngx_event_t* event) {
    guarded(
        event->log, [&] { of(event).on_connected(); }, [] {});
  };
  if (connection_->write->ready) {
    ngx_post_event(connection_->write, &ngx_posted_events);  // a Unix socket is connected at once
  }
}

void Wire::close() {
  if (posted_write_.posted) {
    ngx_delete_posted_event(&posted_write_);
  }
  waiting_.clear();
  sending_.clear();
  sent_ = 0;
  talking_ = false;
  if (connection_ == nullptr) return;
  ngx_connection_t* c = std::exchange(connection_, nullptr);
  if (tls_ != nullptr) end_tls(c);
  if (c->pool != nullptr) ngx_destroy_pool(c->pool);
  ngx_close_connection(c);
}

void Wire::broken(const char* why) {
  const std::string reason = why;  // may be OpenSSL's or hiredis' own
  close();
  listener_.on_broken(reason.c_str());
}

void Wire::on_connected() {
  assert(connection_ != nullptr && !talking_);
  if (int error = connect_error(connection_); error != 0) return broken(std::strerror(error));
  if (tls_ != nullptr)
    start_tls();
  else
    talk();
}

void Wire::start_tls() {
  connection_->pool = ngx_create_pool(pool_size, &quiet_);
  if (connection_->pool == nullptr) return broken("no memory");
  ngx_int_t result = begin_tls(*tls_, connection_, peer_, [](ngx_connection_t* c) {
    guarded(
        c->log, [&] { static_cast<Wire*>(c->data)->on_tls(); }, [] {});
  });
  if (result == NGX_ERROR) return broken("TLS handshake failed");
  if (result == NGX_OK) on_tls();
}

void Wire::on_tls() {
  if (const char* wrong = check_peer(*tls_, connection_, peer_); wrong != nullptr) return broken(wrong);
  talk();
}

void Wire::talk() {
  talking_ = true;
  connection_->read->handler = [](ngx_event_t* event) {
    guarded(
        event->log, [&] { of(event).read(); }, [] {});
  };
  connection_->write->handler = [](ngx_event_t* event) {
    guarded(
        event->log, [&] { of(event).flush(); }, [] {});
  };
  listener_.on_open();
  if (connection_ != nullptr) flush();
  if (connection_ != nullptr) read();
}

bool Wire::write(std::string_view bytes) {
  if (connection_ == nullptr || waiting_.size() + bytes.size() > max_waiting) return false;
  waiting_ += bytes;
  if (talking_ && !posted_write_.posted) {
    ngx_post_event(&posted_write_, &ngx_posted_events);
  }
  return true;
}

void Wire::flush() {
  ngx_connection_t* c = connection_;
  assert(c != nullptr && talking_);
  while (sent_ < sending_.size() || !waiting_.empty()) {
    if (sent_ == sending_.size()) {
      sending_.swap(waiting_);
      waiting_.clear();
      sent_ = 0;
    }
    if (!c->write->ready) break;
    ssize_t taken = c->send(c, reinterpret_cast<u_char*>(sending_.data()) + sent_, sending_.size() - sent_);
    if (taken == NGX_AGAIN) break;
    if (taken <= 0) return broken("connection lost");
    sent_ += static_cast<std::size_t>(taken);
    assert(sent_ <= sending_.size());
  }
  if (!watch_for_room()) broken("no events");
}

/// Watches for room to write only while there is something to write: a Unix socket would report it each time the server
/// has read a query.
bool Wire::watch_for_room() {
  ngx_event_t* room = connection_->write;
  const bool idle = room->ready && room->active && tls_ == nullptr && (ngx_event_flags & NGX_USE_CLEAR_EVENT) != 0;
  if (idle) return ngx_del_event(room, NGX_WRITE_EVENT, NGX_CLEAR_EVENT) == NGX_OK;
  return ngx_handle_write_event(room, 0) == NGX_OK;
}

void Wire::read() {
  u_char buffer[16 * 1024];
  for (unsigned turns = 0; connection_ != nullptr && connection_->read->ready; ++turns) {
    if (turns == max_turns) {
      ngx_post_event(connection_->read, &ngx_posted_next_events);
      return;
    }
    ssize_t size = connection_->recv(connection_, buffer, sizeof(buffer));
    if (size == NGX_AGAIN) break;
    if (size <= 0) return broken(size == 0 ? "closed by the server" : "connection lost");
    if (!understand({reinterpret_cast<const char*>(buffer), static_cast<std::size_t>(size)})) return;
  }
  if (connection_ != nullptr && ngx_handle_read_event(connection_->read, 0) != NGX_OK) broken("no events");
}

/// False: the wire is closed.
bool Wire::understand(std::string_view bytes) {
  using Result = engine::redis::ReplyReader::Result;
  reader_.feed(bytes);
  for (;;) {
    switch (reader_.next()) {
      case Result::reply:
        listener_.on_reply(reader_.reply());
        if (connection_ != nullptr) break;
        reader_.release();
        return false;
      case Result::incomplete: return true;
      case Result::malformed: broken(reader_.problem()); return false;
      case Result::oversized:
        close();
        listener_.on_oversized();
        return false;
    }
  }
}

}  // namespace personalize::module::redis
