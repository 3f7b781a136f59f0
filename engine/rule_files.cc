#include "engine/rule_files.h"

#include <glob.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>

#include "rules/rule_set.h"

namespace personalize::engine {
namespace {

/// Clocks of file systems tick in up to ten milliseconds.
constexpr std::chrono::milliseconds same_moment{50};

/// The size in a state that no file has, nor one that is missing.
constexpr std::int64_t not_known = -2;

void expand_pattern(const std::string& pattern, std::vector<std::string>& files) {
  glob_t found{};
  if (glob(pattern.c_str(), 0, nullptr, &found) == 0)
    files.insert(files.end(), found.gl_pathv, found.gl_pathv + found.gl_pathc);
  globfree(&found);
}

}  // namespace

bool is_pattern(std::string_view path) { return path.find_first_of("*?[") != std::string_view::npos; }

std::vector<std::string> expand(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    if (is_pattern(path))
      expand_pattern(path, files);
    else
      files.push_back(path);
  }
  return files;
}

Sighting sight_before_reading(const std::string& path) {
  Sighting sighting{path, geo::FileState::of(path)};
  const std::chrono::nanoseconds now = std::chrono::system_clock::now().time_since_epoch();
  const std::chrono::nanoseconds age = now - std::chrono::nanoseconds(sighting.state.changed_ns);
  if (age >= age.zero() && age < same_moment) sighting.state = {.size = not_known};
  return sighting;
}

bool read_file(const std::string& path, std::string& text, std::string& problem) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    problem = std::string("cannot be read: ") + std::strerror(errno);
    return false;
  }
  char piece[64 * 1024];
  while (in && text.size() <= rules::max_source_bytes) {
    in.read(piece, sizeof(piece));
    text.append(piece, static_cast<std::size_t>(in.gcount()));
  }
  if (in.bad() || (in.fail() && !in.eof())) {
    problem = "cannot be read: it is a directory or the disk failed";
    return false;
  }
  return true;
}

}  // namespace personalize::engine
