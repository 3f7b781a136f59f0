// The coding in which NGINX's directives want a page to be sent: `gzip`, and `brotli` where that module is loaded.
#pragma once

#include <optional>

#include "module/coding/coding.h"
#include "module/ngx.h"

namespace personalize::module {

/// A module that compresses responses; its table of directives says where it stores their values.
struct Compressor {
  const ngx_module_t* module = nullptr;  ///< null: it is not loaded, or is not as we know it
  std::size_t enable = 0;                ///< offset of an ngx_flag_t in its configuration of a location
  std::size_t min_length = 0;            ///< … and of a size_t
};

struct Compressors {
  Compressor gzip, brotli;
};

/// Once per configuration, when all modules are known. Nothing, after the error was logged, if they are in an order in
/// which pages would be compressed before they are personalized.
std::optional<Compressors> find_compressors(ngx_conf_t* cf);

/// The coding that the client prefers for a response with a body of `size` bytes that is not encoded yet. Only for
/// `text/html`, which is always among these directives' types. Also identity if the answer depends on headers that are
/// yet to be changed. Notes, for `gzip_vary`, that there was a choice.
Coding wanted_coding(ngx_http_request_t* r, const Compressors& compressors, std::size_t size);

}  // namespace personalize::module
