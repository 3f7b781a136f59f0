// personalize_redis ADDRESS [db=] [user=] [password=] [prefix=] [connections=] | off
#include <algorithm>

#include "module/conf.h"
#include "module/log.h"

namespace personalize::nginx {
namespace {

char* const failed = static_cast<char*>(NGX_CONF_ERROR);

/// Names are resolved here, once, as NGINX's own upstreams are: a worker never waits for a resolver.
bool parse_address(ngx_conf_t* cf, ngx_str_t text, RedisConf& redis) {
  ngx_url_t url;
  ngx_memzero(&url, sizeof(url));
  url.url = text;
  url.default_port = 6379;
  if (ngx_parse_url(cf->pool, &url) != NGX_OK || url.naddrs == 0) {
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%s in Redis address \"%V\"",
                       url.err != nullptr ? url.err : "no address", &text);
    return false;
  }
  const ngx_addr_t& address = url.addrs[0];
  if (address.sockaddr->sa_family == AF_UNIX) {
    redis.path = view(text).substr(sizeof("unix:") - 1);
    return true;
  }
  u_char literal[NGX_SOCKADDR_STRLEN];
  std::size_t length = ngx_sock_ntop(address.sockaddr, address.socklen, literal, sizeof(literal), 0);
  redis.host.assign(reinterpret_cast<char*>(literal), length);
  redis.port = ngx_inet_get_port(address.sockaddr);
  return true;
}

bool parse_number(std::string_view text, ngx_int_t low, ngx_int_t high, ngx_int_t& number) {
  number = ngx_atoi(reinterpret_cast<u_char*>(const_cast<char*>(text.data())), text.size());
  return number != NGX_ERROR && number >= low && number <= high;
}

bool parse_option(std::string_view option, RedisConf& redis, std::string& prefix) {
  std::size_t equals = option.find('=');
  if (equals == std::string_view::npos) return false;
  std::string_view name = option.substr(0, equals), value = option.substr(equals + 1);
  ngx_int_t number = 0;
  if (name == "user") redis.user = value;
  else if (name == "password") redis.password = value;
  else if (name == "prefix") prefix = value;
  else if (name == "db" && parse_number(value, 0, 65535, number)) redis.database = static_cast<int>(number);
  else if (name == "connections" && parse_number(value, 1, 64, number)) redis.connections = static_cast<unsigned>(number);
  else return false;
  return true;
}

char* add_redis(ngx_conf_t* cf, LocationConf& conf) {
  auto* values = static_cast<ngx_str_t*>(cf->args->elts);
  if (cf->args->nelts == 2 && view(values[1]) == "off") {
    conf.redis = no_redis;
    return NGX_CONF_OK;
  }
  RedisConf redis;
  std::string prefix = plugins::Settings{}.profile_prefix;
  redis.name = view(values[1]);
  if (!parse_address(cf, values[1], redis)) return failed;
  for (ngx_uint_t i = 2; i < cf->args->nelts; ++i) {
    if (parse_option(view(values[i]), redis, prefix)) continue;
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid parameter \"%V\"", &values[i]);
    return failed;
  }
  if (!redis.user.empty() && redis.password.empty()) return const_cast<char*>("has a user without a password");
  conf.prefix = make<std::string>(cf->pool, std::move(prefix));
  if (conf.prefix == nullptr) return failed;
  auto& main = *static_cast<MainConf*>(ngx_http_conf_get_module_main_conf(cf, ngx_http_personalize_module));
  auto same = std::find_if(main.redis.begin(), main.redis.end(), [&](const auto& other) { return *other == redis; });
  conf.redis = static_cast<ngx_uint_t>(same - main.redis.begin());
  if (same == main.redis.end()) main.redis.push_back(std::make_unique<RedisConf>(std::move(redis)));
  return NGX_CONF_OK;
}

}  // namespace

char* set_redis(ngx_conf_t* cf, ngx_command_t*, void* data) {
  auto& conf = *static_cast<LocationConf*>(data);
  if (conf.redis != NGX_CONF_UNSET_UINT) return const_cast<char*>("is duplicate");
  return guarded(cf->log, [&] { return add_redis(cf, conf); }, [] { return failed; });
}

}  // namespace personalize::nginx
