#include "cli/events/log_streams.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "cli/redis_words.h"
#include "engine/redis/event_stream.h"

namespace personalize::cli {
namespace {

using Kind = plugins::Reply::Kind;
using std::chrono::seconds;

constexpr unsigned max_batch = 256;
constexpr seconds pause_between_looks{10}, pause_between_trims{10};
constexpr std::int64_t max_age_of_reader = std::int64_t{24} * 3600 * 1000;  // milliseconds

std::int64_t unix_ms() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
}

template <class Number>
std::optional<Number> number_in(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// Of an entry: "1764410000123-5".
using EntryId = std::pair<std::uint64_t, std::uint64_t>;

std::optional<EntryId> parse_id(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash == text.npos) return std::nullopt;
  const auto time = number_in<std::uint64_t>(text.substr(0, dash));
  const auto sequence = number_in<std::uint64_t>(text.substr(dash + 1));
  if (!time || !sequence) return std::nullopt;
  return EntryId{*time, *sequence};
}

/// What a reader has left behind: position, how many entries there were up to it, and when, "1764410000123-5 120
/// 1764410009999".
struct Mark {
  std::string position;
  std::uint64_t count;
  std::int64_t saved;
};

std::optional<Mark> parse_mark(std::string_view text) {
  const std::size_t first = text.find(' '), second = text.find(' ', first + 1);
  if (first == text.npos || second == text.npos || !parse_id(text.substr(0, first))) return std::nullopt;
  const auto count = number_in<std::uint64_t>(text.substr(first + 1, second - first - 1));
  const auto saved = number_in<std::int64_t>(text.substr(second + 1));
  if (!count || !saved) return std::nullopt;
  return Mark{std::string(text.substr(0, first)), *count, *saved};
}

/// A member of what XINFO STREAM says, which is names and values in turn.
std::optional<std::uint64_t> member(const plugins::Reply& info, std::string_view name) {
  for (std::size_t i = 0; i + 1 < info.elements.size(); i += 2)
    if (info.elements[i].text == name && info.elements[i + 1].kind == Kind::integer)
      return static_cast<std::uint64_t>(info.elements[i + 1].integer);
  return std::nullopt;
}

}  // namespace

LogStreams::LogStreams(std::vector<std::string> redis, std::string reader)
    : words_(std::move(redis)),
      reader_(std::move(reader)),
      memory_(std::make_unique<std::pmr::monotonic_buffer_resource>()),
      batch_(max_batch) {}

tl::expected<std::unique_ptr<EventSource>, std::string> LogStreams::open(const std::vector<std::string>& redis,
                                                                         std::string reader) {
  std::unique_ptr<LogStreams> streams(new LogStreams(redis, std::move(reader)));
  auto client = redis_client(redis);
  if (!client) return tl::unexpected(client.error());
  streams->prefix_ = (*client)->options().prefix;
  streams->client_ = std::move(*client);
  if (auto found = streams->find_streams(); !found) return tl::unexpected(found.error());
  return streams;
}

/// The reply is valid until the next command. After a failure the servers are looked for anew.
tl::expected<plugins::Reply, std::string> LogStreams::ask(std::initializer_list<std::string_view> command,
                                                          std::string_view key) {
  memory_->release();
  if (client_ == nullptr) {
    auto client = redis_client(words_);
    if (!client) return tl::unexpected(client.error());
    client_ = std::move(*client);
  }
  const std::span words(command.begin(), command.size());
  auto reply = client_->command(words, key.empty() ? words[1] : key, *memory_);
  if (!reply) client_.reset();
  return reply;
}

/// There may be more of them than are written to now: their number may have been another one.
tl::expected<void, std::string> LogStreams::find_streams() {
  looked_ = Clock::now();
  for (unsigned number = 0; number < engine::redis::max_event_streams; ++number) {
    const auto known = [&](const Stream& stream) { return stream.number == number; };
    if (std::ranges::any_of(streams_, known)) continue;
    const std::string key = engine::redis::event_stream_key(prefix_, number);
    const auto there = ask({"EXISTS", key});
    if (!there) return tl::unexpected(there.error());
    if (there->integer == 0) continue;
    Stream stream{.number = number, .key = key, .readers = engine::redis::event_readers_key(prefix_, number)};
    if (auto begun = begin(stream); !begun) return begun;
    streams_.push_back(std::move(stream));
  }
  return {};
}

