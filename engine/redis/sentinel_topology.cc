#include "engine/redis/sentinel_topology.h"

#include <charconv>
#include <utility>

#include "engine/redis/command.h"

namespace personalize::engine::redis {
namespace {

constexpr std::uint64_t sentinel_pause = 1000;

/// From ["192.0.2.1", "6379"].
std::optional<Address> address_in(const plugins::Reply& answer) {
  using Kind = plugins::Reply::Kind;
  if (answer.kind != Kind::array || answer.elements.size() != 2) return std::nullopt;
  const plugins::Reply &host = answer.elements[0], &port = answer.elements[1];
  if (host.kind != Kind::string || port.kind != Kind::string) return std::nullopt;
  int number = 0;
  std::from_chars(port.text.data(), port.text.data() + port.text.size(), number);
  return Address::literal(host.text, number);
}

}  // namespace

SentinelTopology::SentinelTopology(const Options& options, MakeServer make_server)
    : Topology({.label = options.label,
                .key = options.spelled,
                .login = options.login,
                .database = options.database,
                .master_only = true}),
      make_server_(std::move(make_server)) {
  discovery_ = Discovery{
      .question = encode({"SENTINEL", "get-master-addr-by-name", options.master}),
      .options = {.label = options.label, .key = "Sentinels of " + options.spelled, .login = options.sentinel_login},
      .pause = sentinel_pause};
}

Learned SentinelTopology::learn(const plugins::Reply& answer, const Address&, std::uint64_t) {
  Learned learned;
  const std::optional<Address> master = address_in(answer);
  learned.known = master.has_value();
  if (!master) {
    if (answer.kind != plugins::Reply::Kind::absent)
      learned.problem = "the Sentinel does not know an address of the master";
    return learned;
  }
  if (master_ == nullptr || *master != address_) {
    learned.moved = master_ != nullptr;
    if (learned.moved) {
      master_->dismiss();
      learned.news = "the master is " + master->text() + " now";
    }
    address_ = *master;
    learned.retired.push_back(std::exchange(master_, make_server_(server_options_, {*master})));
  }
  learned.complete = master_->reachable();
  return learned;
}

std::vector<std::unique_ptr<Server>> SentinelTopology::give_up_servers() {
  std::vector<std::unique_ptr<Server>> servers;
  servers.push_back(std::exchange(master_, nullptr));
  return servers;
}

}  // namespace personalize::engine::redis
