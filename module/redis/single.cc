#include "module/redis/single.h"

namespace personalize::module::redis {

SingleStore::SingleStore(const RedisConf& conf, ngx_log_t* log)
    : Store(conf, log),
      line_{.label = conf.label, .key = conf.spelled, .login = conf.login, .database = conf.database, .tls = conf.tls},
      pool_(line_, conf.addresses, conf.connections, *this, log) {}

}  // namespace personalize::module::redis
