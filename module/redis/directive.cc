// personalize_redis ADDRESS [options] | sentinel:NAME ADDRESS… [options] | cluster ADDRESS… [options] | off
#include <algorithm>

#include "module/conf/conf.h"
#include "module/conf/defaults.h"
#include "module/redis/command.h"

namespace personalize::module {
namespace {

constexpr std::string_view sentinel = "sentinel:", cluster = "cluster";
constexpr std::size_t max_addresses = 32;

/// What certificates may be expected to name: the host of the last `count` addresses, empty if the directive has none.
void note_host(RedisConf& redis, std::size_t count, std::string_view host) {
  redis::TlsOptions& tls = redis.tls_options;
  const bool first = redis.addresses.size() == count;
  if (first) tls.common_host = host;
  if (tls.common_host != host) tls.common_host.clear();
  if (host.empty()) return;
  for (auto address = redis.addresses.end() - static_cast<std::ptrdiff_t>(count); address != redis.addresses.end();
       ++address)
    tls.hosts.push_back({address->host(), std::string(host)});
}

/// Names are resolved here, once, as NGINX's own upstreams are: a worker never waits for a resolver. What a name stands
/// for are places of the same server.
bool parse_address(ngx_conf_t* cf, ngx_str_t text, RedisConf& redis) {
  ngx_url_t url;
  ngx_memzero(&url, sizeof(url));
  url.url = text;
  url.default_port = redis.kind == RedisConf::Kind::sentinel ? 26379 : 6379;
  if (ngx_parse_url(cf->pool, &url) != NGX_OK || url.naddrs == 0) {
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%s in Redis address \"%V\"", url.err != nullptr ? url.err : "no address",
                       &text);
    return false;
  }
  for (ngx_uint_t i = 0; i < url.naddrs; ++i) {
    redis::Address address(url.addrs[i].sockaddr, url.addrs[i].socklen);
    if (address.local() && redis.kind != RedisConf::Kind::single) {
      ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "\"%V\": Sentinels and clusters need host:port, not a Unix socket",
                         &text);
      return false;
    }
    redis.addresses.push_back(std::move(address));
  }
  const std::string_view host = view(url.host);
  const bool is_name = !redis.addresses.back().local() && !redis::Address::literal(host, 1) && !host.starts_with('[');
  if (redis.label.empty()) redis.label = is_name ? std::string(view(text)) : redis.addresses.front().text();
  note_host(redis, url.naddrs, is_name ? host : "");
  return redis.addresses.size() <= max_addresses;
}

bool parse_number(std::string_view text, ngx_int_t low, ngx_int_t high, ngx_int_t& number) {
  number = ngx_atoi(reinterpret_cast<u_char*>(const_cast<char*>(text.data())), text.size());
  return number != NGX_ERROR && number >= low && number <= high;
}

bool parse_flag(std::string_view text, bool& flag) {
  flag = text == "on";
  return flag || text == "off";
}

bool set_option(std::string_view name, std::string_view value, RedisConf& redis, std::string& prefix) {
  const bool knows_sentinels = redis.kind == RedisConf::Kind::sentinel;
  redis::TlsOptions& tls = redis.tls_options;
  ngx_int_t number = 0;
  if (name == "user")
    redis.login.user = value;
  else if (name == "password")
    redis.login.password = value;
  else if (name == "sentinel_user" && knows_sentinels)
    redis.sentinel_login.user = value;
  else if (name == "sentinel_password" && knows_sentinels)
    redis.sentinel_login.password = value;
  else if (name == "prefix")
    prefix = value;
  else if (name == "db" && parse_number(value, 0, 65535, number))
    redis.database = static_cast<int>(number);
  else if (name == "connections" && parse_number(value, 1, 64, number))
    redis.connections = static_cast<unsigned>(number);
  else if (name == "ca")
    tls.ca = value;
  else if (name == "cert")
    tls.certificate = value;
  else if (name == "key")
    tls.key = value;
  else if (name == "server_name")
    tls.server_name = value;
  else if (name == "verify")
    return parse_flag(value, tls.verify);
  else if (name == "tls")
    return parse_flag(value, tls.on);
  else
    return false;
  return true;
}

bool parse_option(std::string_view option, RedisConf& redis, std::string& prefix) {
  const std::size_t equals = option.find('=');
  return equals != std::string_view::npos &&
         set_option(option.substr(0, equals), option.substr(equals + 1), redis, prefix);
}

