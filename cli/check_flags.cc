#include "cli/check_flags.h"

namespace personalize::cli {

CheckFlags::CheckFlags(CLI::App& command) : settings_(command) {
  command.add_option("FILES", options_.files, "rule files")->required();
  command
      .add_option("--page", options_.pages,
                  "an HTML page of the shop, as FILE or PATH=FILE: what do selectors find in it, and which facts?")
      ->allow_extra_args(false);
  command.add_option("--at", options_.at, "time by which schedules may be over; default: now");
  command.add_flag("--plain-http", options_.plain_http, "do not warn about http links, as the shop is http");
  command.add_flag("--json", options_.json, "print what is found, and the facts of pages, as a JSON object");
  command.add_flag("--strict", options_.strict, "exit status 1 also for warnings");
}

const CheckOptions& CheckFlags::options() {
  options_.settings = settings_.settings();
  return options_;
}

}  // namespace personalize::cli
