#include "module/redis/single.h"

namespace personalize::module::redis {

SingleStore::SingleStore(const RedisConf& conf, ngx_log_t* log)
    : Store(conf, log),
      options_{
          .label = conf.label, .key = conf.spelled, .login = conf.login, .database = conf.database, .tls = conf.tls},
      pool_(options_, conf.addresses, conf.connections, *this, log) {}

}  // namespace personalize::module::redis
