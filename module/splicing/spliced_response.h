// A response that is, or might be, put together from a splice plan; see splice_filter.cc.
#pragma once

#include <optional>
#include <string_view>

#include "module/splicing/spliced_page.h"

namespace personalize::module {

struct SplicedResponse {
  std::string_view type_before;          ///< Content-Type before the other filters
  bool memory_needed = false;            ///< by the connection itself: TLS
  std::optional<PageFile> unknown_file;  ///< of a page whose type after those filters was not known yet
  std::optional<SplicedPage> page;       ///< lives in the evaluation's memory
  bool sent = false;
};

}  // namespace personalize::module
