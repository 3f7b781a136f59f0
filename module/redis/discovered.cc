#include "module/redis/discovered.h"

#include <utility>

namespace personalize::module::redis {
namespace {

constexpr std::size_t max_early = 1024;

}  // namespace

DiscoveredStore::DiscoveredStore(const RedisConf& conf, ngx_log_t* log)
    : Store(conf, log), useless_("answers of " + conf.spelled, log) {}

bool DiscoveredStore::send(const std::shared_ptr<Query>& query) {
  if (known_) return route(query);
  if (hopeless_ || early_.size() == max_early) {
    useless_.on_refused();
    return false;
  }
  early_.push_back(query);
  return true;
}

void DiscoveredStore::set_known(bool known) {
  known_ = known_ || known;
  hopeless_ = !known_;
  for (const auto& query : std::exchange(early_, {})) dispatch(query);
}

}  // namespace personalize::module::redis
