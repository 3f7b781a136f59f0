// Which files rules are in, and what they looked like when they were read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "geo/file_copy.h"

namespace personalize::engine {

/// Whether a path stands for the files that match it: `*`, `?` and `[…]` as in glob(7).
bool is_pattern(std::string_view path);

/// The files that `paths` stand for now, those of one pattern in alphabetical order. A path without wildcards stands
/// for itself, whether there is such a file or not.
std::vector<std::string> expand(const std::vector<std::string>& paths);

/// A file as it was at some moment.
struct Sighting {
  std::string path;
  geo::FileState state;
  bool operator==(const Sighting&) const = default;
};
using Sightings = std::vector<Sighting>;

/// What `path` looks like before it is read. A file that was changed this very moment could change again and look the
/// same afterwards: of such a one nothing is known, so that whoever compares takes another look.
Sighting sight_before_reading(const std::string& path);

/// Reads a file; of one that is larger than rule files may be, just enough for that to be found out. False after saying
/// why in `problem`.
bool read_file(const std::string& path, std::string& text, std::string& problem);

}  // namespace personalize::engine
