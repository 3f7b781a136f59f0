// `personalize check`: every mistake in rule files, with its place, and warnings.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "plugins/host_settings.h"

namespace personalize::cli {

struct CheckOptions {
  std::vector<std::string> files = {};
  plugins::HostSettings settings = {};
  std::vector<std::string> pages = {};  ///< HTML files, each as FILE or PATH=FILE
  std::string at = {};                  ///< the time that schedules are checked against; empty: now
  bool plain_http = false;              ///< the shop is not https
  bool strict = false;                  ///< warnings count as errors
  bool json = false;                    ///< one JSON object on `out` in place of text
};

/// Diagnostics go to `errors`, one per line; the facts of pages, if any are wanted, and a summary to `out`. Returns the
/// exit status: 0, or 1 if there is an error
/// (`strict`: or a warning). Throws std::runtime_error if a page cannot be read.
int check(const CheckOptions& options, std::ostream& out, std::ostream& errors);

}  // namespace personalize::cli