/// What does not go together; null: nothing.
const char* contradiction(const RedisConf& redis) {
  const redis::TlsOptions& tls = redis.tls_options;
  auto without_password = [](const Login& login) { return !login.user.empty() && login.password.empty(); };
  if (without_password(redis.login) || without_password(redis.sentinel_login)) return "has a user without a password";
  if (redis.kind == RedisConf::Kind::cluster && redis.database != 0) return "a cluster has database 0 only";
  if (!tls.on && !(tls.ca + tls.certificate + tls.key).empty()) return "has certificates, but not tls=on";
  if (!tls.on) return nullptr;
  if (redis.addresses.front().local()) return "a Unix socket needs no TLS";
  if (tls.verify && tls.ca.empty()) return "tls=on needs ca=FILE (or verify=off, and then anybody may be the server)";
  if (tls.certificate.empty() != tls.key.empty()) return "cert and key go together";
  return nullptr;
}

/// The kind and the addresses, in front of the options; the position of the first option, 0 after a mistake was logged.
ngx_uint_t parse_servers(ngx_conf_t* cf, RedisConf& redis) {
  auto* values = static_cast<ngx_str_t*>(cf->args->elts);
  ngx_uint_t next = 1;
  if (view(values[1]).starts_with(sentinel)) {
    redis.kind = RedisConf::Kind::sentinel;
    redis.master = view(values[1]).substr(sentinel.size());
    ++next;
  } else if (view(values[1]) == cluster) {
    redis.kind = RedisConf::Kind::cluster;
    ++next;
  }
  redis.name = view(values[1]);
  if (redis.kind == RedisConf::Kind::sentinel) redis.label = redis.name;
  const ngx_uint_t last = redis.kind == RedisConf::Kind::single ? 2 : cf->args->nelts;
  for (; next < last && view(values[next]).find('=') == std::string_view::npos; ++next) {
    if (next != 1) (redis.name += ' ') += view(values[next]);
    if (!parse_address(cf, values[next], redis)) return 0;
  }
  if (redis.kind == RedisConf::Kind::cluster) redis.label.insert(0, "cluster ");
  if (!redis.addresses.empty() && (redis.kind != RedisConf::Kind::sentinel || !redis.master.empty())) return next;
  ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "\"%V\" needs %s", &values[1],
                     redis.kind == RedisConf::Kind::cluster
                         ? "the addresses of some of the cluster's servers behind it"
                         : "a master's name, and the Sentinels' addresses behind it");
  return 0;
}

/// The one like it that another location has already, or this one.
ngx_uint_t position(MainConf& main, RedisConf redis) {
  auto same = std::find_if(main.redis.begin(), main.redis.end(),
                           [&](const auto& other) { return other->spelled == redis.spelled; });
  const auto found = static_cast<ngx_uint_t>(same - main.redis.begin());
  if (same == main.redis.end()) main.redis.push_back(std::make_unique<RedisConf>(std::move(redis)));
  return found;
}

}  // namespace

char* set_redis(ngx_conf_t* cf, const ngx_command_t&, LocationConf& conf) {
  if (conf.redis != NGX_CONF_UNSET_UINT) return const_cast<char*>("is duplicate");
  auto* values = static_cast<ngx_str_t*>(cf->args->elts);
  if (cf->args->nelts == 2 && view(values[1]) == "off") {
    conf.redis = no_redis;
    return NGX_CONF_OK;
  }
  RedisConf redis;
  std::string prefix;
  apply_defaults("personalize_redis",
                 [&](std::string_view name, std::string_view value) { set_option(name, value, redis, prefix); });
  ngx_uint_t option = parse_servers(cf, redis);
  if (option == 0) return conf_error;
  redis.spelled = redis.name;
  for (; option < cf->args->nelts; ++option) {
    const std::string_view text = view(values[option]);
    if (!parse_option(text, redis, prefix)) {
      ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid parameter \"%V\"", &values[option]);
      return conf_error;
    }
    if (!text.starts_with("prefix=")) (redis.spelled += ' ') += text;
  }
  if (const char* problem = contradiction(redis); problem != nullptr) return const_cast<char*>(problem);
  redis.identity = redis::encode({redis.name, std::to_string(redis.database), redis.login.user});
  if (redis.tls_options.on && (redis.tls = make_tls(cf, redis.tls_options)) == nullptr) return conf_error;
  conf.prefix = make<std::string>(cf->pool, std::move(prefix));
  if (conf.prefix == nullptr) return conf_error;
  conf.redis = position(main_conf(cf), std::move(redis));
  return NGX_CONF_OK;
}

}  // namespace personalize::module
