// Files named on the command line.
#pragma once

#include <iosfwd>
#include <string>

namespace personalize::cli {

/// Throws std::runtime_error if it cannot be read.
std::string read_file(const std::string& path);
/// The same; "-" is `standard_input`.
std::string read_file(const std::string& path, std::istream& standard_input);
bool is_file(const std::string& path);

}  // namespace personalize::cli
