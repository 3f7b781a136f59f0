#include "engine/redis/client/resolve.h"

#include <netdb.h>
#include <sys/un.h>

#include <charconv>
#include <cstddef>
#include <cstring>
#include <memory>

namespace personalize::engine::redis::client {
namespace {

tl::expected<Resolved, std::string> resolve_path(std::string_view path) {
  sockaddr_un local = {};
  local.sun_family = AF_UNIX;
  if (path.empty()) return tl::unexpected<std::string>("no path");
  if (path.size() >= sizeof(local.sun_path)) return tl::unexpected<std::string>("path too long");
  path.copy(local.sun_path, path.size());
  return Resolved{"", {Address(reinterpret_cast<const sockaddr*>(&local), sizeof(local))}};
}

tl::expected<Resolved, std::string> look_up(const std::string& host, int port) {
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  const std::string bare = bracketed ? host.substr(1, host.size() - 2) : host;
  if (auto address = Address::literal(bare, port)) return Resolved{host, {*address}};
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(bare.c_str(), std::to_string(port).c_str(), &hints, &found) != 0)
    return tl::unexpected<std::string>("host not found");
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, freeaddrinfo);
  Resolved resolved{host, {}};
  for (; found != nullptr; found = found->ai_next) {
    if (found->ai_family != AF_INET && found->ai_family != AF_INET6) continue;
    resolved.addresses.emplace_back(found->ai_addr, found->ai_addrlen);
  }
  if (resolved.addresses.empty()) return tl::unexpected<std::string>("host not found");
  return resolved;
}

}  // namespace

tl::expected<Resolved, std::string> resolve(std::string_view text, int default_port) {
  constexpr std::string_view unix_word = "unix:";
  if (text.starts_with(unix_word)) return resolve_path(text.substr(unix_word.size()));
  std::size_t colon = text.rfind(':');
  if (text.ends_with(']')) colon = text.npos;  // one of the address
  const std::string host(text.substr(0, colon));
  if (host.empty() || host.find('\0') != host.npos) return tl::unexpected<std::string>("no host");
  if (colon == text.npos) return look_up(host, default_port);
  const std::string_view digits = text.substr(colon + 1);
  int port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size() || port < 1 || port > 65535)
    return tl::unexpected<std::string>("invalid port");
  return look_up(host, port);
}

}  // namespace personalize::engine::redis::client
