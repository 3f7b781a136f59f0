// uap-core's regexes.yaml, whose file may be replaced by a newer one while it is in use.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "geo/file_copy.h"
#include "plugins/background_task.h"
#include "plugins/device/user_agent_parser.h"

namespace personalize::plugins {

/// Polled by its owner, about once a second; files are read and compiled in another thread. The regexes in use stay
/// until new ones have passed all checks; they also stay if the new ones fail or the file is removed.
class WatchedRegexes {
 public:
  /// Reads the file. Throws std::runtime_error.
  explicit WatchedRegexes(std::string path);

  const std::shared_ptr<const UserAgentParser>& current() const { return current_; }
  const std::string& path() const { return path_; }
  /// When the file that `current` is from was written, in seconds since 1970.
  std::int64_t modified_s() const { return modified_ns_ / 1'000'000'000; }

  enum class Outcome : std::uint8_t {
    idle,      ///< nothing to do, or nothing yet
    replaced,  ///< `current` is of a new file
    refused,   ///< the new file cannot be used, see `refusal`; it is not tried again until it changes
  };
  /// A changed file is read once it looks the same twice in a row. Throws nothing but std::bad_alloc.
  Outcome poll();
  /// Why the last new file was refused.
  const std::string& refusal() const { return refusal_; }

 private:
  struct Load;
  Outcome finish();

  std::string path_;
  geo::FileState settled_;  // the file as it was when last accepted or refused
  geo::FileState seen_;     // and as it was at the last poll
  std::shared_ptr<const UserAgentParser> current_;
  std::int64_t modified_ns_;
  std::string refusal_;
  std::shared_ptr<Load> load_;
  BackgroundTask task_;
};

/// Why the new regexes cannot take over from the old ones, or empty: they must know the browsers and systems of the
/// usual visitors as well, and the same of them as robots.
std::string regression(const UserAgentParser& candidate, const UserAgentParser& current);

}  // namespace personalize::plugins
