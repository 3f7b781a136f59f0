// `personalize import-events`: a shop's past, into the log.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

namespace personalize::cli {

struct ImportEventsOptions {
  /// "-" is standard input. JSON lines as the log has them or as GA4 exports them to BigQuery, or CSV with the header
  /// of ours.
  std::vector<std::string> files = {};
  std::vector<std::string> redis = {};  ///< address and parameters as for personalize_redis; or else
  std::string log = {};                 ///< a log file, which is appended to
  unsigned streams = 8;                 ///< shards= of personalize_events_log
  bool dry_run = false;                 ///< nothing is written
};

/// What was refused goes to `errors`. Returns the exit status: 0, 1 if something was refused, or 2 if files cannot be
/// read or the log cannot be written.
int import_events(const ImportEventsOptions& options, std::istream& in, std::ostream& errors);

}  // namespace personalize::cli
