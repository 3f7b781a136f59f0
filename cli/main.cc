// personalize: checks rule files, explains decisions, shows the engine's parts at work.
#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>

#include "cli/check.h"
#include "cli/explain.h"
#include "cli/plugin_flag.h"
#include "cli/probe.h"
#include "cli/rules_schema.h"
#include "cli/settings_flags.h"

using namespace personalize::cli;

int main(int argc, char** argv) {
  CLI::App app{"Checks personalization rules and explains what visitors get."};
  app.require_subcommand(1);

  CheckOptions check_options;
  CLI::App* check_command = app.add_subcommand(
      "check", "report every mistake in rule files, and what cannot be meant; exit status 1 if there is a mistake");
  check_command->add_option("FILES", check_options.files, "rule files")->required();
  check_command
      ->add_option("--page", check_options.pages,
                   "an HTML page of the shop, as FILE or PATH=FILE: what do selectors find in it?")
      ->allow_extra_args(false);
  check_command->add_option("--at", check_options.at, "the moment after which schedules are not over; default: now");
  check_command->add_flag("--plain-http", check_options.plain_http, "the shop is http: links may be, too");
  check_command->add_flag("--strict", check_options.strict, "exit status 1 if there is a warning");
  SettingsFlags check_settings(*check_command);

  ExplainOptions explain_options;
  CLI::App* explain_command = app.add_subcommand("explain", "what a visitor gets, and why");
  explain_command->add_option("--rules", explain_options.rules, "rule files")->required();
  SettingsFlags explain_settings(*explain_command);
  explain_command->add_option("--request", explain_options.request_file,
                              "the request as a JSON file, - for standard input; see docs/explain.md");
  explain_command->add_option("--access-log", explain_options.log_file,
                              "the request out of an access log, - for standard input: its last line");
  explain_command->add_option("--line", explain_options.log_line, "another line of the access log, from 1");
  explain_command->add_option("--url", explain_options.url, "the request's URL (instead of, or over, --request)");
  explain_command->add_option("--address", explain_options.address, "the visitor's IP address");
  explain_command->add_option("--user-agent", explain_options.user_agent, "the visitor's User-Agent");
  explain_command->add_option("--header", explain_options.headers, "a header of the request, as \"Name: value\"")
      ->allow_extra_args(false);
  explain_command->add_option("--profile", explain_options.profile_file, "the visitor's profile as a JSON file");
  explain_command->add_option("--set", explain_options.attributes, "an attribute, whatever plugins say: geo.country=AT")
      ->allow_extra_args(false);
  explain_command->add_option("--at", explain_options.at, "the moment, as 2026-12-24T18:00+01:00; default: now");
  explain_command->add_option("--page", explain_options.page,
                              "an HTML file to personalize; written to standard output");
  explain_command->add_flag("--json", explain_options.json, "the explanation as JSON");

  CLI::App* schema_command = app.add_subcommand("schema", "the JSON Schema of rule files, for editors");

  std::vector<std::string> plugins;
  for (CLI::App* command : {check_command, explain_command})
    command->add_option("--plugin", plugins, "a plugin and its options: \"FILE name=value …\"")
        ->allow_extra_args(false);

  std::string probe_name;
  CLI::App* probe_command =
      app.add_subcommand("probe", "JSON lines in, JSON lines out: one part of the engine at work");
  probe_command->add_option("NAME", probe_name, "tokens, extents, rewrite, cel, template, device or geo")->required();

  CLI11_PARSE(app, argc, argv);
  try {
    check_options.settings = check_settings.settings();
    explain_options.settings = explain_settings.settings();
    for (const std::string& plugin : plugins) {
      check_options.settings.plugins.push_back(parse_plugin(plugin));
      explain_options.settings.plugins.push_back(check_options.settings.plugins.back());
    }
    if (*check_command) return check(check_options, std::cout, std::cerr);
    if (*explain_command) return explain(explain_options, std::cin, std::cout, std::cerr);
    if (*schema_command) {
      std::cout << rules_schema().dump(2) << '\n';
      return 0;
    }
    return probe(probe_name, std::cin, std::cout, std::cerr);
  } catch (const std::exception& error) {
    std::cerr << "personalize: " << error.what() << '\n';
    return 2;
  }
}
