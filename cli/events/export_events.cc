#include "cli/events/export_events.h"

#include <chrono>
#include <csignal>
#include <memory>
#include <optional>
#include <ostream>
#include <thread>

#include "cli/events/formats.h"
#include "cli/events/log_files.h"
#include "cli/events/log_streams.h"
#include "cli/events/visitor_hash.h"
#include "cli/progress.h"
#include "learn/events/log_lines.h"

namespace personalize::cli {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds pause_at_end{200}, pause_after_failure{1000}, pause_between_saves{1000};

volatile std::sig_atomic_t told_to_stop = 0;

void stop_when_told() {
  told_to_stop = 0;
  for (const int signal : {SIGINT, SIGTERM}) std::signal(signal, [](int) { told_to_stop = 1; });
}

tl::expected<std::unique_ptr<EventSource>, std::string> open_source(const ExportEventsOptions& options) {
  if (options.redis.empty() == options.files.empty())
    return tl::unexpected<std::string>("name log files, or a Redis with --redis");
  if (options.reader.find_first_of("/ \t\n") != std::string::npos)
    return tl::unexpected<std::string>("--reader: a name has neither spaces nor slashes");
  if (!options.redis.empty()) return LogStreams::open(options.redis, options.reader);
  return LogFiles::open(options.files, options.reader, options.follow);
}

/// Nothing: ids are left as they are.
tl::expected<std::optional<VisitorHash>, std::string> open_hash(const ExportEventsOptions& options,
                                                                std::ostream& errors) {
  if (options.ids == "plain") return std::nullopt;
  if (options.ids != "hmac") return tl::unexpected<std::string>("--ids: hmac or plain");
  if (!options.key_file.empty()) {
    auto hash = VisitorHash::from_file(options.key_file);
    if (!hash) return tl::unexpected(hash.error());
    return std::move(*hash);
  }
  if (!options.reader.empty())
    return tl::unexpected<std::string>("--reader needs --key FILE, so that visitors keep their ids, or --ids plain");
  errors << "personalize: visitors have other ids than in other exports; with --key FILE they keep them\n";
  return VisitorHash::random();
}

class Export {
 public:
  Export(EventSource& source, ExportFormat& format, std::optional<VisitorHash> hash, std::ostream& out,
         std::ostream& errors)
      : source_(source),
        format_(format),
        hash_(std::move(hash)),
        out_(out),
        errors_(errors),
        progress_(errors, "events", errors_are_seen()) {}

  int run(bool follow) {
    format_.begin(text_);
    if (!write()) return 2;
    while (told_to_stop == 0) {
      const auto count = source_.read([this](std::string_view line) { take(line); });
      if (!write()) return 2;
      if (!count && !follow) return fail(count.error());
      if (!count) {
        say(count.error() + "; trying again");
        std::this_thread::sleep_for(pause_after_failure);
        continue;
      }
      if (*count == 0 && !follow) break;
      save_sometimes(follow);
      if (*count == 0) std::this_thread::sleep_for(pause_at_end);
    }
    if (const auto saved = source_.save(); !saved) return fail(saved.error());
    return sum_up();
  }

 private:
  void take(std::string_view line) {
    const learn::events::Event* read = reader_.read(line);
    if (read == nullptr) return;
    ++exported_;
    if (!hash_) return format_.append(text_, *read);
    learn::events::Event event = *read;
    event.visitor = hash_->of(event.visitor);
    format_.append(text_, event);
  }

  bool write() {
    out_.write(text_.data(), static_cast<std::streamsize>(text_.size())).flush();
    text_.clear();
    progress_.add(exported_ - progress_.count());
    if (!out_) say("what was read cannot be written");
    return static_cast<bool>(out_);
  }

  void save_sometimes(bool follow) {
    if (std::chrono::steady_clock::now() - saved_ < pause_between_saves) return;
    saved_ = std::chrono::steady_clock::now();
    if (const auto saved = source_.save(); !saved && !follow) say(saved.error());
  }

  void say(const std::string& what) {
    progress_.end();
    errors_ << "personalize: " << what << '\n' << std::flush;
  }

  int fail(const std::string& why) {
    say(why);
    return 2;
  }

  int sum_up() {
    say(std::to_string(exported_) + " events");
    if (reader_.broken() != 0)
      say(std::to_string(reader_.broken()) + " lines were broken" +
          (reader_.problem().empty() ? "" : ", such as: " + reader_.problem()));
    if (source_.lost() != 0)
      say(std::to_string(source_.lost()) + " events were dropped before they were read: the log needs a larger max=");
    return reader_.broken() != 0 || source_.lost() != 0 ? 1 : 0;
  }

  EventSource& source_;
  ExportFormat& format_;
  std::optional<VisitorHash> hash_;
  std::ostream& out_;
  std::ostream& errors_;
  Progress progress_;
  learn::events::LogReader reader_;
  std::string text_;
  std::uint64_t exported_ = 0;
  std::chrono::steady_clock::time_point saved_ = std::chrono::steady_clock::now();
};

}  // namespace

int export_events(const ExportEventsOptions& options, std::ostream& out, std::ostream& errors) {
  const auto fail = [&](const std::string& why) {
    errors << "personalize: " << why << '\n';
    return 2;
  };
  stop_when_told();
  const auto format = export_format(options.format);
  if (format == nullptr) return fail("--format: json, csv or ga4");
  auto hash = open_hash(options, errors);
  if (!hash) return fail(hash.error());
  const auto source = open_source(options);
  if (!source) return fail(source.error());
  return Export(**source, *format, std::move(*hash), out, errors).run(options.follow);
}

}  // namespace personalize::cli
