#include "engine/redis/event_stream.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <iterator>

#include "engine/redis/command.h"
#include "engine/redis/key_slot.h"

namespace personalize::engine::redis {
namespace {

constexpr std::size_t entry_overhead = 32;  // bytes, with the entry's share of its node
constexpr std::uint64_t usual_size = 512;

}  // namespace

std::string event_stream_key(std::string_view prefix, unsigned number) {
  assert(number < max_event_streams);
  const char digits[] = {static_cast<char>('0' + number / 10), static_cast<char>('0' + number % 10)};
  return std::string(prefix).append("log:{").append(digits, 2).append("}");
}

std::string event_readers_key(std::string_view prefix, unsigned number) {
  return event_stream_key(prefix, number) + ":readers";
}

unsigned event_stream_of(std::string_view visitor, unsigned streams) { return slot_of(visitor) % streams; }

EventStream::EventStream(std::string_view prefix, unsigned number, std::uint64_t max_bytes)
    : key_(event_stream_key(prefix, number)),
      slot_(slot_of(key_)),
      max_bytes_(max_bytes),
      recent_sizes_(usual_size * memory_of_mean) {
  adapt();
}

/// The limit is written anew once it is an eighth off.
void EventStream::adapt() {
  const std::uint64_t mean = std::max<std::uint64_t>(recent_sizes_ / memory_of_mean, 1);
  const std::uint64_t entries = std::max<std::uint64_t>(max_bytes_ / mean, 1);
  const std::uint64_t tolerated = max_entries_ / 8;
  if (max_entries_ != 0 && entries <= max_entries_ + tolerated && entries + tolerated >= max_entries_) return;
  max_entries_ = entries;
  head_ = encode({"XADD", key_, "MAXLEN", "~", std::to_string(entries), "*", event_field, ""});
  constexpr std::string_view empty_word = "0\r\n\r\n";
  head_.resize(head_.size() - empty_word.size());
}

std::string EventStream::append(std::string_view line) {
  recent_sizes_ += line.size() + entry_overhead - recent_sizes_ / memory_of_mean;
  adapt();
  char digits[20];
  const auto digits_size = static_cast<std::size_t>(std::to_chars(digits, std::end(digits), line.size()).ptr - digits);
  std::string command;
  command.reserve(head_.size() + sizeof(digits) + line.size() + 4);
  command.append(head_).append(digits, digits_size).append("\r\n").append(line).append("\r\n");
  return command;
}

}  // namespace personalize::engine::redis
