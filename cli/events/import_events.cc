#include "cli/events/import_events.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <functional>
#include <memory>
#include <memory_resource>
#include <nlohmann/json.hpp>
#include <optional>

#include "cli/events/csv.h"
#include "cli/events/event_columns.h"
#include "cli/events/ga4_reader.h"
#include "cli/events/import.h"
#include "cli/events/text_lines.h"
#include "cli/redis_words.h"
#include "engine/json/moment.h"
#include "engine/redis/event_stream.h"
#include "learn/events/event_json.h"

namespace personalize::cli {
namespace {

using Json = nlohmann::ordered_json;
using learn::events::Event;

/// Where events go.
class EventSink {
 public:
  virtual ~EventSink() = default;
  /// Or why it cannot be written.
  virtual std::optional<std::string> write(std::string_view visitor, const std::string& line) = 0;
  virtual std::optional<std::string> end() { return std::nullopt; }
};

class NoSink final : public EventSink {
 public:
  std::optional<std::string> write(std::string_view, const std::string&) override { return std::nullopt; }
};

class LogFileSink final : public EventSink {
 public:
  explicit LogFileSink(const std::string& path) : path_(path), out_(path, std::ios::app | std::ios::binary) {}

  std::optional<std::string> write(std::string_view, const std::string& line) override {
    out_ << line << '\n';
    return problem();
  }
  std::optional<std::string> end() override {
    out_.flush();
    return problem();
  }

 private:
  std::optional<std::string> problem() const {
    return out_ ? std::nullopt : std::optional(path_ + ": cannot be written");
  }

  const std::string path_;
  std::ofstream out_;
};

class RedisSink final : public EventSink {
 public:
  RedisSink(std::unique_ptr<engine::redis::client::BlockingClient> client, unsigned streams)
      : client_(std::move(client)) {
    for (unsigned i = 0; i < streams; ++i)
      keys_.push_back(engine::redis::event_stream_key(client_->options().prefix, i));
  }

  std::optional<std::string> write(std::string_view visitor, const std::string& line) override {
    const auto number = engine::redis::event_stream_of(visitor, static_cast<unsigned>(keys_.size()));
    const std::array<std::string_view, 5> command = {"XADD", keys_[number], "*", engine::redis::event_field, line};
    memory_.release();
    const auto reply = client_->command(command, memory_);
    return reply ? std::nullopt : std::optional(reply.error());
  }

 private:
  std::unique_ptr<engine::redis::client::BlockingClient> client_;
  std::vector<std::string> keys_;
  std::pmr::monotonic_buffer_resource memory_;
};

tl::expected<std::unique_ptr<EventSink>, std::string> open_sink(const ImportEventsOptions& options) {
  if (options.dry_run) return std::make_unique<NoSink>();
  if (options.redis.empty() == options.log.empty())
    return tl::unexpected<std::string>("say where events go: --redis, or a file with --log");
  if (options.redis.empty()) return std::make_unique<LogFileSink>(options.log);
  auto client = redis_client(options.redis);
  if (!client) return tl::unexpected(client.error());
  return std::make_unique<RedisSink>(std::move(*client), options.streams);
}

/// `time` may be milliseconds, or as people write times.
std::optional<std::string> read_time(Json& row) {
  const auto time = row.find("time");
  if (time == row.end() || !time->is_string()) return std::nullopt;
  const auto text = time->get<std::string>();
  if (!text.empty() && text.find_first_not_of("0123456789") == text.npos && text.size() < 18) {
    *time = std::stoll(text);
    return std::nullopt;
  }
  const auto moment = engine::json::parse_moment(text);
  if (!moment) return "`time`: " + moment.error();
  *time = *moment / 1000;
  return std::nullopt;
}

class EventImport {
 public:
  EventImport(EventSink& sink, std::ostream& errors) : sink_(sink), report_(errors, "events") {}

  int run(const std::vector<std::string>& paths, std::istream& standard_input) {
    for (const std::string& path : paths) {
      ImportFile file(path, standard_input);
      path_ = path;
      if (!file.readable()) return report_.fail(path + ": cannot be read");
      if (file.is_json())
        read_json(file.text());
      else
        read_csv(file.text());
      if (problem_) return report_.fail(*problem_);
    }
    if (const auto problem = sink_.end()) return report_.fail(*problem);
    return report_.sum_up();
  }

 private:
  void read_json(std::istream& in) {
    std::string line;
    for (std::size_t number = 1; !problem_ && next_line(in, line); ++number) {
      if (line.find_first_not_of(" \t") == line.npos) continue;
      Json row = Json::parse(line, nullptr, false);
      if (!row.is_object())
        report_.refused(path_, number, "it is not a JSON object");
      else if (row.contains("event_name"))
        take(number, ga4_.read(nlohmann::json::parse(line)));
      else
        take_row(number, std::move(row));
    }
  }

  void read_csv(std::istream& in) {
    CsvReader csv(in);
    const auto* row = csv.next();
    if (row == nullptr) return;
    const std::vector<std::string> header = *row;
    for (const std::string& name : header)
      if (std::ranges::find(event_columns, name) == event_columns.end())
        return report_.refused(path_, 1, "there is no column `" + name + "`; export-events --format csv has them all");
    while (!problem_ && (row = csv.next()) != nullptr) {
      if (csv.problem() || row->size() != header.size()) {
        report_.refused(path_, csv.line(), csv.problem().value_or("it has other columns than the header"));
        continue;
      }
      Json event = Json::object();
      std::optional<std::string> wrong;
      for (std::size_t i = 0; i < header.size(); ++i)
        if (!(*row)[i].empty()) set(event, header[i], (*row)[i], wrong);
      if (wrong)
        report_.refused(path_, csv.line(), *wrong);
      else
        take_row(csv.line(), std::move(event));
    }
  }

  static void set(Json& event, const std::string& name, const std::string& text, std::optional<std::string>& wrong) {
    const bool json = name == "items" || name == "shown" || name == "confirmed";
    event[name] = json ? Json::parse(text, nullptr, false) : Json(text);
    if (event[name].is_discarded()) wrong = "`" + name + "` is not JSON";
  }

  void take_row(std::size_t line, Json row) {
    if (const auto wrong = read_time(row)) return report_.refused(path_, line, *wrong);
    take(line, reader_.read(row.dump(-1, ' ', false, Json::error_handler_t::replace)));
  }

  void take(std::size_t line, const tl::expected<const Event*, std::string>& event) {
    if (!event) return report_.refused(path_, line, event.error());
    if (*event == nullptr) return report_.passed_over();
    json_.clear();
    learn::events::append_json(json_, **event);
    if (json_.size() > learn::events::limits::max_event_bytes)
      return report_.refused(path_, line, "it is longer than 64 kB");
    problem_ = sink_.write((*event)->visitor, json_);
    if (!problem_) report_.imported();
  }

  EventSink& sink_;
  ImportReport report_;
  learn::events::EventReader reader_;
  Ga4Reader ga4_;
  std::string path_, json_;
  std::optional<std::string> problem_;  // why it cannot go on
};

}  // namespace

int import_events(const ImportEventsOptions& options, std::istream& in, std::ostream& errors) {
  const auto sink = open_sink(options);
  if (!sink) {
    errors << "personalize: " << sink.error() << '\n';
    return 2;
  }
  return EventImport(**sink, errors).run(options.files, in);
}

}  // namespace personalize::cli
