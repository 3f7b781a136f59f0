// Where a page is: a range of an open file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "module/ngx.h"

namespace personalize::module {

struct PageFile {
  ngx_fd_t file = NGX_INVALID_FILE;
  off_t from = 0, to = 0;
  ngx_file_t* opened = nullptr;  ///< the same for NGINX's buffers, if it stays open for as long as the request; or null
  bool immutable = false;        ///< only ever replaced by another file, as in NGINX's cache
  std::uint64_t validators = 0;  ///< a hash of those that came with the page

  std::size_t size() const { return static_cast<std::size_t>(to - from); }
  /// `size` bytes of it, beginning with byte `at`.
  PageFile slice(std::size_t at, std::size_t size) const;
  /// Nothing if it cannot be read, for instance because the file became shorter.
  std::optional<std::string> read() const;
};

/// Keeps a page's file open beyond the request.
class KeptPageFile {
 public:
  KeptPageFile() = default;
  explicit KeptPageFile(const PageFile& page);
  KeptPageFile(KeptPageFile&& other) noexcept : page_(std::exchange(other.page_, {})) {}
  KeptPageFile& operator=(KeptPageFile&& other) noexcept {
    std::swap(page_, other.page_);
    return *this;
  }
  ~KeptPageFile();

  explicit operator bool() const { return page_.file != NGX_INVALID_FILE; }
  const PageFile* operator->() const { return &page_; }

 private:
  PageFile page_;
};

}  // namespace personalize::module
