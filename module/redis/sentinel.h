// Profiles on a master that Sentinels know (https://redis.io/docs/reference/sentinel-clients/).
#pragma once

#include <memory>

#include "module/redis/discovered.h"
#include "module/redis/pool.h"

namespace personalize::module::redis {

/// Asks one of the Sentinels every second who the master is, and at once when a connection to the master is lost; who
/// says of himself that he is none is not believed.
class SentinelStore final : public DiscoveredStore {
 public:
  SentinelStore(const RedisConf& conf, ngx_log_t* log);
  ~SentinelStore() override;

 private:
  bool route(const std::shared_ptr<Query>& query) override { return pool_ != nullptr && pool_->send(query); }
  void on_lost() override { topology_refresh_.alarm(); }
  bool take_master(const plugins::Reply& reply, const Address& from);
  void use_master(const Address& master);

  const ConnectionOptions options_;
  const ConnectionOptions sentinel_options_;
  Address master_;
  std::unique_ptr<Pool> pool_;
  TopologyRefresh topology_refresh_;
};

}  // namespace personalize::module::redis
