#include "module/redis/topology_store.h"

#include <cassert>
#include <utility>

#include "module/log/log.h"

namespace personalize::module::redis {
namespace {

constexpr std::size_t max_early = 1024;

}  // namespace

TopologyStore::TopologyStore(const RedisConf& conf, ngx_log_t* log)
    : Store(conf, log), useless_("answers of " + conf.spelled, log) {
  topology_ = engine::redis::Topology::make(
      conf, [this](const ConnectionOptions& options, const std::vector<Address>& addresses) {
        return std::make_unique<Pool>(options, conf_.tls, addresses, conf_.connections, *this, log_);
      });
  const auto& discovery = topology_->discovery();
  known_ = !discovery;
  if (!discovery) return;
  refresh_.emplace(
      discovery->options, conf.tls, conf.addresses, discovery->question, discovery->pause,
      [this](const plugins::Reply& answer, const Address& from) { return learn(answer, from); }, log);
}

TopologyStore::~TopologyStore() {
  // Those that wait try again, and must find nobody.
  const auto doomed = topology_->give_up_servers();
}

bool TopologyStore::send(const std::shared_ptr<Query>& query) {
  if (known_) {
    auto* pool = static_cast<Pool*>(topology_->route(query->slot()));
    return pool != nullptr && pool->send(query);
  }
  if (hopeless_ || early_.size() == max_early) {
    useless_.on_refused();
    return false;
  }
  early_.push_back(query);
  return true;
}

void TopologyStore::on_lost() {
  if (refresh_) refresh_->alarm();
}

void TopologyStore::on_answer(const std::shared_ptr<Query>& query, const Address& from, const redisReply* reply) {
  if (reply != nullptr && reply->type == REDIS_REPLY_ERROR) {
    if (!query->asking_failure().empty()) return refuse(query, from);
    if (follow(query, from, {reply->str, reply->len})) return;
  }
  Store::on_answer(query, from, reply);
}

/// False: the error is the answer.
bool TopologyStore::follow(const std::shared_ptr<Query>& query, const Address& from, std::string_view error) {
  const auto advice = topology_->on_error(error, query->slot(), from, ngx_current_msec);
  if (advice.redirected) ++counters().redis_redirects;
  if (advice.outdated) on_lost();
  if (advice.server == nullptr || !query->follow_redirect()) return false;
  return static_cast<Pool*>(advice.server)->send(query, advice.asking);
}

/// It was to be let in where its slot is moving to, and was sent back: it would run in circles.
void TopologyStore::refuse(const std::shared_ptr<Query>& query, const Address& from) {
  std::string why = engine::redis::refused_asking(query->asking_failure());
  redisReply error = {};
  error.type = REDIS_REPLY_ERROR;
  error.str = why.data();
  error.len = why.size();
  Store::on_answer(query, from, &error);
}

/// True if nobody else need be asked.
bool TopologyStore::learn(const plugins::Reply& answer, const Address& from) {
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
  release_early(learned.known);
  return learned.complete;
}

/// Those that waited go out, or have waited in vain, as would others.
void TopologyStore::release_early(bool known) {
  known_ = known_ || known;
  hopeless_ = !known_;
  for (const auto& query : std::exchange(early_, {})) dispatch(query);
}

}  // namespace personalize::module::redis
