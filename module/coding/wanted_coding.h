// In which form NGINX's directives want a page sent: `gzip`, and `brotli` where that module is loaded.
#pragma once

#include <optional>

#include "module/coding/coding.h"
#include "module/ngx.h"

namespace personalize::module {

/// A module that compresses responses, as far as its directives name the place of what they say.
struct Compressor {
  const ngx_module_t* module = nullptr;  ///< null: it is not there, or not as we know it
  std::size_t enable = 0;                ///< offset in its configuration of a location: an ngx_flag_t
  std::size_t min_length = 0;            ///< … of a size_t
};

struct Compressors {
  Compressor gzip, brotli;
};

/// Once per configuration, when all modules are known. Nothing, after the error was logged, if they are in an order in
/// which pages would be compressed before they are personalized.
std::optional<Compressors> find_compressors(ngx_conf_t* cf);

/// For a response with a body of `size` bytes that has no coding yet, and for which the client's word counts: the one
/// that it likes best. Of `text/html` only, which these directives always count among their types. Identity also where
/// the answer depends on headers that are yet to be changed. Notes, for `gzip_vary`, that there was a choice.
Coding wanted_coding(ngx_http_request_t* r, const Compressors& compressors, std::size_t size);

}  // namespace personalize::module
