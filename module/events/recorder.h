// Writes down what visitors did, once responses are over.
#pragma once

#include <cstdint>
#include <string_view>

#include "module/conf/conf.h"

namespace personalize::module {

/// What a page had more of than is read.
enum class IgnoredFacts : std::uint8_t { ld_json, microdata, meta, fields, declared, last = declared };
std::string_view to_string(IgnoredFacts kind);

/// In the LOG phase of any request: makes its events, if it has some, and appends them to the location's log.
void record_events(ngx_http_request_t* r);

/// Whether events, or facts for them, may be made of such a page: then it is private, so that each view is seen.
bool is_recorded_page(ngx_http_request_t* r, const LocationConf& conf);

}  // namespace personalize::module
