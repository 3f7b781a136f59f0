// One mistake in a file that somebody wrote, with its place.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace personalize::rules {

struct Diagnostic {
  enum class Severity : std::uint8_t { error, warning };
  std::string file;
  std::uint32_t line = 1;    ///< from 1; 0: the file as a whole, or what is no file
  std::uint32_t column = 1;  ///< from 1, in Unicode code points
  std::string message;       ///< what is wrong and what to do; lower case, no full stop
  Severity severity = Severity::error;
};

/// "file:line:column: message", warnings as "file:line:column: warning: message"; without what is not known.
std::string to_string(const Diagnostic& diagnostic);

using Diagnostics = std::vector<Diagnostic>;

/// True if one of them is an error.
bool has_errors(const Diagnostics& diagnostics);

}  // namespace personalize::rules
