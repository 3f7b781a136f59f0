#include "module/weather/directive.h"

#include <algorithm>

#include "module/conf/defaults.h"
#include "module/http/variables.h"
#include "module/log/log.h"
#include "module/weather/service.h"

namespace personalize::module {
namespace {

/// In microseconds.
std::optional<std::int64_t> parse_time(std::string_view text) {
  ngx_str_t value = as_ngx(text);
  const ngx_int_t milliseconds = ngx_parse_time(&value, 0);
  if (milliseconds == NGX_ERROR || milliseconds == 0) return std::nullopt;
  return static_cast<std::int64_t>(milliseconds) * 1000;
}

std::optional<std::uint32_t> parse_number(std::string_view text) {
  const ngx_int_t parsed = ngx_atoi(as_ngx(text).data, text.size());
  if (parsed == NGX_ERROR || parsed == 0 || parsed > UINT32_MAX) return std::nullopt;
  return static_cast<std::uint32_t>(parsed);
}

void* make_weather_table(ngx_slab_pool_t& slabs) {
  const std::span<std::byte> memory = take_all(slabs);
  if (memory.empty()) return nullptr;
  ngx_memzero(memory.data(), memory.size());
  return WeatherTable::in(memory.data(), memory.size());
}

constexpr ZoneKind weather_zones{.directive = "personalize_weather",
                                 .example = "zone=weather:1m",
                                 .min_bytes = 0,
                                 .name_is_enough = false,
                                 .make = make_weather_table};

struct Words {
  WeatherConf conf;
  std::string_view zone;
  std::int64_t timeout = 0;  // microseconds
};

/// False if nothing was parsed.
template <class T>
bool store(const std::optional<T>& parsed, T& place) {
  if (parsed) place = *parsed;
  return parsed.has_value();
}

/// False if there is no such parameter, or its value is invalid.
bool set_parameter(std::string_view name, std::string_view value, Words& words) {
  WeatherTimes& times = words.conf.times;
  if (name == "fresh") return store(parse_time(value), times.fresh);
  if (name == "stale") return store(parse_time(value), times.usable);
  if (name == "timeout") return store(parse_time(value), words.timeout);
  if (name == "pause") return store(parse_time(value), times.pause);
  if (name == "max_fetches") return store(parse_number(value), times.max_fetches);
  if (name == "zone") {
    words.zone = value;
    return true;
  }
  if (name == "format") return store(plugins::parse_weather_format(value), words.conf.format);
  return false;
}

bool parse_parameter(std::string_view word, Words& words) {
  const std::size_t equals = word.find('=');
  return equals != std::string_view::npos && set_parameter(word.substr(0, equals), word.substr(equals + 1), words);
}

}  // namespace

char* set_weather(ngx_conf_t* cf, const ngx_command_t&, LocationConf& conf) {
  if (conf.weather_conf != nullptr) return const_cast<char*>("is duplicate");
  auto* values = static_cast<ngx_str_t*>(cf->args->elts);
  Words words;
  apply_defaults("personalize_weather",
                 [&](std::string_view name, std::string_view value) { set_parameter(name, value, words); });
  const bool off = cf->args->nelts == 2 && view(values[1]) == "off";
  if (!off && !view(values[1]).starts_with('/')) {
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "\"%V\" is not the path of a location: it must begin with \"/\"",
                       &values[1]);
    return conf_error;
  }
  for (ngx_uint_t i = 2; i < cf->args->nelts; ++i) {
    if (parse_parameter(view(values[i]), words)) continue;
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid parameter \"%V\"", &values[i]);
    return conf_error;
  }
  if (!off) {
    words.conf.timeout = static_cast<ngx_msec_t>(words.timeout / 1000);
    words.conf.times.fetching = words.timeout + 1'000'000;  // the worker itself gives up before that
    words.conf.times.usable = std::max(words.conf.times.usable, words.conf.times.fresh);
    words.conf.times.max_pause = std::max(words.conf.times.max_pause, words.conf.times.pause);
    words.conf.uri = view(values[1]);
    words.conf.zone = Zone<WeatherTable>(add_zone(cf, weather_zones, words.zone));
    if (!words.conf.zone) return conf_error;
    // In `http` the location is looked up in the first server, which is known when levels are merged.
    if ((cf->cmd_type & NGX_HTTP_MAIN_CONF) == 0) {
      words.conf.server =
          static_cast<ngx_http_core_srv_conf_t*>(ngx_http_conf_get_module_srv_conf(cf, ngx_http_core_module));
    }
  }
  conf.weather_conf = make<WeatherConf>(cf->pool, words.conf);
  return conf.weather_conf != nullptr ? NGX_CONF_OK : conf_error;
}

namespace {

/// Tenths of a degree as "-33.9".
std::string degrees(int tenths) {
  return (tenths < 0 ? "-" : "") + std::to_string(std::abs(tenths) / 10) + "." + std::to_string(std::abs(tenths) % 10);
}

template <std::int16_t plugins::WeatherCell::*coordinate>
ngx_int_t get(ngx_http_request_t* r, ngx_http_variable_value_t* value, uintptr_t) {
  return guarded(
      r->connection->log,
      [&]() -> ngx_int_t {
        const auto* fetch = dynamic_cast<WeatherFetch*>(detached_listener(r));
        return set_variable(r, value, fetch != nullptr ? degrees(fetch->cell().*coordinate) : "", fetch != nullptr);
      },
      []() -> ngx_int_t { return NGX_ERROR; });
}

ngx_http_variable_t weather_variables[] = {
    {ngx_string("personalize_weather_latitude"), nullptr, get<&plugins::WeatherCell::latitude>, 0, 0, 0},
    {ngx_string("personalize_weather_longitude"), nullptr, get<&plugins::WeatherCell::longitude>, 0, 0, 0},
};

}  // namespace

WeatherService* weather_service(ngx_conf_t* cf, LocationConf& conf) {
  if (conf.weather_conf == nullptr || conf.weather_conf->uri.empty()) return nullptr;
  if (conf.weather_conf->server == nullptr) {
    conf.weather_conf->server =
        static_cast<ngx_http_core_srv_conf_t*>(ngx_http_conf_get_module_srv_conf(cf, ngx_http_core_module));
  }
  MainConf& main = main_conf(cf);
  auto same = std::find_if(main.weather.begin(), main.weather.end(),
                           [&](const auto& service) { return service->conf() == *conf.weather_conf; });
  if (same != main.weather.end()) return same->get();
  main.weather.push_back(std::make_unique<WeatherService>(*conf.weather_conf));
  return main.weather.back().get();
}

ngx_int_t add_weather_variables(ngx_conf_t* cf) { return add_variables(cf, weather_variables); }

}  // namespace personalize::module
