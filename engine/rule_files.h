// Finds and reads rule files, and notices when they change.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "geo/file_copy.h"

namespace personalize::engine {

/// Whether a path stands for the files that match it: `*`, `?` and `[…]` as in glob(7).
bool is_pattern(std::string_view path);

/// The files that match `paths` now, those of one pattern in alphabetical order. A path without wildcards stands for
/// itself, even if there is no such file.
std::vector<std::string> expand(const std::vector<std::string>& paths);

/// A file as it was at some moment.
struct Sighting {
  std::string path;
  geo::FileState state;
  bool operator==(const Sighting&) const = default;
};
using Sightings = std::vector<Sighting>;

/// The state of `path`, to be taken before the file is read. A file that has just changed could change again and look
/// the same; its state is unknown, so that it compares as changed the next time.
Sighting sight_before_reading(const std::string& path);

/// Reads a file, but not much more than the largest size of rule files. False after setting `problem`.
bool read_file(const std::string& path, std::string& text, std::string& problem);

}  // namespace personalize::engine
