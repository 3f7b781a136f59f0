#include "module/redis/servers.h"

#include <cassert>
#include <utility>

#include "module/log/log.h"

namespace personalize::module::redis {

Servers::Servers(const RedisConf& conf, engine::redis::MakeServer make_server, std::function<void()> on_told,
                 ngx_log_t* log)
    : conf_(conf), on_told_(std::move(on_told)), log_(log), useless_("answers of " + conf.spelled, log) {
  topology_ = engine::redis::Topology::make(conf, std::move(make_server));
  const auto& discovery = topology_->discovery();
  known_ = !discovery;
  if (!discovery) return;
  refresh_.emplace(
      discovery->options, conf.tls, conf.addresses, discovery->question, discovery->pause,
      [this](const plugins::Reply& answer, const Address& from) { return learn(answer, from); }, log);
}

void Servers::alarm() {
  if (refresh_) refresh_->alarm();
}

engine::redis::Advice Servers::on_error(std::string_view error, std::uint16_t slot, const Address& from) {
  const auto advice = topology_->on_error(error, slot, from, ngx_current_msec);
  if (advice.redirected) ++counters().redis_redirects;
  if (advice.outdated) alarm();
  return advice;
}

/// True if nobody else need be asked.
bool Servers::learn(const plugins::Reply& answer, const Address& from) {
  assert(refresh_);
  const auto learned = topology_->learn(answer, from, ngx_current_msec);
  const ConnectionOptions& asked = topology_->discovery()->options;
  if (learned.problem)
    useless_.begin(asked.at(from), learned.problem->c_str());
  else if (learned.known)
    useless_.end(asked.at(from));
  if (learned.moved) ++counters().redis_moves;
  if (!learned.news.empty())
    log_limited(Topic::redis, NGX_LOG_NOTICE, log_, "redis %s: %s", conf_.label.c_str(), learned.news.c_str());
  if (!learned.servers.empty()) refresh_->set_servers(learned.servers);
  known_ = known_ || learned.known;
  hopeless_ = !known_;
  on_told_();
  return learned.complete;
}

}  // namespace personalize::module::redis
