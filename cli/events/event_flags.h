// The flags of `personalize export-events`, `import-events` and `import-profiles`.
#pragma once

#include <CLI/CLI.hpp>

#include "cli/events/export_events.h"
#include "cli/events/import_events.h"
#include "cli/events/import_profiles.h"

namespace personalize::cli {

/// What is parsed into `options`, which outlive the parsing.
void add_flags(CLI::App& command, ExportEventsOptions& options);
void add_flags(CLI::App& command, ImportEventsOptions& options);
void add_flags(CLI::App& command, ImportProfilesOptions& options);

}  // namespace personalize::cli
