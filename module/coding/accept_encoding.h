// What Accept-Encoding says, after RFC 9110, 12.5.3.
#pragma once

#include <string>
#include <string_view>

namespace personalize::module {

/// How much a client likes a coding, in thousandths: 0 if it must not be sent. `header` is Accept-Encoding's value;
/// what cannot be read in it does not count.
int quality(std::string_view header, std::string_view coding);

/// What is left of `field`, one of the values of Accept-Encoding, without codings that we cannot read; empty if all of
/// it can stay as it is. `header`: all of those values together; empty if a `*` has been replaced in another of them.
std::string without_unreadable(std::string_view field, std::string_view header);

}  // namespace personalize::module
