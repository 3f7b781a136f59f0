// A page's pieces as NGINX's buffers, laid out for as little work in the kernel as possible.
#pragma once

#include <span>
#include <string_view>

#include "module/ngx.h"

namespace personalize::module {

/// A system call costs about as much as copying this many bytes.
inline constexpr std::size_t worth_a_sendfile = 16 * 1024;

struct PagePiece {
  const char* bytes;  ///< null: they are in the file only
  std::size_t size;
  bool of_body = false;  ///< a slice of the body that the page is made of …
  std::size_t at = 0;    ///< … which begins there

  PagePiece(std::string_view text) : bytes(text.data()), size(text.size()) {}
  PagePiece(const char* body, std::size_t begin, std::size_t length)
      : bytes(body != nullptr ? body + begin : nullptr), size(length), of_body(true), at(begin) {}
  std::string_view text() const { return {bytes, size}; }
};

/// Where the body is in a file, from which the kernel sends it without copying.
struct SendableBody {
  ngx_file_t* file;
  off_t from;
};

struct PageChain {
  ngx_chain_t* first = nullptr;  ///< null if there is no memory; the last buffer is marked as such
  bool in_file = false;          ///< some of it, so that it takes several system calls
};

/// If `body` is given, long slices of it are sent from the file, aligned to the file's pages so that packets are full;
/// the rest is sent from memory. These buffers are in memory, too, except for pieces that are in the file only.
/// `pieces` must not be empty, and their bytes must outlive the request.
PageChain page_chain(ngx_pool_t* pool, std::span<const PagePiece> pieces, const SendableBody* body);

}  // namespace personalize::module
