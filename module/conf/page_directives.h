// `personalize_types` and `personalize_statuses`: which responses are pages.
#pragma once

#include <string_view>

#include "module/conf/conf.h"

namespace personalize::module {

char* set_types(ngx_conf_t* cf, const ngx_command_t& command, LocationConf& conf);
char* set_statuses(ngx_conf_t* cf, const ngx_command_t& command, LocationConf& conf);

/// A Content-Type without its parameters: "text/html" of "text/html ;version=1".
std::string_view media_type(std::string_view content_type);

/// True for types of pages: HTML and `personalize_types`, but never XML, which is parsed differently. Case does not
/// matter.
bool is_type_of_pages(std::string_view media_type, const LocationConf& conf);

/// True for 200 and `personalize_statuses`.
bool is_status_of_pages(ngx_uint_t status, const LocationConf& conf);

}  // namespace personalize::module
