// A store whose servers have to be found out.
#pragma once

#include <memory>
#include <vector>

#include "module/redis/store.h"
#include "module/redis/topology_refresh.h"

namespace personalize::module::redis {

/// Queries of the first moments wait until the servers are known; later ones go to those that were known last.
class DiscoveredStore : public Store {
 protected:
  DiscoveredStore(const RedisConf& conf, ngx_log_t* log);

  /// As `send`, when servers are known.
  virtual bool route(const std::shared_ptr<Query>& query) = 0;
  bool send(const std::shared_ptr<Query>& query) final;

  /// From now on; those that waited go out.
  void servers_are_known() { set_known(true); }
  /// Those that waited have waited in vain, and so would others.
  void servers_cannot_be_found() { set_known(false); }
  /// What a server answers is of no use, or is of use again.
  void answer_is_useless(const std::string& who, const std::string& why) { useless_.begin(who, why.c_str()); }
  void answer_is_useful(const std::string& who) { useless_.end(who); }

 private:
  void set_known(bool known);

  bool known_ = false;
  bool hopeless_ = false;
  Outage useless_;
  std::vector<std::shared_ptr<Query>> early_;
};

}  // namespace personalize::module::redis
