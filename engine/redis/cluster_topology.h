// A Redis Cluster (https://redis.io/docs/reference/cluster-spec/).
#pragma once

#include <map>
#include <string>

#include "engine/redis/slot_map.h"
#include "engine/redis/topology.h"

namespace personalize::engine::redis {

/// Which master has a slot the servers say: all of it when they are asked, about a single slot when they redirect: to
/// an address, or to a name that the map has the address of.
class ClusterTopology final : public Topology {
 public:
  ClusterTopology(const Options& options, MakeServer make_server);

  Server* route(std::uint16_t slot) const override;
  Learned learn(const plugins::Reply& answer, const Address& from, std::uint64_t now) override;
  Advice on_error(std::string_view error, std::uint16_t slot, const Address& from, std::uint64_t now) override;
  std::vector<std::unique_ptr<Server>> give_up_servers() override;

 private:
  struct Node {
    std::unique_ptr<Server> server;
    std::uint64_t last_named;  ///< by the map or by a redirect
  };

  std::optional<Address> target_of(const Redirect& redirect) const;
  Server* server_at(const Address& address, std::uint64_t now);
  Learned use_slots(const std::vector<SlotRange>& ranges, std::uint64_t now);
  std::vector<std::unique_ptr<Server>> retire_old_nodes(std::uint64_t now);

  const MakeServer make_server_;
  const std::vector<Address> configured_;
  std::map<std::string, Node> nodes_;                  ///< by address
  std::vector<Server*> owners_;                        ///< by slot; null: nobody
  std::map<std::string, Address, std::less<>> names_;  ///< with ports
};

}  // namespace personalize::engine::redis
