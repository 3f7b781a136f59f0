// The log of events in files.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "cli/events/event_source.h"

namespace personalize::cli {

/// Reads files from where the reader of that name has come to, which is kept in "FILE.NAME.position", or, without a
/// name, from their beginning. A file that was moved away since, to "FILE.1" or while it is followed, is read to its
/// end first.
class LogFiles final : public EventSource {
 public:
  /// `reader` may be empty. `follow`: files may grow, and be replaced.
  static tl::expected<std::unique_ptr<EventSource>, std::string> open(const std::vector<std::string>& paths,
                                                                      const std::string& reader, bool follow);
  ~LogFiles() override;
  LogFiles(const LogFiles&) = delete;
  LogFiles& operator=(const LogFiles&) = delete;

  tl::expected<std::size_t, std::string> read(const TakeLine& take) override;
  tl::expected<void, std::string> save() override;

 private:
  struct File {
    std::string path, position_path;
    int descriptor = -1;
    ino_t node = 0;           ///< which file it is
    std::uint64_t taken = 0;  ///< bytes of lines that were handed over
    std::string rest = {};    ///< that were read after them
  };

  LogFiles() = default;
  static tl::expected<void, std::string> open(File& file, const std::string& path);
  static tl::expected<void, std::string> begin(File& file);
  static bool was_replaced(const File& file);
  tl::expected<std::size_t, std::string> read(File& file, const TakeLine& take) const;
  static std::size_t hand_over(File& file, const TakeLine& take);

  std::vector<File> files_;
  bool follow_ = false;
  bool waits_for_line_ends_ = false;  ///< the last line may still be written
};

}  // namespace personalize::cli
