#include "engine/redis/command.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>

#include "plugins/redis_command.h"

namespace personalize::engine::redis {
namespace {

constexpr std::size_t max_count_size = 24;  // '$' or '*', 20 digits, a line's end

std::size_t max_bytes(std::span<const std::string_view> command) {
  std::size_t size = max_count_size;
  for (std::string_view argument : command) size += max_count_size + argument.size() + 2;
  return size;
}

char* end_line(char* to) {
  *to++ = '\r';
  *to++ = '\n';
  return to;
}

char* write_count(char* to, char kind, std::size_t count) {
  *to++ = kind;
  return end_line(std::to_chars(to, to + max_count_size, count).ptr);
}

/// Returns the end of what was written, which is at most `max_bytes` long.
char* write(char* to, std::span<const std::string_view> command) {
  to = write_count(to, '*', command.size());
  for (std::string_view argument : command) {
    to = write_count(to, '$', argument.size());
    to = end_line(std::copy(argument.begin(), argument.end(), to));
  }
  return to;
}

}  // namespace

std::string encode(std::span<const std::string_view> command) {
  std::string bytes(max_bytes(command), '\0');
  const char* end = write(bytes.data(), command);
  assert(end <= bytes.data() + bytes.size());
  bytes.resize(static_cast<std::size_t>(end - bytes.data()));
  return bytes;
}

std::string_view encode(std::string_view head, std::span<const std::string_view> command, rules::Arena& arena) {
  auto* bytes = static_cast<char*>(arena.allocate(head.size() + max_bytes(command), 1));
  const char* end = write(std::copy(head.begin(), head.end(), bytes), command);
  assert(end <= bytes + head.size() + max_bytes(command));
  return {bytes, static_cast<std::size_t>(end - bytes)};
}

std::string encode(std::initializer_list<std::string_view> command) {
  return encode(std::span(command.begin(), command.size()));
}

std::string_view key_of(std::string_view encoded) {
  const auto skip_line = [&] { encoded.remove_prefix(std::min(encoded.find('\n'), encoded.size() - 1) + 1); };
  for (unsigned line = 0; line < 3 && !encoded.empty(); ++line) skip_line();  // how many words, and the first one
  if (encoded.empty()) return {};
  std::size_t size = 0;
  std::from_chars(encoded.data() + 1, encoded.data() + encoded.size(), size);
  skip_line();
  return encoded.substr(0, size);
}

bool repeatable(std::string_view command) {
  const plugins::ReadingCommand* reading = plugins::find_reading(command);
  return reading != nullptr && reading->repeatable;
}

}  // namespace personalize::engine::redis
