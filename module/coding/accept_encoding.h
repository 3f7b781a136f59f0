// What Accept-Encoding says, after RFC 9110, 12.5.3.
#pragma once

#include <string_view>

namespace personalize::nginx {

/// How much a client likes a coding, in thousandths: 0 if it must not be sent. `header` is Accept-Encoding's value;
/// what cannot be read in it does not count.
int quality(std::string_view header, std::string_view coding);

}  // namespace personalize::nginx
