// Bodies of cache entries and files, kept in this worker's memory so that a page that is asked for again need not be read
// again: what is rewritten cannot leave by sendfile, and reading is most of what that costs.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <list>
#include <memory>
#include <unordered_map>
#include <vector>

#include "module/ngx.h"

namespace personalize::nginx {

using Body = std::shared_ptr<const std::vector<u_char>>;

/// The pages used last, up to a number of bytes.
class PageMemory {
 public:
  /// Bytes [from, to) of an open file: remembered, or read now. Null if they are better read as usual: too many, or the
  /// file changed so recently that it could change again without looking different. `from` and `to` are part of what is
  /// remembered; what the file is called is not.
  Body body(ngx_fd_t file, off_t from, off_t to);

  std::size_t bytes() const { return bytes_; }

  static constexpr std::size_t most_bytes_of_one = 1024 * 1024;
  static constexpr std::size_t most_bytes = 32 * 1024 * 1024;

 private:
  /// A file that is replaced or written to differs in one of these.
  struct Identity {
    dev_t device = 0;
    ino_t inode = 0;
    std::int64_t modified_ns = 0;
    std::int64_t changed_ns = 0;
    off_t size = 0;
    off_t from = 0;
    off_t to = 0;
    bool operator==(const Identity&) const = default;
  };
  struct Hash {
    std::size_t operator()(const Identity& identity) const;
  };
  struct Entry {
    Identity identity;
    Body body;
  };

  /// Fills in what `file` is like now.
  static bool identify(ngx_fd_t file, Identity& identity);
  void remember(const Identity& identity, const Body& body);

  std::list<Entry> entries_;  // used last first
  std::unordered_map<Identity, std::list<Entry>::iterator, Hash> index_;
  std::size_t bytes_ = 0;
};

}  // namespace personalize::nginx
