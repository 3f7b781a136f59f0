// personalize_redis ADDRESS [options] | sentinel:NAME ADDRESS… [options] | cluster ADDRESS… [options] | off
#include <algorithm>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "module/conf/conf.h"
#include "module/conf/defaults.h"

namespace personalize::module {
namespace {

/// Names are resolved here, once, as NGINX's own upstreams are: a worker never waits for a resolver. All addresses
/// of a name are taken for the same server.
tl::expected<engine::redis::Resolved, std::string> resolve(ngx_conf_t* cf, std::string_view text, int default_port) {
  ngx_url_t url;
  ngx_memzero(&url, sizeof(url));
  url.url = {text.size(), reinterpret_cast<u_char*>(const_cast<char*>(text.data()))};
  url.default_port = static_cast<in_port_t>(default_port);
  if (ngx_parse_url(cf->pool, &url) != NGX_OK || url.naddrs == 0)
    return tl::unexpected<std::string>(url.err != nullptr ? url.err : "no address");
  engine::redis::Resolved resolved{std::string(view(url.host)), {}};
  for (ngx_uint_t i = 0; i < url.naddrs; ++i)
    resolved.addresses.emplace_back(url.addrs[i].sockaddr, url.addrs[i].socklen);
  return resolved;
}

/// Of the same one that another location has already, or else of this one.
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
  engine::redis::Options defaults;
  apply_defaults("personalize_redis", [&](std::string_view name, std::string_view value) {
    engine::redis::set_option(name, value, defaults);
  });
  std::vector<std::string_view> words;
  for (ngx_uint_t i = 1; i < cf->args->nelts; ++i) words.push_back(view(values[i]));
  auto options = engine::redis::parse_options(
      words, [cf](std::string_view text, int default_port) { return resolve(cf, text, default_port); },
      std::move(defaults));
  if (!options) {
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "personalize_redis: %s", options.error().c_str());
    return conf_error;
  }
  std::string prefix = std::move(options->prefix);
  RedisConf wanted{std::move(*options)};
  if (wanted.tls_options.on && (wanted.tls = redis::make_tls(cf, wanted.tls_options)) == nullptr) return conf_error;
  conf.prefix = make<std::string>(cf->pool, std::move(prefix));
  if (conf.prefix == nullptr) return conf_error;
  conf.redis = position(main_conf(cf), std::move(wanted));
  return NGX_CONF_OK;
}

}  // namespace personalize::module
