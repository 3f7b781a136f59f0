// Profiles on one server.
#pragma once

#include "module/redis/pool.h"
#include "module/redis/store.h"

namespace personalize::module::redis {

class SingleStore final : public Store {
 public:
  SingleStore(const RedisConf& conf, ngx_log_t* log);

 private:
  bool send(const std::shared_ptr<Query>& query) override { return pool_.send(query); }

  const ConnectionOptions options_;
  Pool pool_;
};

}  // namespace personalize::module::redis
