// A database whose file may be replaced while it is in use, by renaming or by writing over it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "geo/database.h"

namespace personalize::geo {

/// Polled by its owner; does a bounded amount of work each time. The database in use stays until a new one has passed
/// all checks; it also stays if the new one fails or the file is removed.
class WatchedDatabase {
 public:
  /// Opens the file. Throws LoadError.
  explicit WatchedDatabase(std::string path);

  const std::shared_ptr<const Database>& current() const { return current_; }
  const std::string& path() const { return path_; }

  enum class Outcome : std::uint8_t {
    idle,      ///< nothing to do
    busy,      ///< a new file is being loaded: poll again soon
    replaced,  ///< `current` is a new database
    refused,   ///< the new file cannot be used, see `refusal`; it is not tried again until it changes
  };
  /// A changed file is loaded once it looks the same twice in a row. Throws nothing but std::bad_alloc.
  Outcome poll();
  /// Why the last new file was refused.
  const std::string& refusal() const { return refusal_; }

 private:
  static constexpr std::int64_t bytes_per_poll = 4 << 20;

  Outcome take_in();
  Outcome judge(std::shared_ptr<const Database> candidate);
  Outcome refuse(std::string why);

  std::string path_;
  std::shared_ptr<const Database> current_;
  FileState settled_;  // the file as it was when last accepted or refused
  FileState seen_;     // and as it was at the last poll
  std::unique_ptr<FileCopy> copy_;
  std::string refusal_;
};

}  // namespace personalize::geo
