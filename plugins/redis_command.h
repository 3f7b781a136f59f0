// The Redis commands that plugins may use.
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "rules/value.h"

namespace personalize::plugins {

/// A command that reads one key and answers at once. All plugins share a few connections, so commands that block,
/// subscribe, open a transaction or change the form of replies are not allowed.
struct ReadingCommand {
  std::string_view name;
  std::size_t most_arguments;  ///< after the key
  bool repeatable = true;      ///< the reply depends on the data only, so that several requests may share it
};
inline constexpr std::size_t most_redis_arguments = 1000;
inline constexpr ReadingCommand reading_commands[] = {
    {"HMGET", most_redis_arguments},
    {"HGET", 1},
    {"GET", 0},
    {"HGETALL", 0},
    {"HEXISTS", 1},
    {"HKEYS", 0},
    {"HLEN", 0},
    {"HVALS", 0},
    {"EXISTS", 0},
    {"TTL", 0, false},
    {"PTTL", 0, false},
    {"TYPE", 0},
    {"STRLEN", 0},
    {"GETRANGE", 2},
    {"GETBIT", 1},
    {"BITCOUNT", 3},
    {"LINDEX", 1},
    {"LLEN", 0},
    {"LRANGE", 2},
    {"SCARD", 0},
    {"SISMEMBER", 1},
    {"SMEMBERS", 0},
    {"SMISMEMBER", most_redis_arguments},
    {"SRANDMEMBER", 1, false},
    {"ZCARD", 0},
    {"ZCOUNT", 2},
    {"ZMSCORE", most_redis_arguments},
    {"ZRANGE", 7},
    {"ZRANGEBYSCORE", 6},
    {"ZRANK", 1},
    {"ZREVRANGE", 3},
    {"ZREVRANGEBYSCORE", 6},
    {"ZREVRANK", 1},
    {"ZSCORE", 1},
    {"XLEN", 0},
    {"XRANGE", 4},
    {"XREVRANGE", 4},
};

/// Null if there is none of that name.
constexpr const ReadingCommand* find_reading(std::string_view name) {
  for (const ReadingCommand& reading : reading_commands)
    if (reading.name == name) return &reading;
  return nullptr;
}

/// A command that writes one key, whose reply is not waited for.
struct WritingCommand {
  std::string_view name;
  std::size_t least_arguments;  ///< after the key
  std::size_t most_arguments;
};
inline constexpr WritingCommand writing_commands[] = {
    {"HINCRBY", 2, 2},
    {"HINCRBYFLOAT", 2, 2},
    {"HSET", 2, most_redis_arguments},
    {"HDEL", 1, most_redis_arguments},
    {"INCR", 0, 0},
    {"INCRBY", 1, 1},
    {"SET", 1, 3},
    {"DEL", 0, 0},
    {"EXPIRE", 1, 1},
    {"LPUSH", 1, most_redis_arguments},
    {"RPUSH", 1, most_redis_arguments},
    {"LTRIM", 2, 2},
    {"SADD", 1, most_redis_arguments},
    {"SREM", 1, most_redis_arguments},
    {"ZADD", 2, most_redis_arguments},
    {"ZINCRBY", 2, 2},
    {"ZREMRANGEBYRANK", 2, 2},
    {"ZREMRANGEBYSCORE", 2, 2},
    {"XADD", 3, most_redis_arguments},
    {"PFADD", 1, most_redis_arguments},
};

/// True if `name` may follow the prefix, or the visitor, in a key: 1 to 64 of A-Z a-z 0-9 . _ - :
inline bool valid_key_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-' || c == ':';
  });
}

inline void check_key_name(std::string_view name) {
  if (!valid_key_name(name))
    throw std::invalid_argument("\"" + std::string(name.substr(0, 64)) + "\" cannot be part of a Redis key");
}

/// Throws std::invalid_argument unless this is one of `reading_commands`, on a key that plugins may read.
inline void check_reading(std::string_view command, std::string_view key_name, std::size_t arguments) {
  const ReadingCommand* known = find_reading(command);
  if (known == nullptr)
    throw std::invalid_argument("plugins may not ask with the Redis command " + std::string(command.substr(0, 40)));
  if (arguments > known->most_arguments) throw std::invalid_argument("too many arguments for " + std::string(command));
  check_key_name(key_name);
}

/// The same of `writing_commands`.
inline void check_writing(std::string_view command, std::string_view key_name, std::size_t arguments) {
  const auto* known = std::find_if(std::begin(writing_commands), std::end(writing_commands),
                                   [&](const WritingCommand& writing) { return writing.name == command; });
  if (known == std::end(writing_commands))
    throw std::invalid_argument("plugins may not record with the Redis command " + std::string(command.substr(0, 40)));
  if (arguments < known->least_arguments || arguments > known->most_arguments)
    throw std::invalid_argument("wrong number of arguments for " + std::string(command));
  check_key_name(key_name);
}

inline std::string_view join_key(std::span<const std::string_view> parts, rules::Arena& arena) {
  std::size_t size = 0;
  for (std::string_view part : parts) size += part.size();
  auto* key = static_cast<char*>(arena.allocate(size, 1));
  char* end = key;
  for (std::string_view part : parts) end = std::copy(part.begin(), part.end(), end);
  return {key, size};
}

/// <prefix>{<visitor>}:<name>. The braces keep all keys of a visitor in one slot of a Redis Cluster.
inline std::string_view visitor_key(std::string_view prefix, std::string_view visitor, std::string_view name,
                                    rules::Arena& arena) {
  const std::string_view parts[] = {prefix, "{", visitor, "}:", name};
  return join_key(parts, arena);
}

/// <prefix><name>: no visitor's, as names have no braces.
inline std::string_view shared_key(std::string_view prefix, std::string_view name, rules::Arena& arena) {
  const std::string_view parts[] = {prefix, name};
  return join_key(parts, arena);
}

/// `command <key> arguments…` in the arena; arguments are not copied.
inline std::span<const std::string_view> make_command(std::string_view command, std::string_view key,
                                                      std::span<const std::string_view> arguments,
                                                      rules::Arena& arena) {
  const std::size_t words = arguments.size() + 2;
  auto* copy =
      static_cast<std::string_view*>(arena.allocate(words * sizeof(std::string_view), alignof(std::string_view)));
  std::construct_at(copy, command);
  std::construct_at(copy + 1, key);
  std::uninitialized_copy(arguments.begin(), arguments.end(), copy + 2);
  return {copy, words};
}

}  // namespace personalize::plugins
