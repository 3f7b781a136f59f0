// `personalize_weather` and the variables of its location.
#pragma once

#include "module/conf/conf.h"

namespace personalize::module {

char* set_weather(ngx_conf_t* cf, const ngx_command_t& command, LocationConf& conf);

/// The service that the location's directive asks for, one for all that say the same; null where there is none. While
/// levels are merged.
WeatherService* weather_service(ngx_conf_t* cf, LocationConf& conf);

/// $personalize_weather_latitude and $personalize_weather_longitude.
ngx_int_t add_weather_variables(ngx_conf_t* cf);

}  // namespace personalize::module
