#include "geo/file_copy.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace personalize::geo {
namespace {

constexpr std::int64_t max_file_bytes = std::int64_t{4} << 30;

std::int64_t nanoseconds(const timespec& t) { return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec; }

FileState state_of(const struct stat& s) {
  return {.device = s.st_dev,
          .inode = s.st_ino,
          .size = s.st_size,
          .modified_ns = nanoseconds(s.st_mtim),
          .changed_ns = nanoseconds(s.st_ctim)};
}

}  // namespace

FileState FileState::of(const std::string& path) {
  struct stat s;
  return stat(path.c_str(), &s) == 0 ? state_of(s) : FileState{};
}

FileCopy::FileCopy(const std::string& path) : path_(path) {
  try {
    source_ = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (source_ < 0) fail(std::string("cannot be opened: ") + std::strerror(errno));
    struct stat s;
    if (fstat(source_, &s) != 0) fail(std::strerror(errno));
    if (!S_ISREG(s.st_mode)) fail("is not a regular file");
    state_ = state_of(s);
    if (state_.size == 0) fail("is empty; download it again");
    if (state_.size > max_file_bytes) fail("is larger than 4 GiB");
    copy_ = memfd_create("personalize-geo", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (copy_ < 0 || ftruncate(copy_, state_.size) != 0)
      fail(std::string("no memory for a copy: ") + std::strerror(errno));
  } catch (...) {
    if (source_ >= 0) close(source_);
    if (copy_ >= 0) close(copy_);
    throw;
  }
}

FileCopy::~FileCopy() {
  if (source_ >= 0) close(source_);
  close(copy_);
}

bool FileCopy::advance(std::int64_t bytes) {
  for (std::int64_t todo = std::min(bytes, state_.size - copied_); todo > 0;) {
    const ssize_t n = sendfile(copy_, source_, nullptr, static_cast<std::size_t>(todo));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail(std::string("cannot be read: ") + std::strerror(errno));
    if (n == 0) fail("became shorter while it was read");
    todo -= n;
    copied_ += n;
  }
  if (copied_ < state_.size) return false;

  struct stat s;
  if (fstat(source_, &s) != 0 || s.st_size != state_.size || nanoseconds(s.st_mtim) != state_.modified_ns)
    fail("was being written while it was read");
  fcntl(copy_, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
  return true;
}

std::string FileCopy::reopen_path() const { return "/proc/self/fd/" + std::to_string(copy_); }

void FileCopy::fail(const std::string& what) const { throw LoadError(path_, what); }

}  // namespace personalize::geo
