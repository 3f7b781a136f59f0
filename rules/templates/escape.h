// How a value is written so that it stays a value where it lands.
#pragma once

#include <cstdint>
#include <memory_resource>
#include <string>
#include <string_view>

namespace personalize::rules::templates {

enum class Escape : std::uint8_t {
  none,           ///< as it is: plain text that the receiver escapes, or vouched-for HTML
  text,           ///< `& < > "`, as Mustache has it
  attribute,      ///< `& < > " '`
  url,            ///< a whole address: `#` if its scheme is not allowed; what it cannot contain percent-encoded
  url_part,       ///< within an address: everything but unreserved characters (RFC 3986, 2.3) percent-encoded
  url_attribute,  ///< `url`, then `attribute`
  json,           ///< inside a script: the value is JSON already; `< > &` U+2028 U+2029 as \u escapes
};

/// Appends `value` to `out`.
void append_escaped(std::pmr::string& out, std::string_view value, Escape escape);

}  // namespace personalize::rules::templates
