// Which responses are pages, by type and status.
#pragma once

#include <string_view>

#include "module/conf/conf.h"

namespace personalize::module {

/// A Content-Type without its parameters: "text/html" of "text/html ;version=1".
std::string_view media_type(std::string_view content_type);

/// True for types of pages: HTML and `personalize_types`, but never XML, which is parsed differently. Case does not
/// matter.
bool is_type_of_pages(std::string_view media_type, const LocationConf& conf);

/// True for 200 and `personalize_statuses`.
bool is_status_of_pages(ngx_uint_t status, const LocationConf& conf);

bool is_xml_type(std::string_view media_type);

}  // namespace personalize::module
