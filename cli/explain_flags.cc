#include "cli/explain_flags.h"

namespace personalize::cli {

ExplainFlags::ExplainFlags(CLI::App& command) : settings_(command) {
  command.add_option("--rules", options_.rules, "rule files")->required();
  command.add_option("--request", options_.request_file,
                     "the request as a JSON file, - for standard input; see docs/explain.md");
  command.add_option("--access-log", options_.log_file,
                     "the request out of an access log, - for standard input: its last line");
  command.add_option("--line", options_.log_line, "this line of the access log, from 1");
  command.add_option("--method", options_.method, "the request's method; default: GET");
  command.add_option("--url", options_.url, "the request's URL; overrides --request");
  command.add_option("--address", options_.address, "the visitor's IP address");
  command.add_option("--user-agent", options_.user_agent, "the visitor's User-Agent");
  command.add_option("--header", options_.headers, "a header of the request; may be repeated")
      ->type_name("\"NAME: VALUE\"")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command.add_option("--visitor", options_.visitor, "the visitor's id, whose profile --redis has");
  command
      .add_option("--redis", options_.redis,
                  "read the visitor's profile: address and parameters as in NGINX's personalize_redis")
      ->type_name("ADDRESS");
  command.add_option("--profile", options_.profile_file, "the visitor's profile as a JSON file");
  command
      .add_option("--set", options_.attributes,
                  "suppose that attributes have these values: geo.country=AT time.hour=3; see docs/explain.md")
      ->type_name("NAME=VALUE");
  const auto repeated = [&](const char* name, std::vector<std::string>& values, const char* type, const char* help) {
    command.add_option(name, values, help)
        ->type_name(type)
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  };
  repeated("--form", options_.form, "FIELD=VALUE", "a field of the request's body, for events; may be repeated");
  repeated("--fact", options_.facts, "NAME=VALUE", "suppose that the page says this, for events; may be repeated");
  command.add_option("--at", options_.at, "time of the request, as 2026-12-24T18:00+01:00; default: now");
  command.add_option("--page", options_.page, "an HTML file to personalize; written to standard output");
  command.add_flag("--json", options_.json, "print the explanation as JSON");
}

const ExplainOptions& ExplainFlags::options() {
  options_.settings = settings_.settings();
  return options_;
}

}  // namespace personalize::cli
