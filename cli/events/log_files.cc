#include "cli/events/log_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

namespace personalize::cli {
namespace {

constexpr std::size_t max_bytes_of_a_turn = 1024 * 1024;

std::string cannot(const std::string& path, const char* what) {
  return path + ": " + what + ": " + std::strerror(errno);
}

}  // namespace

LogFiles::~LogFiles() {
  for (const File& file : files_)
    if (file.descriptor != -1) ::close(file.descriptor);
}

tl::expected<std::unique_ptr<EventSource>, std::string> LogFiles::open(const std::vector<std::string>& paths,
                                                                       const std::string& reader, bool follow) {
  std::unique_ptr<LogFiles> files(new LogFiles);
  files->follow_ = follow;
  files->waits_for_line_ends_ = follow || !reader.empty();
  for (const std::string& path : paths) {
    File& file = files->files_.emplace_back();
    file.path = path;
    if (!reader.empty()) file.position_path.append(path).append(1, '.').append(reader).append(".position");
    if (auto begun = begin(file); !begun) return tl::unexpected(begun.error());
  }
  return files;
}

tl::expected<void, std::string> LogFiles::open(File& file, const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status = {};
  if (descriptor == -1 || fstat(descriptor, &status) != 0) return tl::unexpected(cannot(path, "cannot be read"));
  if (file.descriptor != -1) ::close(file.descriptor);
  file.descriptor = descriptor;
  file.node = status.st_ino;
  file.taken = 0;
  file.rest.clear();
  return {};
}

tl::expected<void, std::string> LogFiles::begin(File& file) {
  std::uint64_t node = 0, taken = 0;
  if (!file.position_path.empty()) std::ifstream(file.position_path) >> node >> taken;
  struct stat status = {};
  const std::string moved = file.path + ".1";
  const bool was_moved = node != 0 && stat(moved.c_str(), &status) == 0 && status.st_ino == node;
  if (auto opened = open(file, was_moved ? moved : file.path); !opened) return opened;
  if (file.node != node) return {};
  if (fstat(file.descriptor, &status) == 0 && static_cast<std::uint64_t>(status.st_size) < taken) return {};  // emptied
  if (lseek(file.descriptor, static_cast<off_t>(taken), SEEK_SET) == -1)
    return tl::unexpected(cannot(file.path, "cannot be read from where the reader had come to"));
  file.taken = taken;
  return {};
}

tl::expected<std::size_t, std::string> LogFiles::read(const TakeLine& take) {
  std::size_t total = 0;
  for (File& file : files_) {
    const auto count = read(file, take);
    if (!count) return tl::unexpected(count.error());
    total += *count;
  }
  return total;
}

bool LogFiles::was_replaced(const File& file) {
  struct stat status = {};
  return stat(file.path.c_str(), &status) == 0 && status.st_ino != file.node;
}

tl::expected<std::size_t, std::string> LogFiles::read(File& file, const TakeLine& take) const {
  std::array<char, 64 * 1024> buffer;
  const bool replaced = was_replaced(file);  // before it is read to its end
  for (std::size_t total = 0; total < max_bytes_of_a_turn;) {
    const ssize_t size = ::read(file.descriptor, buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return tl::unexpected(cannot(file.path, "cannot be read"));
    if (size == 0) {
      std::size_t count = hand_over(file, take);
      if (replaced || !waits_for_line_ends_) {
        file.rest += file.rest.empty() ? "" : "\n";
        count += hand_over(file, take);
      }
      if (!replaced) return count;
      if (auto opened = open(file, file.path); !opened) return tl::unexpected(opened.error());
      return count + 1;  // there may be more at once
    }
    file.rest.append(buffer.data(), static_cast<std::size_t>(size));
    total += static_cast<std::size_t>(size);
  }
  return hand_over(file, take);
}

std::size_t LogFiles::hand_over(File& file, const TakeLine& take) {
  std::size_t count = 0, begin = 0;
  for (std::size_t end = 0; (end = file.rest.find('\n', begin)) != std::string::npos; begin = end + 1, ++count)
    take(std::string_view(file.rest).substr(begin, end - begin));
  if (begin == 0 && file.rest.size() >= max_bytes_of_a_turn) {  // no line is so long
    take(file.rest);
    begin = file.rest.size();
    ++count;
  }
  file.taken += begin;
  file.rest.erase(0, begin);
  return count;
}

/// Written aside and renamed: whole or not at all.
tl::expected<void, std::string> LogFiles::save() {
  for (const File& file : files_) {
    if (file.position_path.empty()) continue;
    const std::string aside = file.position_path + ".new";
    std::ofstream out(aside);
    out << file.node << ' ' << file.taken << '\n';
    out.close();
    if (!out || std::rename(aside.c_str(), file.position_path.c_str()) != 0)
      return tl::unexpected(cannot(file.position_path, "cannot be written"));
  }
  return {};
}

}  // namespace personalize::cli
