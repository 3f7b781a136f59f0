// A page in pieces as NGINX's buffers, laid out so that the system has little to do with them.
#pragma once

#include <span>
#include <string_view>

#include "module/ngx.h"

namespace personalize::nginx {

struct PagePiece {
  std::string_view bytes;
  bool of_body;  ///< a slice of the body that the page is made of
};

/// Where the body stands in a file, from which the system sends it without copying.
struct SendableBody {
  ngx_file_t* file;
  off_t from;
  const char* bytes;  ///< in memory
};

struct PageChain {
  ngx_chain_t* first = nullptr;  ///< null without memory; the last buffer is marked as such
  bool in_file = false;          ///< some of it: written in several system calls
};

/// Long slices of the body are sent out of the file if there is one: as whole pages of the file's, whose packets are
/// full ones. What is around them is sent from memory; who wants all of it in memory has it there. `pieces` are not
/// empty, their bytes outlive the request.
PageChain page_chain(ngx_pool_t* pool, std::span<const PagePiece> pieces, const SendableBody* body);

}  // namespace personalize::nginx
