// Profiles on the servers that a topology tells of: one server, a master that Sentinels know, a cluster.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "engine/redis/topology.h"
#include "module/redis/pool.h"
#include "module/redis/store.h"
#include "module/redis/topology_refresh.h"

namespace personalize::module::redis {

/// Keeps a pool for each server, and asks where the servers are: every few seconds, and at once when something changed.
/// Queries of the first moments wait until that is known; later ones go to the servers that were known last.
class TopologyStore final : public Store {
 public:
  TopologyStore(const RedisConf& conf, ngx_log_t* log);
  ~TopologyStore() override;

 private:
  bool send(const std::shared_ptr<Query>& query) override;
  void on_answer(const std::shared_ptr<Query>& query, const Address& from, const redisReply* reply) override;
  void on_lost() override;
  bool follow(const std::shared_ptr<Query>& query, const Address& from, std::string_view error);
  void refuse(const std::shared_ptr<Query>& query, const Address& from);
  bool learn(const plugins::Reply& answer, const Address& from);
  void release_early(bool known);

  bool known_;             ///< which servers there are
  bool hopeless_ = false;  ///< nobody who could be asked knows it
  Outage useless_;
  std::vector<std::shared_ptr<Query>> early_;
  std::unique_ptr<engine::redis::Topology> topology_;
  std::optional<TopologyRefresh> refresh_;
};

}  // namespace personalize::module::redis
