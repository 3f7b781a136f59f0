// Profiles in a Redis Cluster (https://redis.io/docs/reference/cluster-spec/).
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "module/redis/discovered.h"
#include "module/redis/pool.h"
#include "module/redis/slot_map.h"

namespace personalize::module::redis {

/// Sends every query to the master that has its slot. Which one that is the servers say: all of it every few seconds
/// and when something changed, about a single slot when they redirect. A query follows a few redirects: to addresses,
/// and to names that the servers have told the addresses of.
class ClusterStore final : public DiscoveredStore {
 public:
  ClusterStore(const RedisConf& conf, ngx_log_t* log);
  ~ClusterStore() override;

 private:
  struct Node {
    std::unique_ptr<Pool> pool;
    ngx_msec_t last_named;  ///< by the map or by a redirect
  };

  bool route(const std::shared_ptr<Query>& query) override;
  void on_answer(const std::shared_ptr<Query>& query, const Address& from, const redisReply* reply) override;
  void on_lost() override { topology_refresh_.alarm(); }

  bool redirect(const std::shared_ptr<Query>& query, const Redirect& redirect);
  void refuse(const std::shared_ptr<Query>& query, const Address& from);
  std::optional<Address> target_of(const Redirect& redirect) const;
  Pool* pool_at(const Address& address);
  bool take_slots(const plugins::Reply& reply, const Address& from);
  bool use_slots(const std::vector<SlotRange>& ranges, const Address& from);
  void forget_old_nodes(const std::vector<Pool*>& owners);

  const ConnectionOptions options_;
  const ConnectionOptions map_options_;
  std::map<std::string, Node> nodes_;                  ///< by address
  std::vector<Pool*> owners_;                          ///< by slot; null: nobody
  std::map<std::string, Address, std::less<>> names_;  ///< with ports
  TopologyRefresh topology_refresh_;
};

}  // namespace personalize::module::redis
