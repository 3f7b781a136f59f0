// What plugins ask Redis and locations for, the replies, and what plugins write to Redis.
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <memory_resource>
#include <optional>
#include <span>
#include <string_view>

#include "plugins/location_fetch.h"
#include "plugins/redis_command.h"
#include "rules/type.h"
#include "rules/value.h"

namespace personalize::plugins {

/// One thing to fetch. Views are valid until the request is over (arena or constants).
struct Fetch {
  std::span<const std::string_view> command;  ///< a Redis command and its arguments; none: it is asked of a location
  std::string_view location = {};             ///< its path …
  std::string_view query = {};                ///< … percent-encoded, without "?"
  std::chrono::milliseconds timeout = {};     ///< for all of the answer

  bool asks_location() const { return command.empty(); }
};

/// What one plugin fetches for a request. The fetches of all plugins are sent together.
class Fetches {
 public:
  /// For hosts. `visitor`: whose data may be read, or empty. `known`: by AttributeId.
  Fetches(std::pmr::vector<Fetch>& list, std::string_view prefix, std::string_view visitor,
          std::span<const rules::Value> known, rules::Arena& arena)
      : list_(list), first_(list.size()), prefix_(prefix), visitor_(visitor), known_(known), arena_(arena) {}

  /// An attribute of a plugin before this one, if neither that plugin nor one before it fetches anything; otherwise
  /// missing.
  rules::Value known(rules::AttributeId id) const { return id < known_.size() ? known_[id] : rules::Value(); }

  /// Sends a command about one of the visitor's keys: redis("HMGET", "profile", {"tier"}) sends
  /// `HMGET <prefix>{<visitor>}:profile tier`. Returns the position of the reply among the plugin's replies; nothing is
  /// sent or returned for a visitor without an id or consent. Arguments are not copied and must live as long as the
  /// request, in the arena or the plugin. Throws std::invalid_argument for commands and names that plugins may not use
  /// (plugins/redis_command.h).
  std::optional<std::size_t> redis(std::string_view command, std::string_view name,
                                   std::span<const std::string_view> arguments = {});
  std::optional<std::size_t> redis(std::string_view command, std::string_view name,
                                   std::initializer_list<std::string_view> arguments) {
    return redis(command, name, std::span(arguments.begin(), arguments.size()));
  }

  /// The same about a key that is nobody's: shared("ZREVRANGE", "trending", {"0", "9"}) sends
  /// `ZREVRANGE <prefix>trending 0 9`, for visitors without an id or consent, too. Visitors who ask the same at the
  /// same time share a reply, and with `personalize_profile_cache` those who ask soon after do.
  std::size_t shared(std::string_view command, std::string_view name, std::span<const std::string_view> arguments = {});
  std::size_t shared(std::string_view command, std::string_view name,
                     std::initializer_list<std::string_view> arguments) {
    return shared(command, name, std::span(arguments.begin(), arguments.size()));
  }

  /// GET of a location of the server that the page belongs to, which may be `internal`:
  /// location("/_recommend", {{"n", "4"}}, 50ms) asks for `/_recommend?n=4`. The reply is a string, the body of a 200
  /// of up to 256 kB; nil for a 204; and absent for anything else, and for what takes longer than `timeout` or comes
  /// after the page's deadline. The request has none of the page's header fields but `Host`: a visitor's id,
  /// `visitor()`, is told by a parameter. The path is not copied. Throws std::invalid_argument
  /// (plugins/location_fetch.h).
  std::size_t location(std::string_view path, std::span<const Parameter> parameters, std::chrono::milliseconds timeout);
  std::size_t location(std::string_view path, std::initializer_list<Parameter> parameters,
                       std::chrono::milliseconds timeout) {
    return location(path, std::span(parameters.begin(), parameters.size()), timeout);
  }

  /// Whose data may be read: empty for a visitor without an id or consent.
  std::string_view visitor() const { return visitor_; }
  rules::Arena& arena() { return arena_; }

 private:
  std::size_t add(const Fetch& fetch) {
    list_.push_back(fetch);
    return list_.size() - 1 - first_;
  }

  std::pmr::vector<Fetch>& list_;
  const std::size_t first_;  // fetches of other plugins
  const std::string_view prefix_;
  const std::string_view visitor_;
  const std::span<const rules::Value> known_;
  rules::Arena& arena_;
};

/// A reply (or its absence) as plain values.
struct Reply {
  enum class Kind : std::uint8_t {
    absent,  ///< unknown: not asked, not in time, or the connection was lost
    nil,
    string,
    status,
    integer,
    array,
    error,  ///< the server said so; `text` is its message
  };
  Kind kind = Kind::absent;
  std::string_view text = {};
  std::int64_t integer = 0;
  std::span<const Reply> elements = {};
};

/// Commands that write about the visitor. Nobody waits for them: they are lost if Redis cannot be reached.
class Commands {
 public:
  /// For hosts.
  Commands(std::pmr::vector<Fetch>& list, std::string_view prefix, std::string_view visitor, rules::Arena& arena)
      : list_(list), prefix_(prefix), visitor_(visitor), arena_(arena) {}

  /// redis("HINCRBY", "seen", {"hero", "1"}) sends `HINCRBY <prefix>{<visitor>}:seen hero 1`. Arguments live as long as
  /// the request. Throws std::invalid_argument for commands and names that plugins may not use.
  void redis(std::string_view command, std::string_view name, std::span<const std::string_view> arguments = {});
  void redis(std::string_view command, std::string_view name, std::initializer_list<std::string_view> arguments) {
    redis(command, name, std::span(arguments.begin(), arguments.size()));
  }
  rules::Arena& arena() { return arena_; }

 private:
  std::pmr::vector<Fetch>& list_;
  const std::string_view prefix_;
  const std::string_view visitor_;
  rules::Arena& arena_;
};

inline std::optional<std::size_t> Fetches::redis(std::string_view command, std::string_view name,
                                                 std::span<const std::string_view> arguments) {
  check_reading(command, name, arguments.size());
  if (visitor_.empty()) return std::nullopt;
  return add({make_command(command, visitor_key(prefix_, visitor_, name, arena_), arguments, arena_)});
}

inline std::size_t Fetches::shared(std::string_view command, std::string_view name,
                                   std::span<const std::string_view> arguments) {
  check_reading(command, name, arguments.size());
  return add({make_command(command, shared_key(prefix_, name, arena_), arguments, arena_)});
}

inline std::size_t Fetches::location(std::string_view path, std::span<const Parameter> parameters,
                                     std::chrono::milliseconds timeout) {
  check_location(path, timeout);
  return add({{}, path, encode_query(parameters, arena_), timeout});
}

inline void Commands::redis(std::string_view command, std::string_view name,
                            std::span<const std::string_view> arguments) {
  check_writing(command, name, arguments.size());
  list_.push_back({make_command(command, visitor_key(prefix_, visitor_, name, arena_), arguments, arena_)});
}

}  // namespace personalize::plugins
