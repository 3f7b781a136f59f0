// The flags of `personalize check`.
#pragma once

#include <CLI/CLI.hpp>

#include "cli/check.h"
#include "cli/settings_flags.h"

namespace personalize::cli {

/// Belongs to one subcommand and outlives its parsing.
class CheckFlags {
 public:
  explicit CheckFlags(CLI::App& command);

  /// The parsed flags, with views into this object. Throws a std::runtime_error that names the flag or file.
  const CheckOptions& options();

 private:
  CheckOptions options_;
  SettingsFlags settings_;
};

}  // namespace personalize::cli
