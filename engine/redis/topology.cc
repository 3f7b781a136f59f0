#include "engine/redis/topology.h"

#include <utility>

#include "engine/redis/cluster_topology.h"
#include "engine/redis/sentinel_topology.h"
#include "engine/redis/single_topology.h"

namespace personalize::engine::redis {

std::unique_ptr<Topology> Topology::make(const Options& options, MakeServer make_server) {
  switch (options.kind) {
    case Options::Kind::sentinel: return std::make_unique<SentinelTopology>(options, std::move(make_server));
    case Options::Kind::cluster: return std::make_unique<ClusterTopology>(options, std::move(make_server));
    case Options::Kind::single: break;
  }
  return std::make_unique<SingleTopology>(options, make_server);
}

Learned Topology::learn(const plugins::Reply&, const Address&, std::uint64_t) { return {}; }

Advice Topology::on_error(std::string_view, std::uint16_t, const Address&, std::uint64_t) { return {}; }

std::string refused_asking(std::string_view why) {
  return std::string(why) + " (keys of slots that are being moved need +asking)";
}

}  // namespace personalize::engine::redis
