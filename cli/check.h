// `personalize check`: every mistake in rule files, with its place.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "plugins/plugin.h"

namespace personalize::cli {

struct CheckOptions {
  std::vector<std::string> files;
  plugins::Settings settings;
};

/// Diagnostics go to `errors`, one line each; a summary to `out`. Returns the exit status: 0, or 1 if there is an error.
int check(const CheckOptions& options, std::ostream& out, std::ostream& errors);

}  // namespace personalize::cli
