// Files that others write and name, read without trusting them: what is no regular file is refused, nothing is read
// without end, and a file system that does not answer can be waited for in a thread that may be left.
#pragma once

#include <cstddef>
#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace personalize::plugins {

/// Where files may truly be: real paths of folders, all links resolved (see `real_path`).
using Folders = std::vector<std::string>;

/// The path of `path` with all links resolved, or empty if there is no such thing.
std::string real_path(const std::string& path);
/// Whether a path without `.`, `..` and links is one of the folders or below one.
bool is_below(const std::string& path, const Folders& folders);

/// Reads the file at `path`, but no more than `max_bytes` and one: larger ones are for the caller to refuse. `below`:
/// it must truly be in one of these folders, wherever links lead. The error says why not (lower case, no full stop).
/// Opens no FIFO and no device, as that may wait forever or do something.
tl::expected<std::string, std::string> read_regular_file(const std::string& path, std::size_t max_bytes,
                                                         const Folders* below = nullptr);

/// Told by a thread before and after each call that waits for a file system.
class Patience {
 public:
  virtual ~Patience() = default;
  /// False if the thread should give up instead.
  virtual bool begin_waiting(const std::string& path) = 0;
  /// False if the result is not wanted any more. May keep the thread forever.
  virtual bool end_waiting() = 0;
};

/// Makes this thread report to `used`, if not null.
void use_patience(Patience* used);
Patience* patience_of_this_thread();

}  // namespace personalize::plugins
