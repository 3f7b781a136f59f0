#include "module/page_memory.h"

#include <unistd.h>

namespace personalize::nginx {
namespace {

std::int64_t nanoseconds(const timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

Body read(ngx_fd_t file, off_t from, off_t to) {
  auto body = std::make_shared<std::vector<u_char>>(static_cast<std::size_t>(to - from));
  for (std::size_t filled = 0; filled < body->size();) {
    ssize_t count = pread(file, body->data() + filled, body->size() - filled, from + static_cast<off_t>(filled));
    if (count <= 0) return nullptr;  // whoever reads it as usual reports it
    filled += static_cast<std::size_t>(count);
  }
  return body;
}

}  // namespace

std::size_t PageMemory::Hash::operator()(const Identity& identity) const {
  auto hash = static_cast<std::uint64_t>(identity.inode) * 0x9E3779B97F4A7C15u;
  hash ^= static_cast<std::uint64_t>(identity.modified_ns) * 0xC2B2AE3D27D4EB4Fu;
  return hash ^ (hash >> 32) ^ static_cast<std::uint64_t>(identity.from);
}

Body PageMemory::body(ngx_fd_t file, off_t from, off_t to) {
  struct stat status;
  if (from >= to || to - from > static_cast<off_t>(most_bytes_of_one) || fstat(file, &status) != 0) return nullptr;
  Identity identity{status.st_dev,  status.st_ino, nanoseconds(status.st_mtim), nanoseconds(status.st_ctim),
                    status.st_size, from,          to};
  if (auto found = index_.find(identity); found != index_.end()) {
    entries_.splice(entries_.begin(), entries_, found->second);
    return found->second->body;
  }
  // A file system's clock is coarse: within one of its ticks a file may be written to twice.
  constexpr time_t settled = 2;
  if (ngx_time() - status.st_ctim.tv_sec < settled) return nullptr;
  Body body = read(file, from, to);
  if (body != nullptr) remember(identity, body);
  return body;
}

void PageMemory::remember(const Identity& identity, const Body& body) {
  entries_.push_front({identity, body});
  index_.emplace(identity, entries_.begin());
  bytes_ += body->size();
  while (bytes_ > most_bytes) {
    bytes_ -= entries_.back().body->size();
    index_.erase(entries_.back().identity);
    entries_.pop_back();
  }
}

}  // namespace personalize::nginx
