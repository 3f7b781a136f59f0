#include "module/redis/sentinel.h"

#include <charconv>
#include <optional>

#include "module/redis/command.h"
#include "module/worker/log.h"

namespace personalize::module::redis {
namespace {

constexpr ngx_msec_t sentinel_pause = 1000;

/// From ["192.0.2.1", "6379"].
std::optional<Address> address_in(const plugins::Reply& reply) {
  using Kind = plugins::Reply::Kind;
  if (reply.kind != Kind::array || reply.elements.size() != 2) return std::nullopt;
  const plugins::Reply &host = reply.elements[0], &port = reply.elements[1];
  if (host.kind != Kind::string || port.kind != Kind::string) return std::nullopt;
  int number = 0;
  std::from_chars(port.text.data(), port.text.data() + port.text.size(), number);
  return Address::literal(host.text, number);
}

}  // namespace

SentinelStore::SentinelStore(const RedisConf& conf, ngx_log_t* log)
    : DiscoveredStore(conf, log),
      options_{.label = conf.label,
               .key = conf.spelled,
               .login = conf.login,
               .database = conf.database,
               .tls = conf.tls,
               .master_only = true},
      sentinel_options_{
          .label = conf.label, .key = "Sentinels of " + conf.spelled, .login = conf.sentinel_login, .tls = conf.tls},
      topology_refresh_(
          sentinel_options_, conf.addresses, encode({"SENTINEL", "get-master-addr-by-name", conf.master}),
          sentinel_pause, [this](const plugins::Reply& reply, const Address& from) { return take_master(reply, from); },
          log) {}

SentinelStore::~SentinelStore() {
  // Those that wait try again, and must find nobody.
  const auto doomed = std::exchange(pool_, nullptr);
}

bool SentinelStore::take_master(const plugins::Reply& reply, const Address& from) {
  const std::optional<Address> master = address_in(reply);
  if (master) {
    answer_is_useful(sentinel_options_.at(from));
    use_master(*master);
    return pool_->reachable();
  }
  if (reply.kind != plugins::Reply::Kind::absent) {
    answer_is_useless(sentinel_options_.at(from), "the Sentinel does not know an address of the master");
  }
  servers_cannot_be_found();
  return false;
}

void SentinelStore::use_master(const Address& master) {
  if (pool_ != nullptr && master == master_) return;
  if (pool_ != nullptr) {
    ++counters().redis_moves;
    pool_->dismiss();
    log_limited(Topic::redis, NGX_LOG_NOTICE, log_, "redis %s: the master is %s now", conf_.label.c_str(),
                master.text().c_str());
  }
  master_ = master;
  const auto former =
      std::exchange(pool_, std::make_unique<Pool>(options_, std::vector{master}, conf_.connections, *this, log_));
  servers_are_known();
}

}  // namespace personalize::module::redis
