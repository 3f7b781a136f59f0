// `personalize export-events`: the log of events, for other people's tools.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace personalize::cli {

struct ExportEventsOptions {
  std::vector<std::string> redis = {};  ///< address and parameters as for personalize_redis; or else
  std::vector<std::string> files = {};  ///< log files
  std::string reader = {};              ///< goes on where the one of this name has come to; may be empty
  bool follow = false;                  ///< until it is told to stop
  std::string format = "json";          ///< see formats.h
  std::string ids = "hmac";             ///< of visitors: hmac or plain
  std::string key_file = {};            ///< for hmac; empty: a key of its own
};

/// Events go to `out`; what there is to say of them to `errors`. Returns the exit status: 0, 1 if something in the log
/// was no event, or was dropped before it was read, or 2 if the log cannot be read or `out` cannot be written.
int export_events(const ExportEventsOptions& options, std::ostream& out, std::ostream& errors);

}  // namespace personalize::cli
