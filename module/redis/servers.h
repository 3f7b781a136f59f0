// The servers that a topology tells of: one server, a master that Sentinels know, a cluster.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "engine/redis/topology.h"
#include "module/conf/conf.h"
#include "module/redis/outage.h"
#include "module/redis/topology_refresh.h"

namespace personalize::module::redis {

/// Asks where the servers are: every few seconds, and at once when something changed.
class Servers {
 public:
  /// `make_server` makes the connections to one of them. `on_told` is called whenever somebody was asked where they
  /// are, with an answer or in vain; not before there is something to ask.
  Servers(const RedisConf& conf, engine::redis::MakeServer make_server, std::function<void()> on_told, ngx_log_t* log);
  Servers(const Servers&) = delete;
  Servers& operator=(const Servers&) = delete;

  /// Which servers there are was told, if only once.
  bool known() const { return known_; }
  /// Nobody who could be asked knows them.
  bool hopeless() const { return hopeless_; }
  /// The one that has keys of that slot; null: none is known.
  engine::redis::Server* route(std::uint16_t slot) const { return topology_->route(slot); }
  /// `from` answered a command for a key of that slot by an error.
  engine::redis::Advice on_error(std::string_view error, std::uint16_t slot, const Address& from);
  /// A connection was lost, or there are other signs that servers have changed.
  void alarm();
  /// Somebody had to do without them.
  void on_refused() { useless_.on_refused(); }
  /// All of them; from now on there are none.
  std::vector<std::unique_ptr<engine::redis::Server>> give_up() { return topology_->give_up_servers(); }

 private:
  bool learn(const plugins::Reply& answer, const Address& from);

  const RedisConf& conf_;
  const std::function<void()> on_told_;
  ngx_log_t* log_;
  bool known_ = false;
  bool hopeless_ = false;
  Outage useless_;
  std::unique_ptr<engine::redis::Topology> topology_;
  std::optional<TopologyRefresh> refresh_;
};

}  // namespace personalize::module::redis
