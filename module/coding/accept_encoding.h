// Reads Accept-Encoding (RFC 9110, 12.5.3).
#pragma once

#include <string>
#include <string_view>

namespace personalize::module {

/// The quality that a client gives a coding, in thousandths: 0 if it must not be sent. `header` is Accept-Encoding's
/// value; malformed parts of it are ignored.
int quality(std::string_view header, std::string_view coding);

/// `field`, one of the values of Accept-Encoding, without the codings that we cannot read; empty if it can stay as it
/// is. `header`: all of those values together; empty if a `*` has already been replaced in another of them.
std::string without_unreadable(std::string_view field, std::string_view header);

}  // namespace personalize::module
