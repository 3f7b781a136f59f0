#include "engine/rules/local_files.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>

namespace personalize::engine {
namespace {

using Clock = std::chrono::steady_clock;

/// Neither overlay, whose layers may be anywhere, nor proc, whose regular files can block.
constexpr std::string_view local_types[] = {"bcachefs", "btrfs", "devtmpfs", "erofs", "exfat",  "ext2",  "ext3",
                                            "ext4",     "f2fs",  "iso9660",  "jfs",   "nilfs2", "ramfs", "reiserfs",
                                            "squashfs", "tmpfs", "ubifs",    "udf",   "vfat",   "xfs",   "zfs"};

/// Mounts come and go, but not between the files of one load.
constexpr std::chrono::seconds max_age{1};

struct Mount {
  std::uint64_t number = 0;
  bool local = false;
  Clock::time_point looked_at{};
};
thread_local Mount last;

std::string read_mounts() {
  std::ifstream file("/proc/self/mountinfo");
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace

bool is_local_mount(std::string_view mounts, std::uint64_t number) {
  const std::string beginning = std::to_string(number) + ' ';
  while (!mounts.empty()) {
    const std::size_t end = std::min(mounts.find('\n'), mounts.size());
    const std::string_view line = mounts.substr(0, end);
    mounts.remove_prefix(std::min(end + 1, mounts.size()));
    if (!line.starts_with(beginning)) continue;
    const std::size_t dash = line.find(" - ");  // after fields that have no spaces of their own
    if (dash == line.npos) return false;
    const std::string_view rest = line.substr(dash + 3);
    return std::ranges::count(local_types, rest.substr(0, rest.find(' '))) != 0;
  }
  return false;
}

bool is_local(const std::string& path) {
  struct statx s;
  if (statx(AT_FDCWD, path.c_str(), AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_MNT_ID, &s) != 0) return false;
  if ((s.stx_mask & STATX_MNT_ID) == 0) return false;
  const auto now = Clock::now();
  if (last.number != s.stx_mnt_id || now - last.looked_at > max_age)
    last = {s.stx_mnt_id, is_local_mount(read_mounts(), s.stx_mnt_id), now};
  return last.local;
}

}  // namespace personalize::engine
