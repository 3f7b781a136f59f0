// Profiles on the servers that a topology tells of: one server, a master that Sentinels know, a cluster.
#pragma once

#include <memory>
#include <vector>

#include "module/redis/pool.h"
#include "module/redis/servers.h"
#include "module/redis/store.h"

namespace personalize::module::redis {

/// Keeps a pool for each server. Queries of the first moments wait until the servers are known; later ones go to those
/// that were known last.
class TopologyStore final : public Store {
 public:
  TopologyStore(const RedisConf& conf, ngx_log_t* log);
  ~TopologyStore() override;

 private:
  bool send(const std::shared_ptr<Query>& query) override;
  void on_answer(const std::shared_ptr<Query>& query, const Address& from, const redisReply* reply) override;
  void on_lost() override { servers_.alarm(); }
  bool follow(const std::shared_ptr<Query>& query, const Address& from, std::string_view error);
  void refuse(const std::shared_ptr<Query>& query, const Address& from);
  void release_early();

  std::vector<std::shared_ptr<Query>> early_;
  Servers servers_;
};

}  // namespace personalize::module::redis
