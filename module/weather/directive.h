// `personalize_weather` and the variables of its location.
#pragma once

#include "module/conf/conf.h"

namespace personalize::module {

char* set_weather(ngx_conf_t* cf, const ngx_command_t& command, LocationConf& conf);

/// The service that the location's directive describes, shared by all directives that say the same; null if there is
/// none. To be called while levels are merged.
WeatherService* weather_service(ngx_conf_t* cf, LocationConf& conf);

/// $personalize_weather_latitude and $personalize_weather_longitude.
ngx_int_t add_weather_variables(ngx_conf_t* cf);

}  // namespace personalize::module
