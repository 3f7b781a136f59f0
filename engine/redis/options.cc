#include "engine/redis/options.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "engine/redis/command.h"

namespace personalize::engine::redis {
namespace {

using Kind = Options::Kind;

constexpr std::string_view sentinel_word = "sentinel:", cluster_word = "cluster";
constexpr std::size_t max_addresses = 32;

/// What certificates may be expected to name: the host of the last `count` addresses, empty if it is an address.
void note_host(Options& options, std::size_t count, std::string_view host) {
  TlsOptions& tls = options.tls_options;
  const bool first = options.addresses.size() == count;
  if (first) tls.common_host = host;
  if (tls.common_host != host) tls.common_host.clear();
  if (host.empty()) return;
  for (auto address = options.addresses.end() - static_cast<std::ptrdiff_t>(count); address != options.addresses.end();
       ++address)
    tls.hosts.push_back({address->host(), std::string(host)});
}

std::optional<std::string> add_address(Options& options, std::string_view text, const Resolve& resolve) {
  const auto resolved = resolve(text, options.kind == Kind::sentinel ? 26379 : 6379);
  if (!resolved) return resolved.error() + " in Redis address \"" + std::string(text) + '"';
  for (const Address& address : resolved->addresses) {
    if (address.local() && options.kind != Kind::single)
      return '"' + std::string(text) + "\": Sentinels and clusters need host:port, not a Unix socket";
    options.addresses.push_back(address);
  }
  if (options.addresses.size() > max_addresses) return "more than " + std::to_string(max_addresses) + " addresses";
  const std::string& host = resolved->host;
  const bool is_name = !options.addresses.back().local() && !Address::literal(host, 1) && !host.starts_with('[');
  if (options.label.empty()) options.label = is_name ? std::string(text) : options.addresses.front().text();
  note_host(options, resolved->addresses.size(), is_name ? host : "");
  return std::nullopt;
}

/// The kind and the addresses, which are before the options: how many words that were.
tl::expected<std::size_t, std::string> parse_servers(std::span<const std::string_view> words, const Resolve& resolve,
                                                     Options& options) {
  std::size_t next = 0;
  options.name = words[0];
  if (words[0].starts_with(sentinel_word)) {
    options.kind = Kind::sentinel;
    options.master = words[0].substr(sentinel_word.size());
    options.label = options.name;
    ++next;
  } else if (words[0] == cluster_word) {
    options.kind = Kind::cluster;
    ++next;
  }
  const std::size_t last = options.kind == Kind::single ? 1 : words.size();
  for (; next < last && words[next].find('=') == std::string_view::npos; ++next) {
    if (next != 0) (options.name += ' ') += words[next];
    if (auto problem = add_address(options, words[next], resolve)) return tl::unexpected(std::move(*problem));
  }
  if (options.kind == Kind::cluster) options.label.insert(0, "cluster ");
  const bool nameless = options.kind == Kind::sentinel && options.master.empty();
  if (!options.addresses.empty() && !nameless) return next;
  std::string needed = "an address";
  if (options.kind == Kind::cluster) needed = "the addresses of some of the cluster's servers after it";
  if (options.kind == Kind::sentinel) needed = "a master's name, and the Sentinels' addresses after it";
  return tl::unexpected('"' + std::string(words[0]) + "\" needs " + needed);
}

std::optional<unsigned> parse_number(std::string_view text, unsigned low, unsigned high) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < low || number > high) return std::nullopt;
  return number;
}

bool set_flag(std::string_view text, bool& flag) {
  flag = text == "on";
  return flag || text == "off";
}

template <class Number>
bool set_number(std::string_view text, unsigned low, unsigned high, Number& number) {
  const auto parsed = parse_number(text, low, high);
  if (parsed) number = static_cast<Number>(*parsed);
  return parsed.has_value();
}

/// What does not go together; null: nothing.
const char* contradiction(const Options& options) {
  const TlsOptions& tls = options.tls_options;
  const auto without_password = [](const Login& login) { return !login.user.empty() && login.password.empty(); };
  if (without_password(options.login) || without_password(options.sentinel_login)) return "a user needs a password";
  if (options.kind == Kind::cluster && options.database != 0) return "a cluster has database 0 only";
  if (!tls.on && !(tls.ca + tls.certificate + tls.key).empty()) return "it has certificates, but not tls=on";
  if (!tls.on) return nullptr;
  if (options.addresses.front().local()) return "a Unix socket needs no TLS";
  if (tls.verify && tls.ca.empty()) return "tls=on needs ca=FILE (or verify=off, and then anybody may be the server)";
  if (tls.certificate.empty() != tls.key.empty()) return "cert and key go together";
  return nullptr;
}

}  // namespace

bool set_option(std::string_view name, std::string_view value, Options& options) {
  TlsOptions& tls = options.tls_options;
  if (name == "db") return set_number(value, 0, 65535, options.database);
  if (name == "connections") return set_number(value, 1, 64, options.connections);
  if (name == "verify") return set_flag(value, tls.verify);
  if (name == "tls") return set_flag(value, tls.on);
  if (name.starts_with("sentinel_") && options.kind != Kind::sentinel) return false;
  struct Text {
    std::string_view name;
    std::string& text;
  };
  const Text texts[] = {{"user", options.login.user},
                        {"password", options.login.password},
                        {"sentinel_user", options.sentinel_login.user},
                        {"sentinel_password", options.sentinel_login.password},
                        {"prefix", options.prefix},
                        {"ca", tls.ca},
                        {"cert", tls.certificate},
                        {"key", tls.key}};
  if (name == "server_name") {
    tls.server_name = value;
    return true;
  }
  const auto known = std::find_if(std::begin(texts), std::end(texts), [&](const Text& t) { return t.name == name; });
  if (known == std::end(texts)) return false;
  known->text = value;
  return true;
}

tl::expected<Options, std::string> parse_options(std::span<const std::string_view> words, const Resolve& resolve,
                                                 Options defaults) {
  Options options = std::move(defaults);
  const auto servers = parse_servers(words, resolve, options);
  if (!servers) return tl::unexpected(servers.error());
  options.spelled = options.name;
  for (std::string_view word : words.subspan(*servers)) {
    const std::size_t equals = word.find('=');
    if (equals == word.npos || !set_option(word.substr(0, equals), word.substr(equals + 1), options))
      return tl::unexpected("invalid parameter \"" + std::string(word) + '"');
    if (!word.starts_with("prefix=")) (options.spelled += ' ') += word;
  }
  if (const char* problem = contradiction(options); problem != nullptr) return tl::unexpected<std::string>(problem);
  options.identity = encode({options.name, std::to_string(options.database), options.login.user});
  return options;
}

std::string ConnectionOptions::at(const Address& address) const {
  const std::string& text = address.text();
  const bool said = label == text || label.ends_with(' ' + text);
  return said ? label : label + ", " + text;
}

}  // namespace personalize::engine::redis
