// Redis for programs that may wait, such as the command line tool: one command at a time, in all topologies.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "engine/redis/address_ring.h"
#include "engine/redis/client/connection.h"
#include "engine/redis/topology.h"
#include "rules/value.h"

namespace personalize::engine::redis::client {

/// Connects when it is first used. What a server's failure means, whom to ask next and where a key is, Topology says,
/// as it does to NGINX.
class BlockingClient {
 public:
  /// A command takes no longer than `limit`. Or which file for TLS cannot be used.
  static tl::expected<std::unique_ptr<BlockingClient>, std::string> make(const Options& options,
                                                                         std::chrono::milliseconds limit);
  ~BlockingClient();
  BlockingClient(const BlockingClient&) = delete;
  BlockingClient& operator=(const BlockingClient&) = delete;

  const Options& options() const { return options_; }

  /// The reply to a command about its second word, in `memory`. An error of the server is no reply: what is returned
  /// then, and if nobody answers, names the server and what to do.
  tl::expected<plugins::Reply, std::string> command(std::span<const std::string_view> words, rules::Arena& memory);
  /// The same for a command about a key that is another one of its words.
  tl::expected<plugins::Reply, std::string> command(std::span<const std::string_view> words, std::string_view key,
                                                    rules::Arena& memory);

 private:
  class Host;
  struct Failure;

  BlockingClient(const Options& options, std::optional<TlsContext> tls, std::chrono::milliseconds limit);
  std::optional<std::string> find_servers(Deadline deadline);
  tl::expected<plugins::Reply, Failure> attempt(std::string_view bytes, std::uint16_t slot, Deadline deadline,
                                                rules::Arena& memory);
  static std::uint64_t now();

  const Options options_;
  const std::optional<TlsContext> tls_;
  const std::chrono::milliseconds limit_;
  AddressRing informants_;  ///< who may know where the servers are
  std::unique_ptr<Topology> topology_;
};

}  // namespace personalize::engine::redis::client
