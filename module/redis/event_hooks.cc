#include "module/redis/event_hooks.h"

#include "module/log.h"
#include "module/redis/reader_guard.h"

namespace personalize::nginx::redis {
namespace {

/// Between hiredis and NGINX. Writes are posted to the end of the turn of the event loop, so that the commands of all
/// requests of that turn leave in one system call; only what the socket does not take waits for the socket.
struct Socket {
  redisAsyncContext* context;
  ContextOwner* owner;
  ngx_connection_t* connection;
  ngx_event_t posted_write;
  bool writing;  // inside of the posted write
};

void watch(ngx_event_t* event, bool wanted) {
  ngx_int_t kind = event->write ? NGX_WRITE_EVENT : NGX_READ_EVENT;
  if (wanted && !event->active) ngx_add_event(event, kind, NGX_LEVEL_EVENT);
  if (!wanted && event->active) ngx_del_event(event, kind, NGX_LEVEL_EVENT);
}

void add_read(void* data) { watch(static_cast<Socket*>(data)->connection->read, true); }
void delete_read(void* data) { watch(static_cast<Socket*>(data)->connection->read, false); }

void add_write(void* data) {
  auto* socket = static_cast<Socket*>(data);
  bool connecting = (socket->context->c.flags & REDIS_CONNECTED) == 0;
  if (connecting || std::exchange(socket->writing, false)) {
    watch(socket->connection->write, true);
  } else if (!socket->connection->write->active) {
    ngx_post_event(&socket->posted_write, &ngx_posted_events);
  }
}

void delete_write(void* data) {
  auto* socket = static_cast<Socket*>(data);
  socket->writing = false;
  watch(socket->connection->write, false);
}

void clean_up(void* data) {
  auto* socket = static_cast<Socket*>(data);
  if (socket->posted_write.posted) {
    ngx_delete_posted_event(&socket->posted_write);
  }
  watch(socket->connection->read, false);
  watch(socket->connection->write, false);
  for (ngx_event_t* event : {socket->connection->read, socket->connection->write}) {
    if (event->posted) {
      ngx_delete_posted_event(event);
    }
    event->closed = 1;
  }
  ngx_free_connection(socket->connection);
  socket->connection->fd = static_cast<ngx_socket_t>(-1);  // hiredis closes it
  ContextOwner* owner = socket->owner;
  delete socket;
  owner->on_context_gone();
}

Socket* socket_of(ngx_event_t* event) {
  return static_cast<Socket*>(static_cast<ngx_connection_t*>(event->data)->data);
}

void on_readable(ngx_event_t* event) {
  guarded(event->log, [&] { redisAsyncHandleRead(socket_of(event)->context); }, [] {});
}

void on_writable(ngx_event_t* event) {
  guarded(event->log, [&] { redisAsyncHandleWrite(socket_of(event)->context); }, [] {});
}

void on_posted_write(ngx_event_t* event) {
  auto* socket = static_cast<Socket*>(event->data);
  socket->writing = true;  // hiredis calls add_write for what the socket does not take now
  guarded(event->log, [&] { redisAsyncHandleWrite(socket->context); }, [] {});
}

}  // namespace

bool attach(redisAsyncContext* context, ContextOwner& owner, ngx_log_t* log) {
  ngx_connection_t* connection = ngx_get_connection(context->c.fd, log);
  if (connection == nullptr) return false;
  auto* socket = new Socket{context, &owner, connection, {}, false};
  connection->data = socket;
  connection->log = log;
  connection->read->log = log;
  connection->write->log = log;
  connection->read->handler = on_readable;
  connection->write->handler = on_writable;
  socket->posted_write.data = socket;
  socket->posted_write.log = log;
  socket->posted_write.handler = on_posted_write;
  context->ev.data = socket;
  context->ev.addRead = add_read;
  context->ev.delRead = delete_read;
  context->ev.addWrite = add_write;
  context->ev.delWrite = delete_write;
  context->ev.cleanup = clean_up;
  guard_reader(context);
  return true;
}

}  // namespace personalize::nginx::redis
