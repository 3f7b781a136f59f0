// What plugins ask for, what comes back, and what they have written.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory_resource>
#include <optional>
#include <span>
#include <string_view>

#include "plugins/redis_command.h"
#include "rules/type.h"
#include "rules/value.h"

namespace personalize::plugins {

/// One thing to fetch. Views are valid until the request is over (arena or constants).
struct Fetch {
  std::span<const std::string_view> command;  ///< a Redis command and its arguments
};

/// The list of what is fetched for one request, as one plugin sees it; all plugins' needs go out together.
class Fetches {
 public:
  /// For hosts. `visitor`: whose data may be read, or empty. `known`: by AttributeId.
  Fetches(std::pmr::vector<Fetch>& list, std::string_view prefix, std::string_view visitor,
          std::span<const rules::Value> known, rules::Arena& arena)
      : list_(list), first_(list.size()), prefix_(prefix), visitor_(visitor), known_(known), arena_(arena) {}

  /// What plugins before this one resolved already: those that fetch nothing, up to the first that does.
  /// Others' are missing.
  rules::Value known(rules::AttributeId id) const { return id < known_.size() ? known_[id] : rules::Value(); }

  /// Asks Redis for what is stored about the visitor under that name: redis("HMGET", "profile", {"tier"}) sends
  /// `HMGET <prefix>{<visitor>}:profile tier`. The reply has the returned position among the plugin's own;
  /// nothing is asked, and nothing returned, for a visitor who is not known or did not agree to it. Copies
  /// views, not bytes: arguments live in the arena or in the plugin. Throws std::invalid_argument for commands
  /// and names that plugins may not use (plugins/redis_command.h).
  std::optional<std::size_t> redis(std::string_view command, std::string_view name,
                                   std::span<const std::string_view> arguments = {});
  std::optional<std::size_t> redis(std::string_view command, std::string_view name,
                                   std::initializer_list<std::string_view> arguments) {
    return redis(command, name, std::span(arguments.begin(), arguments.size()));
  }
  rules::Arena& arena() { return arena_; }

 private:
  std::pmr::vector<Fetch>& list_;
  const std::size_t first_;  // fetches of other plugins
  const std::string_view prefix_;
  const std::string_view visitor_;
  const std::span<const rules::Value> known_;
  rules::Arena& arena_;
};

/// A Redis reply (or its absence) as plain values.
struct Reply {
  enum class Kind : std::uint8_t {
    absent,  ///< not asked, not there before the deadline, connection lost: unknown
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

/// What is to be written about the visitor. Nobody waits for it: it is lost if Redis cannot be reached.
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
  list_.push_back({make_command(command, visitor_key(prefix_, visitor_, name, arena_), arguments, arena_)});
  return list_.size() - 1 - first_;
}

inline void Commands::redis(std::string_view command, std::string_view name,
                            std::span<const std::string_view> arguments) {
  check_writing(command, name, arguments.size());
  list_.push_back({make_command(command, visitor_key(prefix_, visitor_, name, arena_), arguments, arena_)});
}

}  // namespace personalize::plugins
