// A master that Sentinels know (https://redis.io/docs/reference/sentinel-clients/).
#pragma once

#include "engine/redis/topology.h"

namespace personalize::engine::redis {

/// The first Sentinel that knows the master is believed, unless the connections to that master have failed.
class SentinelTopology final : public Topology {
 public:
  SentinelTopology(const Options& options, MakeServer make_server);

  Server* route(std::uint16_t) const override { return master_.get(); }
  Learned learn(const plugins::Reply& answer, const Address& from, std::uint64_t now) override;
  std::vector<std::unique_ptr<Server>> give_up_servers() override;

 private:
  const MakeServer make_server_;
  Address address_;
  std::unique_ptr<Server> master_;
};

}  // namespace personalize::engine::redis
