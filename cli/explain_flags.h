// The flags of `personalize explain`.
#pragma once

#include <CLI/CLI.hpp>

#include "cli/explain.h"
#include "cli/settings_flags.h"

namespace personalize::cli {

/// Belongs to one subcommand and outlives its parsing.
class ExplainFlags {
 public:
  explicit ExplainFlags(CLI::App& command);

  /// The parsed flags, with views into this object. Throws a std::runtime_error that names the flag or file.
  const ExplainOptions& options();

 private:
  ExplainOptions options_;
  SettingsFlags settings_;
};

}  // namespace personalize::cli
