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

bool PageMemory::identify(ngx_fd_t file, Identity& identity) {
  struct stat status;
  if (fstat(file, &status) != 0) return false;
  identity.device = status.st_dev;
  identity.inode = status.st_ino;
  identity.modified_ns = nanoseconds(status.st_mtim);
  identity.changed_ns = nanoseconds(status.st_ctim);
  identity.size = status.st_size;
  return true;
}

Body PageMemory::body(ngx_fd_t file, off_t from, off_t to) {
  Identity identity{.from = from, .to = to};
  if (from >= to || to - from > static_cast<off_t>(most_bytes_of_one) || !identify(file, identity)) return nullptr;
  if (auto found = index_.find(identity); found != index_.end()) {
    entries_.splice(entries_.begin(), entries_, found->second);
    return found->second->body;
  }
  // A file system's clock is coarse: within one of its ticks a file may be written to twice.
  constexpr std::int64_t settled_ns = 2'000'000'000;
  if (ngx_time() * std::int64_t{1'000'000'000} - identity.changed_ns < settled_ns) return nullptr;
  Body body = read(file, from, to);
  Identity after = identity;
  if (body == nullptr || !identify(file, after) || after != identity) return nullptr;
  remember(identity, body);
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
