// Requests out of an access log: lines of docs/explain.md's `log_format personalize`, or of the combined format.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <string_view>

#include "engine/json/json.h"

namespace personalize::cli {

using engine::json::Json;

/// The last line that is not empty or, if `number` is not 0, that one, from 1. Throws std::runtime_error if there is
/// none.
std::string log_line(std::istream& log, std::size_t number);

/// What a line says of its request, as engine/json/request_json.h reads it. What was decided then is in "logged":
/// "decisions", "version" and "profile", as far as the line says so. Throws std::runtime_error with what is wrong with
/// the line.
Json request_of_log_line(std::string_view line);

}  // namespace personalize::cli
