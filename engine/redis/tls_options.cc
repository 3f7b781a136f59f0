#include "engine/redis/tls_options.h"

#include <algorithm>
#include <string_view>

#include "engine/redis/address.h"

namespace personalize::engine::redis {
namespace {

ExpectedPeer peer_called(std::string_view text) {
  std::string_view bare = text;
  if (bare.starts_with('[') && bare.ends_with(']')) bare = bare.substr(1, bare.size() - 2);
  if (Address::literal(bare, 1)) return {"", std::string(bare)};
  if (text.ends_with('.')) text.remove_suffix(1);
  return {std::string(text), ""};
}

}  // namespace

ExpectedPeer expected_peer(const TlsOptions& options, const std::string& address) {
  if (options.server_name && !options.server_name->empty()) return peer_called(*options.server_name);
  if (options.server_name) return {"", address};
  const auto& hosts = options.hosts;
  const auto host = std::find_if(hosts.begin(), hosts.end(), [&](const auto& h) { return h.address == address; });
  if (host != hosts.end()) return peer_called(host->name);
  return {peer_called(options.common_host).name, address};
}

const char* wrong_peer(const TlsOptions& options, const ExpectedPeer& expected) {
  return !options.server_name && expected.name.empty()
             ? "the certificate does not name the address (is server_name missing?)"
             : "the certificate does not name server_name";
}

}  // namespace personalize::engine::redis
