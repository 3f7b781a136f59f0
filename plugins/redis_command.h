// Which Redis commands plugins may have sent.
#pragma once

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

#include "rules/value.h"

namespace personalize::plugins {

/// A command that reads one key and answers at once. All commands of all plugins share a few connections: one that
/// waits, subscribes, opens a transaction or changes how replies are sent would take them from everybody.
struct ReadingCommand {
  std::string_view name;
  std::size_t most_arguments;  ///< behind the key
  bool repeatable = true;      ///< the reply depends on nothing but the data: one may do for several requests
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

/// True if `name` may stand behind the visitor in a key: 1 to 64 of A-Z a-z 0-9 . _ - :
inline bool valid_key_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-' || c == ':';
  });
}

/// Throws std::invalid_argument unless this is one of `reading_commands`, on one of the visitor's keys.
inline void check_reading(std::string_view command, std::string_view key_name, std::size_t arguments) {
  const ReadingCommand* known = find_reading(command);
  if (known == nullptr)
    throw std::invalid_argument("plugins may not use the Redis command " + std::string(command.substr(0, 40)));
  if (arguments > known->most_arguments)
    throw std::invalid_argument("too many arguments for " + std::string(command));
  if (!valid_key_name(key_name))
    throw std::invalid_argument("\"" + std::string(key_name.substr(0, 64)) + "\" cannot be part of a Redis key");
}

/// <prefix>{<visitor>}:<name>. The braces keep all keys of a visitor in one slot of a Redis Cluster.
inline std::string_view visitor_key(std::string_view prefix, std::string_view visitor, std::string_view name,
                                    rules::Arena& arena) {
  const std::string_view parts[] = {prefix, "{", visitor, "}:", name};
  std::size_t size = 0;
  for (std::string_view part : parts) size += part.size();
  auto* key = static_cast<char*>(arena.allocate(size, 1));
  char* end = key;
  for (std::string_view part : parts) end = std::copy(part.begin(), part.end(), end);
  return {key, size};
}

}  // namespace personalize::plugins
