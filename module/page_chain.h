// A page in pieces as NGINX's buffers, laid out so that the system has little to do with them.
#pragma once

#include <span>
#include <string_view>

#include "module/ngx.h"

namespace personalize::nginx {

/// A system call of its own costs about as much as copying that many bytes.
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

/// Where the body stands in a file, from which the system sends it without copying.
struct SendableBody {
  ngx_file_t* file;
  off_t from;
};

struct PageChain {
  ngx_chain_t* first = nullptr;  ///< null without memory; the last buffer is marked as such
  bool in_file = false;          ///< some of it: written in several system calls
};

/// Long slices of the body are sent out of the file if there is one: as whole pages of the file's, whose packets are
/// full ones. What is around them is sent from memory; who wants all of it in memory has it there, but for pieces that
/// are in the file only. `pieces` are not empty, their bytes outlive the request.
PageChain page_chain(ngx_pool_t* pool, std::span<const PagePiece> pieces, const SendableBody* body);

}  // namespace personalize::nginx
