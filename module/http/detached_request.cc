#include "module/http/detached_request.h"

#include <sys/socket.h>

#include <algorithm>
#include <cassert>
#include <vector>

#include "module/coding/weighted_list.h"
#include "module/http/fields.h"
#include "module/log/log.h"

namespace personalize::module {
namespace {

ngx_http_output_header_filter_pt header_filter_after_detached;
ngx_http_output_body_filter_pt body_filter_after_detached;

sockaddr nobody_address{};  // AF_UNIX; filled in by `say_who`

/// A detached request. Belongs to the request's pool, whose cleanup always marks the end.
class Run {
 public:
  Run(const DetachedOrder& order, ngx_connection_t* connection, std::unique_ptr<DetachedListener> listener);
  ~Run();
  Run(const Run&) = delete;

  static Run* of(const ngx_connection_t* connection);

  void take_header(const ngx_http_request_t* r);
  /// False if the answer is too large.
  bool take_body(const ngx_chain_t* in);

  DetachedListener& listener() { return *listener_; }

 private:
  /// Ends the request as NGINX ends requests of clients that are to be closed.
  static void cut_off(ngx_event_t* event);
  bool take(const ngx_buf_t& buffer);
  bool take_file(const ngx_buf_t& buffer);

  ngx_connection_t* connection_;
  std::unique_ptr<DetachedListener> listener_;
  const std::size_t max_bytes_;
  ngx_event_t end_;  // timer: the time is up; posted: the answer is too large
  bool complete_ = false;
  bool too_large_ = false;
  bool late_ = false;
  bool encoded_ = false;
  ngx_uint_t status_ = 0;
  std::int64_t retry_after_s_ = 0;
  std::string body_;
};

std::vector<Run*> under_way;  // of this worker; few

Run::Run(const DetachedOrder& order, ngx_connection_t* connection, std::unique_ptr<DetachedListener> listener)
    : connection_(connection), listener_(std::move(listener)), max_bytes_(order.max_bytes) {
  under_way.push_back(this);
  ngx_memzero(&end_, sizeof(end_));
  end_.data = connection;
  end_.log = connection->log;
  end_.handler = cut_off;
  end_.cancelable = 1;
  ngx_add_timer(&end_, order.timeout);
}

Run::~Run() {
  if (end_.timer_set) ngx_del_timer(&end_);
  if (end_.posted) {
    ngx_delete_posted_event(&end_);
  }
  std::erase(under_way, this);
  DetachedEnd end = DetachedEnd::broken;
  if (too_large_)
    end = DetachedEnd::too_large;
  else if (status_ != 0 && status_ != NGX_HTTP_OK)
    end = DetachedEnd::status;
  else if (encoded_)
    end = DetachedEnd::encoded;
  else if (complete_)
    end = DetachedEnd::answered;
  else if (late_)
    end = DetachedEnd::late;
  guarded(ngx_cycle->log, [&] { listener_->done({end, status_, body_, retry_after_s_}); });
}

Run* Run::of(const ngx_connection_t* connection) {
  if (connection->local_sockaddr != &nobody_address) return nullptr;
  for (Run* run : under_way) {
    if (run->connection_ == connection) return run;
  }
  return nullptr;
}

void Run::cut_off(ngx_event_t* event) {
  auto* c = static_cast<ngx_connection_t*>(event->data);
  if (Run* run = of(c)) run->late_ = event->timedout != 0;
  c->close = 1;
  c->read->handler(c->read);
}

/// RFC 9110 10.2.3: seconds, or a date.
std::int64_t retry_after_of(const ngx_http_request_t* r) {
  for (const ngx_table_elt_t& field : response_fields(r)) {
    if (!same(view(field.key), "Retry-After")) continue;
    if (const ngx_int_t seconds = ngx_atoi(field.value.data, field.value.len); seconds != NGX_ERROR) return seconds;
    const time_t date = ngx_parse_http_time(field.value.data, field.value.len);
    return date == NGX_ERROR ? 0 : std::max<std::int64_t>(0, date - ngx_time());
  }
  return 0;
}

void Run::take_header(const ngx_http_request_t* r) {
  status_ = r->headers_out.status;
  retry_after_s_ = retry_after_of(r);
  const ngx_table_elt_t* encoding = r->headers_out.content_encoding;
  encoded_ = encoding != nullptr && encoding->hash != 0 && encoding->value.len != 0;
}

bool Run::take_body(const ngx_chain_t* in) {
  for (; in != nullptr; in = in->next) {
    ngx_buf_t& buffer = *in->buf;
    if (!too_large_ && !take(buffer)) {
      too_large_ = true;
      ngx_post_event(&end_, &ngx_posted_events);  // otherwise a cache would go on reading
    }
    complete_ |= buffer.last_buf;
    buffer.pos = buffer.last;
    buffer.file_pos = buffer.file_last;
  }
  return !too_large_;
}

bool Run::take(const ngx_buf_t& buffer) {
  const off_t size = ngx_buf_size(&buffer);
  if (ngx_buf_special(&buffer) || size <= 0) return true;
  assert(body_.size() <= max_bytes_);
  if (static_cast<std::size_t>(size) > max_bytes_ - body_.size()) return false;
  if (!ngx_buf_in_memory(&buffer)) return take_file(buffer);
  body_.append(reinterpret_cast<const char*>(buffer.pos), static_cast<std::size_t>(size));
  return true;
}

bool Run::take_file(const ngx_buf_t& buffer) {
  const std::size_t start = body_.size(), size = static_cast<std::size_t>(buffer.file_last - buffer.file_pos);
  body_.resize(start + size);
  const ssize_t read =
      ngx_read_file(buffer.file, reinterpret_cast<u_char*>(body_.data()) + start, size, buffer.file_pos);
  body_.resize(start + static_cast<std::size_t>(std::max<ssize_t>(read, 0)));
  return true;
}

ngx_int_t detached_header_filter(ngx_http_request_t* r) {
  Run* run = under_way.empty() ? nullptr : Run::of(r->connection);
  if (run == nullptr) return header_filter_after_detached(r);
  r->header_sent = 1;
  if (r == r->main) run->take_header(r);
  return NGX_OK;
}

ngx_int_t detached_body_filter(ngx_http_request_t* r, ngx_chain_t* in) {
  Run* run = under_way.empty() ? nullptr : Run::of(r->connection);
  if (run == nullptr) return body_filter_after_detached(r, in);
  return guarded(
      r->connection->log, [&]() -> ngx_int_t { return run->take_body(in) ? NGX_OK : NGX_ERROR; },
      []() -> ngx_int_t { return NGX_ERROR; });
}

/// Like NGINX's own for clients' connections, which is not exported.
u_char* log_context(ngx_log_t* log, u_char* buffer, size_t length) {
  auto* context = static_cast<ngx_http_log_ctx_t*>(log->data);
  ngx_http_request_t* r = context->request;
  return r != nullptr ? r->log_handler(r, context->current_request, buffer, length) : buffer;
}

/// A connection as if it had been accepted; null if there are too few left.
ngx_connection_t* connect() {
  if (ngx_cycle->free_connection_n <= ngx_cycle->connection_n / 16) return nullptr;
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return nullptr;
  ngx_connection_t* c = ngx_get_connection(fd, ngx_cycle->log);
  if (c == nullptr) {
    ngx_close_socket(fd);
    return nullptr;
  }
#if (NGX_STAT_STUB)
  (void)ngx_atomic_fetch_add(ngx_stat_active, 1);
#endif
  c->pool = ngx_create_pool(2048, ngx_cycle->log);
  auto* log = c->pool != nullptr ? static_cast<ngx_log_t*>(ngx_palloc(c->pool, sizeof(ngx_log_t))) : nullptr;
  auto* log_ctx =
      c->pool != nullptr ? static_cast<ngx_http_log_ctx_t*>(ngx_pcalloc(c->pool, sizeof(ngx_http_log_ctx_t))) : nullptr;
  c->buffer = c->pool != nullptr ? ngx_create_temp_buf(c->pool, 1) : nullptr;
  c->log = const_cast<ngx_log_t*>(ngx_cycle->log);
  if (log == nullptr || log_ctx == nullptr || c->buffer == nullptr) {
    if (c->pool == nullptr) c->pool = ngx_create_pool(64, c->log);
    ngx_http_close_connection(c);
    return nullptr;
  }
  *log = *ngx_cycle->log;
  log_ctx->connection = c;
  log->handler = log_context;
  log->data = log_ctx;
  log->connection = c->number = ngx_atomic_fetch_add(ngx_connection_counter, 1);
  log->action = nullptr;
  c->log = c->read->log = c->write->log = c->pool->log = log;
  c->log_error = NGX_ERROR_INFO;
  return c;
}

void say_who(ngx_connection_t* c) {
  nobody_address.sa_family = AF_UNIX;
  c->type = SOCK_STREAM;
  c->sockaddr = c->local_sockaddr = &nobody_address;
  c->socklen = c->local_socklen = sizeof(sa_family_t);
  ngx_str_set(&c->addr_text, "unix:");
  c->recv = ngx_recv;
  c->send = ngx_send;
  c->recv_chain = ngx_recv_chain;
  c->send_chain = ngx_send_chain;
  c->write->ready = 1;
  c->start_time = ngx_current_msec;
  c->idle = 1;  // so that a worker that shuts down closes it at once
}

/// False if there was no memory for the copy.
bool copied(const ngx_str_t& text, std::string_view original) { return text.len == original.size(); }

/// Sets what a client's request line and headers would set. False if there is no memory.
bool fill_in(ngx_http_request_t* r, const DetachedOrder& order) {
  if (ngx_list_init(&r->headers_in.headers, r->pool, 1, sizeof(ngx_table_elt_t)) != NGX_OK) return false;
  const std::string unparsed = order.args.empty() ? order.uri : order.uri + "?" + order.args;
  const std::string line = "GET " + unparsed + " HTTP/1.1";
  r->uri = copy(r->pool, order.uri);
  r->args = copy(r->pool, order.args);
  r->unparsed_uri = copy(r->pool, unparsed);
  r->request_line = copy(r->pool, line);
  r->method = NGX_HTTP_GET;
  r->method_name = ngx_http_core_get_method;
  r->http_version = NGX_HTTP_VERSION_11;
  ngx_str_set(&r->http_protocol, "HTTP/1.1");
  r->headers_in.server = order.host.empty() ? order.server->server_name : copy(r->pool, order.host);
  r->internal = 1;
  ngx_http_set_exten(r);
  return copied(r->uri, order.uri) && copied(r->args, order.args) && copied(r->unparsed_uri, unparsed) &&
         copied(r->request_line, line);
}

/// The request on that connection, or null after closing the connection.
ngx_http_request_t* create_request(ngx_connection_t* c, const DetachedOrder& order) {
  auto* http = static_cast<ngx_http_connection_t*>(ngx_pcalloc(c->pool, sizeof(ngx_http_connection_t)));
  auto* address = static_cast<ngx_http_addr_conf_t*>(ngx_pcalloc(c->pool, sizeof(ngx_http_addr_conf_t)));
  ngx_http_request_t* r = nullptr;
  if (http != nullptr && address != nullptr) {
    address->default_server = order.server;
    http->addr_conf = address;
    http->conf_ctx = order.server->ctx;
    c->data = http;
    r = ngx_http_create_request(c);
  }
  if (r == nullptr) {
    ngx_http_close_connection(c);
    return nullptr;
  }
  c->data = r;
  return r;
}

void refuse(DetachedListener& listener) { listener.done({DetachedEnd::broken, 0, {}}); }

}  // namespace

void send_detached(const DetachedOrder& order, std::unique_ptr<DetachedListener> listener) {
  ngx_connection_t* c = connect();
  if (c == nullptr) return refuse(*listener);
  say_who(c);
  ngx_http_request_t* r = create_request(c, order);
  if (r == nullptr) return refuse(*listener);
  DetachedListener& asked = *listener;
  const bool ready = make<Run>(r->pool, order, c, std::move(listener)) != nullptr;
  if (!ready) refuse(asked);
  if (!ready || !fill_in(r, order)) {
    ngx_http_free_request(r, 0);
    ngx_http_close_connection(c);
    return;
  }
  ngx_http_process_request(r);
  ngx_http_run_posted_requests(c);
}

DetachedListener* detached_listener(const ngx_http_request_t* r) {
  Run* run = Run::of(r->connection);
  return run != nullptr ? &run->listener() : nullptr;
}

std::size_t detached_requests() { return under_way.size(); }

ngx_int_t install_detached_filter(ngx_conf_t*) {
  header_filter_after_detached = std::exchange(ngx_http_top_header_filter, detached_header_filter);
  body_filter_after_detached = std::exchange(ngx_http_top_body_filter, detached_body_filter);
  return NGX_OK;
}

}  // namespace personalize::module
