// Base64 (RFC 4648, section 4).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace personalize::rules::cel {

std::string base64_encode(std::string_view bytes);
/// With or without padding; nothing if the text is not base64.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace personalize::rules::cel
