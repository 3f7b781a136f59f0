// Requests from an access log: lines of docs/explain.md's `log_format personalize`, or of the combined format.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <string_view>

#include "engine/json/json.h"

namespace personalize::cli {

using engine::json::Json;

/// The last non-empty line or, if `number` is not 0, line `number`, counted from 1. Throws std::runtime_error if there
/// is none.
std::string log_line(std::istream& log, std::size_t number);

/// What a line says about its request, for engine/json/request_json.h to read. What was decided is in "logged":
/// "decisions", "version" and "profile", where the line has them. Throws std::runtime_error saying what is wrong with
/// the line.
Json request_of_log_line(std::string_view line);

}  // namespace personalize::cli
