// Bodies of the type multipart/form-data (RFC 7578), as browsers write them.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace personalize::learn::events {

/// The parameter of that name in a header field such as `form-data; name="sku"`, whatever its case; not decoded, but
/// without quotes.
std::optional<std::string_view> find_parameter(std::string_view field, std::string_view name);

/// Visits each part that is no file. False if the body is not made of parts, or breaks off.
bool read_multipart(std::string_view body, std::string_view boundary,
                    const std::function<void(std::string&& name, std::string_view value)>& visit);

}  // namespace personalize::learn::events
