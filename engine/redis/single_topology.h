// One server has everything.
#pragma once

#include "engine/redis/topology.h"

namespace personalize::engine::redis {

class SingleTopology final : public Topology {
 public:
  SingleTopology(const Options& options, const MakeServer& make_server);

  Server* route(std::uint16_t) const override { return server_.get(); }
  std::vector<std::unique_ptr<Server>> give_up_servers() override;

 private:
  std::unique_ptr<Server> server_;
};

}  // namespace personalize::engine::redis
