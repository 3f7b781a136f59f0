// Where directives were written. Whether one can have an effect shows when the whole configuration has been read; only
// then is it known what is inherited by whom.
#pragma once

#include <array>
#include <cstddef>

#include "module/ngx.h"

namespace personalize::module {

/// One directive in one block of the configuration: its first line there.
struct Written {
  ngx_str_t file;
  ngx_uint_t line;
};

/// By position in `directives`: where what applies in a location comes from; null: it was not written.
using WrittenHere = std::array<const Written*, 32>;

}  // namespace personalize::module
