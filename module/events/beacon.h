// personalize_events: the location that takes what scripts in the page report.
#pragma once

#include <cstdint>
#include <string_view>

#include "module/conf/conf.h"

namespace personalize::module {

/// What becomes of a beacon.
enum class BeaconOutcome : std::uint8_t {
  taken,
  method,        ///< no POST: 405
  site,          ///< it comes from another site: 403
  type,          ///< neither text/plain nor JSON: 415
  too_large,     ///< more than 16 kB: 413
  malformed,     ///< no list of events, or more than 50: 400
  limited,       ///< the visitor or the network sends too many: 204, and nothing is written
  not_recorded,  ///< it is not known who the visitor is, or he does not consent: 204, and nothing is written
  last = not_recorded
};
std::string_view to_string(BeaconOutcome outcome);

class BeaconRates;

/// What the directive says.
struct BeaconConf {
  bool trust_purchase = false;
  std::uint32_t rate = 0;          ///< beacons of one visitor within a minute
  std::uint32_t network_rate = 0;  ///< … of one network
  Zone<BeaconRates> rates;
};

/// The content handler.
ngx_int_t handle_beacon(ngx_http_request_t* r);

/// The directive.
char* set_beacon(ngx_conf_t* cf, const ngx_command_t& command, LocationConf& conf);

}  // namespace personalize::module
