// personalize: checks rule files, explains decisions, shows the engine's parts at work.
#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>
#include <string>

#include "cli/check_flags.h"
#include "cli/events/event_flags.h"
#include "cli/explain_flags.h"
#include "cli/probe/probe.h"
#include "cli/rules_schema.h"
#include "engine/version.h"

namespace personalize::cli {
namespace {

int run(int argc, char** argv) {
  CLI::App app{"Checks personalization rules and explains what visitors get."};
  app.require_subcommand(1);
  app.set_version_flag("--version", "personalize " + std::string(personalize::version()));

  CLI::App* check_command =
      app.add_subcommand("check", "report mistakes in rule files, and warnings; exit status 1 if there is a mistake");
  CheckFlags check_flags(*check_command);
  CLI::App* explain_command = app.add_subcommand("explain", "tell what a visitor gets, and why");
  ExplainFlags explain_flags(*explain_command);
  CLI::App* schema_command = app.add_subcommand("schema", "print the JSON Schema of rule files, for editors");
  ExportEventsOptions export_events_options;
  CLI::App* export_events_command =
      app.add_subcommand("export-events", "hand the log of events to other tools; exit status 1 if some are missing");
  add_flags(*export_events_command, export_events_options);
  ImportEventsOptions import_events_options;
  CLI::App* import_events_command =
      app.add_subcommand("import-events", "put a shop's past into the log; exit status 1 if some of it is refused");
  add_flags(*import_events_command, import_events_options);
  ImportProfilesOptions import_profiles_options;
  CLI::App* import_profiles_command =
      app.add_subcommand("import-profiles", "put visitors' profiles into Redis; exit status 1 if some are refused");
  add_flags(*import_profiles_command, import_profiles_options);
  CLI::App* probe_command =
      app.add_subcommand("probe", "JSON lines in, JSON lines out: one part of the engine at work");
  std::string probe_name;
  probe_command->add_option("NAME", probe_name, "tokens, extents, rewrite, cel, template, device, geo or consent")
      ->required();

  CLI11_PARSE(app, argc, argv);
  if (*check_command) return check(check_flags.options(), std::cout, std::cerr);
  if (*explain_command) return explain(explain_flags.options(), std::cin, std::cout, std::cerr);
  if (*export_events_command) return export_events(export_events_options, std::cout, std::cerr);
  if (*import_events_command) return import_events(import_events_options, std::cin, std::cerr);
  if (*import_profiles_command) return import_profiles(import_profiles_options, std::cin, std::cerr);
  if (*schema_command) {
    std::cout << rules_schema().dump(2) << '\n';
    return 0;
  }
  return probe(probe_name, std::cin, std::cout, std::cerr);
}

}  // namespace
}  // namespace personalize::cli

int main(int argc, char** argv) {
  try {
    return personalize::cli::run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "personalize: " << error.what() << '\n';
    return 2;
  }
}
