// TLS to Redis as it is configured, and whom a server's certificate has to name.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace personalize::engine::redis {

struct TlsOptions {
  bool on = false;
  std::string ca;           ///< file: who signed the servers' certificates
  std::string certificate;  ///< file: our own, for servers that want one
  std::string key;
  std::optional<std::string> server_name;  ///< whom all certificates name: a host or an address
  bool verify = true;

  struct Host {
    std::string address;  ///< without port
    std::string name;
  };
  std::vector<Host> hosts;  ///< that the options have names for
  std::string common_host;  ///< the one that all addresses in the options have; empty: there is no such
};

/// Whom a certificate has to name: the one or the other, where both are there.
struct ExpectedPeer {
  std::string name;     ///< also for SNI, which is not for addresses (RFC 6066)
  std::string address;  ///< without brackets
};

/// The peer at `address` (without port). What `server_name` says; else what the options call that server. A server that
/// others told of has the name that all in the options have, or that of its address.
ExpectedPeer expected_peer(const TlsOptions& options, const std::string& address);

/// What to say of a certificate that names nobody of these.
const char* wrong_peer(const TlsOptions& options, const ExpectedPeer& expected);

}  // namespace personalize::engine::redis
