// personalize_events [trust=purchase] [rate=N] [network_rate=N]
#include <string>

#include "module/conf/defaults.h"
#include "module/events/beacon.h"
#include "module/events/beacon_rates.h"

namespace personalize::module {
namespace {

constexpr std::size_t bytes_of_rates = 1024 * 1024;  // 64 000 visitors and networks a minute

constexpr ZoneKind rate_zones{
    .directive = "personalize_events",
    .example = "",
    .min_bytes = 0,
    .name_is_enough = false,
    .make = [](ngx_slab_pool_t& slabs) -> void* { return BeaconRates::make(take_all(slabs)); }};

bool set_rate(std::string_view text, std::uint32_t& rate) {
  const ngx_int_t number = ngx_atoi(as_ngx(text).data, text.size());
  rate = static_cast<std::uint32_t>(number);
  return number > 0 && number <= 1'000'000;
}

/// What is wrong with it, or null.
const char* set_beacon_parameter(std::string_view word, BeaconConf& conf) {
  constexpr std::string_view rate = "rate=", network_rate = "network_rate=";
  if (word == "trust=purchase") {
    conf.trust_purchase = true;
    return nullptr;
  }
  const bool of_network = word.starts_with(network_rate);
  if (!of_network && !word.starts_with(rate)) return "it must be trust=purchase, rate= or network_rate=";
  const std::string_view number = word.substr(of_network ? network_rate.size() : rate.size());
  return set_rate(number, of_network ? conf.network_rate : conf.rate) ? nullptr
                                                                      : "a number of beacons a minute is needed";
}

}  // namespace

char* set_beacon(ngx_conf_t* cf, const ngx_command_t&, LocationConf& conf) {
  if (conf.beacon != nullptr) return const_cast<char*>("is duplicate");
  conf.beacon = make<BeaconConf>(cf->pool);
  if (conf.beacon == nullptr) return conf_error;
  apply_defaults("personalize_events", [&](std::string_view name, std::string_view value) {
    set_beacon_parameter(std::string(name).append("=").append(value), *conf.beacon);
  });
  auto* words = static_cast<ngx_str_t*>(cf->args->elts);
  for (ngx_uint_t i = 1; i < cf->args->nelts; ++i) {
    const char* wrong = set_beacon_parameter(view(words[i]), *conf.beacon);
    if (wrong == nullptr) continue;
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "personalize_events: invalid \"%V\": %s", &words[i], wrong);
    return conf_error;
  }
  conf.beacon->rates = Zone<BeaconRates>(add_zone(cf, rate_zones, "personalize-beacons", bytes_of_rates));
  if (!conf.beacon->rates) return conf_error;
  auto* core = static_cast<ngx_http_core_loc_conf_t*>(ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module));
  core->handler = handle_beacon;
  return NGX_CONF_OK;
}

}  // namespace personalize::module
