#include "engine/redis/cluster_topology.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "engine/redis/command.h"
#include "engine/redis/key_slot.h"
#include "engine/redis/plain_reply.h"

namespace personalize::engine::redis {
namespace {

constexpr std::uint64_t cluster_pause = 5000;
constexpr std::uint64_t memory =
    30000;  // of servers that are not in the map, such as one that takes over its first slot
constexpr std::size_t max_nodes = 128;

}  // namespace

ClusterTopology::ClusterTopology(const Options& options, MakeServer make_server)
    : Topology({.label = options.label, .key = options.spelled, .login = options.login}),
      make_server_(std::move(make_server)),
      configured_(options.addresses),
      owners_(slots_of_a_cluster, nullptr) {
  discovery_ = Discovery{.question = encode({"CLUSTER", "SLOTS"}),
                         .options = {.label = options.label,
                                     .key = "map of " + options.spelled,
                                     .login = options.login,
                                     .max_reply_bytes = limits_of_a_cluster.bytes},
                         .pause = cluster_pause};
}

Server* ClusterTopology::route(std::uint16_t slot) const {
  assert(slot < owners_.size());
  return owners_[slot];
}

Advice ClusterTopology::on_error(std::string_view error, std::uint16_t slot, const Address& from, std::uint64_t now) {
  Advice advice;
  const std::optional<Redirect> redirect = parse_redirect(error, from);
  if (!redirect || redirect->slot != slot) {
    advice.outdated = error.starts_with("CLUSTERDOWN");
    return advice;
  }
  advice.redirected = true;
  const std::optional<Address> to = target_of(*redirect);
  const bool moved = redirect->kind == Redirect::Kind::moved;
  advice.outdated = moved || !to;
  advice.asking = !moved;
  if (to) advice.server = server_at(*to, now);
  if (advice.server != nullptr && moved) owners_[slot] = advice.server;
  return advice;
}

/// Nothing: a name that the map has no address of.
std::optional<Address> ClusterTopology::target_of(const Redirect& redirect) const {
  if (redirect.to) return redirect.to;
  const auto known = names_.find(redirect.target);
  return known != names_.end() ? std::optional(known->second) : std::nullopt;
}

/// Null: there are too many already.
Server* ClusterTopology::server_at(const Address& address, std::uint64_t now) {
  auto found = nodes_.find(address.text());
  if (found == nodes_.end()) {
    if (nodes_.size() >= max_nodes) return nullptr;
    found = nodes_.emplace(address.text(), Node{make_server_(server_options_, {address}), 0}).first;
  }
  found->second.last_named = now;
  return found->second.server.get();
}

Learned ClusterTopology::learn(const plugins::Reply& answer, const Address& from, std::uint64_t now) {
  const auto ranges = parse_slots(answer, from);
  if (ranges && !ranges->empty()) return use_slots(*ranges, now);
  Learned learned;
  if (answer.kind != plugins::Reply::Kind::absent)
    learned.problem = "lists no masters with addresses: " + std::string(answer.text);
  return learned;
}

/// Complete if every slot has a master that can be talked to.
Learned ClusterTopology::use_slots(const std::vector<SlotRange>& ranges, std::uint64_t now) {
  Learned learned;
  learned.known = true;
  std::vector<Server*> owners(slots_of_a_cluster, nullptr);
  bool reachable = true;
  names_.clear();
  for (const SlotRange& range : ranges) {
    if (!range.name.empty()) names_.insert_or_assign(range.name, range.master);
    Server* server = server_at(range.master, now);
    if (server == nullptr) {
      learned.problem = "has more than " + std::to_string(max_nodes) + " servers";
    } else if (std::find(learned.servers.begin(), learned.servers.end(), range.master) == learned.servers.end()) {
      learned.servers.push_back(range.master);
      reachable = reachable && server->reachable();
    }
    assert(range.first <= range.last && range.last < owners.size());
    std::fill(owners.begin() + range.first, owners.begin() + range.last + 1, server);
  }
  learned.complete = reachable && std::find(owners.begin(), owners.end(), nullptr) == owners.end();
  if (owners != owners_) {
    learned.moved = std::any_of(owners_.begin(), owners_.end(), [](const Server* server) { return server != nullptr; });
    owners_ = std::move(owners);
  }
  for (const Address& configured : configured_) {
    if (std::find(learned.servers.begin(), learned.servers.end(), configured) == learned.servers.end())
      learned.servers.push_back(configured);
  }
  learned.retired = retire_old_nodes(now);
  return learned;
}

/// Those without slots that cannot be reached or that nobody has named for a while.
std::vector<std::unique_ptr<Server>> ClusterTopology::retire_old_nodes(std::uint64_t now) {
  std::vector<std::unique_ptr<Server>> retired;
  for (auto node = nodes_.begin(); node != nodes_.end();) {
    Server& server = *node->second.server;
    const bool idle = std::find(owners_.begin(), owners_.end(), &server) == owners_.end();
    const bool old = now - node->second.last_named > memory;
    if (!idle || (!old && server.reachable())) {
      ++node;
      continue;
    }
    server.dismiss();
    retired.push_back(std::move(node->second.server));
    node = nodes_.erase(node);
  }
  return retired;
}

std::vector<std::unique_ptr<Server>> ClusterTopology::give_up_servers() {
  std::fill(owners_.begin(), owners_.end(), nullptr);
  std::vector<std::unique_ptr<Server>> servers;
  for (auto& [address, node] : nodes_) servers.push_back(std::move(node.server));
  nodes_.clear();
  return servers;
}

}  // namespace personalize::engine::redis
