#include "plugins/regular_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>

#include "plugins/descriptor.h"

namespace personalize::plugins {
namespace {

thread_local Patience* patience = nullptr;

const char* kind_of(const struct stat& s) {
  if (S_ISDIR(s.st_mode)) return "it is a directory";
  if (S_ISFIFO(s.st_mode)) return "it is a FIFO";
  if (S_ISSOCK(s.st_mode)) return "it is a socket";
  return "it is a device";
}

std::string link_to(const Descriptor& file) { return "/proc/self/fd/" + std::to_string(*file); }

/// Where an open file truly is.
std::string place_of(const Descriptor& file) {
  char place[PATH_MAX];
  const ssize_t length = readlink(link_to(file).c_str(), place, sizeof(place));
  return length > 0 ? std::string(place, static_cast<std::size_t>(length)) : std::string();
}

/// Opens the file that was looked at, even if another has taken its place since.
int reopen(const Descriptor& seen, const std::string& path) {
  constexpr int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  const int reopened = open(link_to(seen).c_str(), flags);
  if (reopened >= 0 || errno != ENOENT) return reopened;
  return open(path.c_str(), flags);  // there is no /proc
}

std::string reason(int error) { return std::string("cannot be read: ") + std::strerror(error); }

using Read = tl::expected<std::string, std::string>;

Read read_all(const Descriptor& file, std::size_t max_bytes) {
  std::string text;
  constexpr std::size_t piece = 64 * 1024;
  const auto buffer = std::make_unique<char[]>(piece);
  while (text.size() <= max_bytes) {
    const ssize_t n = read(*file, buffer.get(), std::min(piece, max_bytes + 1 - text.size()));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return tl::unexpected(reason(errno));
    if (n == 0) break;
    text.append(buffer.get(), static_cast<std::size_t>(n));
  }
  return text;
}

std::string not_regular(const struct stat& s) {
  return std::string("cannot be read: ") + kind_of(s) + ", not a regular file";
}

Read open_and_read(const std::string& path, std::size_t max_bytes, const Folders* below) {
  const Descriptor seen(open(path.c_str(), O_PATH | O_CLOEXEC));
  if (!seen) return tl::unexpected(reason(errno));
  struct stat s;
  if (fstat(*seen, &s) != 0) return tl::unexpected(reason(errno));
  if (below) {
    std::string place = place_of(seen);
    if (place.empty()) place = real_path(path);
    if (!is_below(place, *below)) return tl::unexpected(std::string("it is outside the folders that rules are in"));
  }
  if (!S_ISREG(s.st_mode)) return tl::unexpected(not_regular(s));
  const Descriptor file(reopen(seen, path));
  if (!file) return tl::unexpected(reason(errno));
  if (fstat(*file, &s) != 0) return tl::unexpected(reason(errno));
  if (!S_ISREG(s.st_mode)) return tl::unexpected(not_regular(s));
  return read_all(file, max_bytes);
}

}  // namespace

std::string real_path(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> resolved(realpath(path.c_str(), nullptr), &std::free);
  return resolved ? resolved.get() : std::string();
}

bool is_below(const std::string& path, const Folders& folders) {
  return std::any_of(folders.begin(), folders.end(), [&](const std::string& folder) {
    if (folder == "/") return path.starts_with('/');
    return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
  });
}

tl::expected<std::string, std::string> read_regular_file(const std::string& path, std::size_t max_bytes,
                                                         const Folders* below) {
  if (path.find('\0') != path.npos) return tl::unexpected(std::string("cannot be read: no file has such a name"));
  Patience* const waiting = patience;
  const auto given_up = [] { return tl::unexpected(std::string("cannot be read: this load was given up")); };
  if (waiting && !waiting->begin_waiting(path)) return given_up();
  auto text = open_and_read(path, max_bytes, below);
  if (waiting && !waiting->end_waiting()) return given_up();
  return text;
}

void use_patience(Patience* used) { patience = used; }

Patience* patience_of_this_thread() { return patience; }

}  // namespace personalize::plugins
