#include "cli/events/event_flags.h"

#include "engine/redis/event_stream.h"

namespace personalize::cli {
namespace {

constexpr const char* redis_meaning = "address and parameters as in NGINX's personalize_redis, with its prefix=";

}  // namespace

void add_flags(CLI::App& command, ExportEventsOptions& options) {
  command.add_option("FILE", options.files, "log files, instead of --redis");
  command.add_option("--redis", options.redis, redis_meaning)->type_name("ADDRESS");
  command.add_option(
      "--reader", options.reader,
      "go on where the reader of this name has come to; what all readers have read is dropped from Redis");
  command.add_flag("--follow", options.follow, "wait for further events, until SIGINT or SIGTERM");
  command.add_option("--format", options.format, "json (one object a line, as in the log), csv or ga4")
      ->capture_default_str();
  command.add_option("--ids", options.ids, "visitors' ids: hmac, or plain as in the log")->capture_default_str();
  command.add_option("--key", options.key_file, "file whose first line is the key for hmac");
}

void add_flags(CLI::App& command, ImportEventsOptions& options) {
  command
      .add_option(
          "FILE", options.files,
          "JSON lines as in the log or as in GA4's export to BigQuery, or CSV as export-events writes it; - for "
          "standard input")
      ->required();
  command.add_option("--redis", options.redis, redis_meaning)->type_name("ADDRESS");
  command.add_option("--shards", options.streams, "as in personalize_events_log")
      ->capture_default_str()
      ->check(CLI::Range(1U, engine::redis::max_event_streams));
  command.add_option("--log", options.log, "a log file to append to, instead of --redis");
  command.add_flag("--dry-run", options.dry_run, "only check what is there");
}

void add_flags(CLI::App& command, ImportProfilesOptions& options) {
  command.add_option("FILE", options.files, "JSON lines, or CSV with a header; - for standard input")->required();
  command.add_option("--redis", options.redis, redis_meaning)->type_name("ADDRESS");
  command.add_option("--id", options.id, "the column or member that has the visitor's id")->capture_default_str();
  command.add_option("--rules", options.rules, "rule files: values must be of the types that their attributes declare");
  command.add_flag("--replace", options.replace, "fields that are not named are removed");
  command.add_flag("--dry-run", options.dry_run, "only check what is there");
}

}  // namespace personalize::cli
