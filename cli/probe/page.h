// What the probes for pages have in common: the page, and the pieces it is fed in.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "cli/probe/probes.h"

namespace personalize::cli {

/// `html`, or `html_base64` decoded. Throws if there is neither.
std::string page_of(const Json& input);

/// The page in pieces of `chunk` bytes, or whole if `input` has none.
std::vector<std::string_view> chunks_of(const std::string& page, const Json& input);

/// Throws if it is not base64.
std::string from_base64(std::string_view text);
std::string to_base64(std::string_view bytes);

}  // namespace personalize::cli
