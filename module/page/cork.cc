#include "module/page/cork.h"

namespace personalize::module {
namespace {

bool helps(const ngx_http_request_t* r) {
  auto* core = static_cast<ngx_http_core_loc_conf_t*>(ngx_http_get_module_loc_conf(r, ngx_http_core_module));
  const int family = r->connection->sockaddr->sa_family;
  return !core->tcp_nopush && r->http_version < NGX_HTTP_VERSION_20 && (family == AF_INET || family == AF_INET6);
}

}  // namespace

Cork::Cork() {
  ngx_memzero(&turn_is_over_, sizeof(turn_is_over_));
  turn_is_over_.data = this;
  turn_is_over_.handler = [](ngx_event_t* event) { static_cast<Cork*>(event->data)->pull(); };
}

void Cork::put(const ngx_http_request_t* r) {
  if (connection_ != nullptr || !helps(r) || ngx_tcp_nopush(r->connection->fd) != 0) return;
  connection_ = r->connection;
  turn_is_over_.log = connection_->log;
  ngx_post_event(&turn_is_over_, &ngx_posted_events);
}

void Cork::pull() {
  if (turn_is_over_.posted) {
    ngx_delete_posted_event(&turn_is_over_);
  }
  if (connection_ == nullptr) return;
  ngx_tcp_push(std::exchange(connection_, nullptr)->fd);
}

}  // namespace personalize::module
