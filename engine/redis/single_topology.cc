#include "engine/redis/single_topology.h"

#include <utility>

namespace personalize::engine::redis {

SingleTopology::SingleTopology(const Options& options, const MakeServer& make_server)
    : Topology({.label = options.label, .key = options.spelled, .login = options.login, .database = options.database}),
      server_(make_server(server_options_, options.addresses)) {}

std::vector<std::unique_ptr<Server>> SingleTopology::give_up_servers() {
  std::vector<std::unique_ptr<Server>> servers;
  servers.push_back(std::exchange(server_, nullptr));
  return servers;
}

}  // namespace personalize::engine::redis