/// A new reader is known at once, so that others do not drop what it is about to read.
tl::expected<void, std::string> LogStreams::begin(Stream& stream) {
  if (reader_.empty()) return count_lost(stream);
  const auto said = ask({"HGET", stream.readers, reader_});
  if (!said) return tl::unexpected(said.error());
  const auto mark = parse_mark(said->text);
  if (mark) {
    stream.position = mark->position;
    stream.count = mark->count;
    stream.counted = true;
  }
  if (auto counted = count_lost(stream); !counted || mark) return counted;
  return save(stream);
}

/// Entries are only ever dropped at the beginning, so those that are gone are the first ones. Redis says how many there
/// have been since version 7; before that nothing is counted.
tl::expected<void, std::string> LogStreams::count_lost(Stream& stream) {
  const auto info = ask({"XINFO", "STREAM", stream.key}, stream.key);
  if (!info) return tl::unexpected(info.error());
  const auto added = member(*info, "entries-added"), length = member(*info, "length");
  if (!added || !length) return {};
  const std::uint64_t gone = *added - std::min(*length, *added);
  if (stream.counted && gone > stream.count) lost_ += gone - stream.count;
  const bool begun_anew = *added < stream.count;  // the stream was deleted
  if (!stream.counted || gone > stream.count || begun_anew) stream.count = gone;
  stream.counted = true;
  return {};
}

tl::expected<std::size_t, std::string> LogStreams::read(const TakeLine& take) {
  if (Clock::now() - looked_ > pause_between_looks) {
    if (auto found = find_streams(); !found) return tl::unexpected(found.error());
    for (Stream& stream : streams_)
      if (auto counted = count_lost(stream); !counted) return tl::unexpected(counted.error());
  }
  std::size_t total = 0;
  for (Stream& stream : streams_) {
    const auto count = read(stream, take);
    if (!count) return tl::unexpected(count.error());
    total += *count;
  }
  return total;
}

tl::expected<std::size_t, std::string> LogStreams::read(Stream& stream, const TakeLine& take) {
  const std::string after = "(" + stream.position;
  auto entries = ask({"XRANGE", stream.key, after, "+", "COUNT", std::to_string(batch_)});
  while (!entries && batch_ > 1 && entries.error().find("too large") != std::string::npos) {
    batch_ /= 2;
    entries = ask({"XRANGE", stream.key, after, "+", "COUNT", std::to_string(batch_)});
  }
  if (!entries) return tl::unexpected(entries.error());
  for (const plugins::Reply& entry : entries->elements) {
    if (entry.elements.size() != 2) continue;
    const auto& fields = entry.elements[1].elements;
    for (std::size_t i = 0; i + 1 < fields.size(); i += 2)
      if (fields[i].text == engine::redis::event_field) take(fields[i + 1].text);
    stream.position = entry.elements[0].text;
    ++stream.count;
  }
  const std::size_t count = entries->elements.size();
  if (batch_ < max_batch) ++batch_;
  return count;
}

tl::expected<void, std::string> LogStreams::save() {
  for (Stream& stream : streams_)
    if (auto counted = count_lost(stream); !counted) return counted;
  if (reader_.empty()) return {};
  const bool trims = Clock::now() - trimmed_ > pause_between_trims;
  for (Stream& stream : streams_) {
    if (auto saved = save(stream); !saved) return saved;
    if (!trims) continue;
    if (auto trimmed = trim(stream); !trimmed) return trimmed;
  }
  if (trims) trimmed_ = Clock::now();
  return {};
}

tl::expected<void, std::string> LogStreams::save(const Stream& stream) {
  const std::string mark = stream.position + ' ' + std::to_string(stream.count) + ' ' + std::to_string(unix_ms());
  const auto saved = ask({"HSET", stream.readers, reader_, mark});
  if (!saved) return tl::unexpected(saved.error());
  return {};
}

/// Up to where the slowest of all readers has come; those that have not been seen for a day are not waited for.
tl::expected<void, std::string> LogStreams::trim(const Stream& stream) {
  const auto readers = ask({"HGETALL", stream.readers});
  if (!readers) return tl::unexpected(readers.error());
  std::string slowest = stream.position;
  for (std::size_t i = 1; i < readers->elements.size(); i += 2) {
    const auto mark = parse_mark(readers->elements[i].text);
    if (mark && unix_ms() - mark->saved < max_age_of_reader && parse_id(mark->position) < parse_id(slowest))
      slowest = mark->position;
  }
  const auto trimmed = ask({"XTRIM", stream.key, "MINID", "~", slowest});
  if (!trimmed) return tl::unexpected(trimmed.error());
  return {};
}

}  // namespace personalize::cli
