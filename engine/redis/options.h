// What `personalize_redis` says, in NGINX and to the tool: where profiles are, and how to be let in there.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "engine/redis/address.h"
#include "engine/redis/tls_options.h"
#include "plugins/configuration.h"

namespace personalize::engine::redis {

/// For AUTH; no password: none is sent.
struct Login {
  std::string user;
  std::string password;
};

struct Options {
  enum class Kind : std::uint8_t { single, sentinel, cluster };
  Kind kind = Kind::single;
  std::string spelled;             ///< as written, without the prefix: equal if it is the same Redis
  std::string name;                ///< the kind and the addresses as written
  std::string label;               ///< the same for log lines, but no more than one address
  std::string identity;            ///< whatever replies depend on besides the command, encoded
  std::string master;              ///< the name by which Sentinels know it
  std::vector<Address> addresses;  ///< of the server, the Sentinels, or some of the cluster's servers
  Login login;
  Login sentinel_login;
  int database = 0;
  unsigned connections = 1;  ///< of each worker to each server
  TlsOptions tls_options;
  std::string prefix = plugins::Settings{}.profile_prefix;  ///< of keys
};

/// What stands for an address in the options. How it is looked up is up to the host.
struct Resolved {
  std::string host;                ///< as written, without the port
  std::vector<Address> addresses;  ///< at least one, all of the same server
};
/// Or why there is no such address: "host not found".
using Resolve = std::function<tl::expected<Resolved, std::string>(std::string_view text, int default_port)>;

/// ADDRESS [name=value…] | sentinel:NAME ADDRESS… [name=value…] | cluster ADDRESS… [name=value…]; at least one word.
/// Or what is wrong, without saying where. What is not written stays as in `defaults`.
tl::expected<Options, std::string> parse_options(std::span<const std::string_view> words, const Resolve& resolve,
                                                 Options defaults = {});

/// One `name=value`. False: there is no such option, or it cannot have that value.
bool set_option(std::string_view name, std::string_view value, Options& options);

/// What all connections of one kind have in common.
struct ConnectionOptions {
  /// For log lines: what it is and which server, each address once.
  std::string at(const Address& address) const;

  std::string label;  ///< for log lines
  std::string key;    ///< the same in all workers, and of no others
  Login login;
  int database = 0;
  bool master_only = false;                  ///< replicas are refused
  std::size_t max_reply_bytes = 512 * 1024;  ///< bytes
};

}  // namespace personalize::engine::redis
