#include "module/redis/cluster.h"

#include <algorithm>
#include <utility>

#include "module/redis/command.h"
#include "module/redis/reply.h"
#include "module/worker/log.h"

namespace personalize::module::redis {
namespace {

constexpr ngx_msec_t cluster_pause = 5000;
constexpr ngx_msec_t memory = 30000;  // of servers that are not in the map, such as one that takes over its first slot
constexpr std::size_t max_nodes = 128;

}  // namespace

ClusterStore::ClusterStore(const RedisConf& conf, ngx_log_t* log)
    : DiscoveredStore(conf, log),
      options_{.label = conf.label, .key = conf.spelled, .login = conf.login, .tls = conf.tls},
      map_options_{.label = conf.label,
                   .key = "map of " + conf.spelled,
                   .login = conf.login,
                   .tls = conf.tls,
                   .max_reply_bytes = limits_of_a_cluster.bytes},
      owners_(slots_of_a_cluster, nullptr),
      topology_refresh_(
          map_options_, conf.addresses, encode({"CLUSTER", "SLOTS"}), cluster_pause,
          [this](const plugins::Reply& reply, const Address& from) { return take_slots(reply, from); }, log) {}

ClusterStore::~ClusterStore() {
  // Those that wait try again, and must find nobody.
  std::fill(owners_.begin(), owners_.end(), nullptr);
  const auto doomed = std::exchange(nodes_, {});
}

bool ClusterStore::route(const std::shared_ptr<Query>& query) {
  Pool* pool = owners_[query->slot()];
  return pool != nullptr && pool->send(query);
}

void ClusterStore::on_answer(const std::shared_ptr<Query>& query, const Address& from, const redisReply* reply) {
  if (reply != nullptr && reply->type == REDIS_REPLY_ERROR) {
    const std::string_view error(reply->str, static_cast<std::size_t>(reply->len));
    if (!query->asking_failure().empty()) return refuse(query, from);
    if (auto to = parse_redirect(error, from); to && redirect(query, *to)) return;
    if (error.starts_with("CLUSTERDOWN")) topology_refresh_.alarm();
  }
  Store::on_answer(query, from, reply);
}

/// It was to be let in where its slot is moving to, and was sent back: it would run in circles.
void ClusterStore::refuse(const std::shared_ptr<Query>& query, const Address& from) {
  std::string why = query->asking_failure() + " (keys of slots that are being moved need +asking)";
  redisReply error = {};
  error.type = REDIS_REPLY_ERROR;
  error.str = why.data();
  error.len = why.size();
  Store::on_answer(query, from, &error);
}

/// False: it is not followed.
bool ClusterStore::redirect(const std::shared_ptr<Query>& query, const Redirect& redirect) {
  if (redirect.slot != query->slot()) return false;
  ++counters().redis_redirects;
  const std::optional<Address> to = target_of(redirect);
  const bool moved = redirect.kind == Redirect::Kind::moved;
  if (moved || !to) topology_refresh_.alarm();
  Pool* pool = to ? pool_at(*to) : nullptr;
  if (pool == nullptr) return false;
  if (moved) owners_[redirect.slot] = pool;
  return query->follow_redirect() && pool->send(query, !moved);
}

/// Nothing: a name that the map has no address of.
std::optional<Address> ClusterStore::target_of(const Redirect& redirect) const {
  if (redirect.to) return redirect.to;
  const auto known = names_.find(redirect.target);
  return known != names_.end() ? std::optional(known->second) : std::nullopt;
}

/// Null: there are too many already.
Pool* ClusterStore::pool_at(const Address& address) {
  auto found = nodes_.find(address.text());
  if (found == nodes_.end()) {
    if (nodes_.size() >= max_nodes) return nullptr;
    auto pool = std::make_unique<Pool>(options_, std::vector{address}, conf_.connections, *this, log_);
    found = nodes_.emplace(address.text(), Node{std::move(pool), 0}).first;
  }
  found->second.last_named = ngx_current_msec;
  return found->second.pool.get();
}

bool ClusterStore::take_slots(const plugins::Reply& reply, const Address& from) {
  const auto ranges = parse_slots(reply, from);
  if (ranges && !ranges->empty()) return use_slots(*ranges, from);
  if (reply.kind != plugins::Reply::Kind::absent) {
    answer_is_useless(map_options_.at(from), "lists no masters with addresses: " + std::string(reply.text));
  }
  servers_cannot_be_found();
  return false;
}

/// True if every slot has a master that can be talked to.
bool ClusterStore::use_slots(const std::vector<SlotRange>& ranges, const Address& from) {
  std::vector<Pool*> owners(slots_of_a_cluster, nullptr);
  std::vector<Address> servers;
  bool complete = true, crowded = false;
  names_.clear();
  for (const SlotRange& range : ranges) {
    if (!range.name.empty()) names_.insert_or_assign(range.name, range.master);
    Pool* pool = pool_at(range.master);
    if (pool == nullptr) {
      crowded = true;
    } else if (std::find(servers.begin(), servers.end(), range.master) == servers.end()) {
      servers.push_back(range.master);
      complete = complete && pool->reachable();
    }
    std::fill(owners.begin() + range.first, owners.begin() + range.last + 1, pool);
  }
  if (crowded)
    answer_is_useless(map_options_.at(from), "has more than " + std::to_string(max_nodes) + " servers");
  else
    answer_is_useful(map_options_.at(from));
  complete = complete && std::find(owners.begin(), owners.end(), nullptr) == owners.end();
  if (owners != owners_) {
    const bool first = std::all_of(owners_.begin(), owners_.end(), [](const Pool* pool) { return pool == nullptr; });
    if (!first) ++counters().redis_moves;
    owners_ = std::move(owners);
  }
  for (const Address& configured : conf_.addresses) {
    if (std::find(servers.begin(), servers.end(), configured) == servers.end()) servers.push_back(configured);
  }
  topology_refresh_.set_servers(std::move(servers));
  forget_old_nodes(owners_);
  servers_are_known();
  return complete;
}

/// Those without slots that cannot be reached or that nobody has named for a while.
void ClusterStore::forget_old_nodes(const std::vector<Pool*>& owners) {
  std::vector<Node> doomed;  // destroyed last: those that wait for them try again
  for (auto node = nodes_.begin(); node != nodes_.end();) {
    Pool& pool = *node->second.pool;
    const bool idle = std::find(owners.begin(), owners.end(), &pool) == owners.end();
    const bool old = ngx_current_msec - node->second.last_named > memory;
    if (!idle || (!old && pool.reachable())) {
      ++node;
      continue;
    }
    pool.dismiss();
    doomed.push_back(std::move(node->second));
    node = nodes_.erase(node);
  }
}

}  // namespace personalize::module::redis
