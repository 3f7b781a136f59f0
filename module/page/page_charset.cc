#include "module/page/page_charset.h"

#include "html/limits.h"

namespace personalize::module {

using html::limits::max_prescanned;

PageCharset::PageCharset(std::string_view content_type) : known_(html::is_encoding_given(content_type, {})) {}

void PageCharset::read(std::string_view bytes) {
  if (known_) return;
  start_.append(bytes.substr(0, max_prescanned - start_.size()));
  if (start_.size() < 3) return;  // may become a byte order mark
  known_ = html::is_encoding_given({}, start_);
  if (known_) return;
  declaration_ = html::prescan(start_);
  known_ = declaration_.encoding != html::Encoding::unknown || start_.size() == max_prescanned;
}

std::string_view PageCharset::missing_in(std::string_view output) const {
  if (!declaration_.matters()) return {};
  if (output.starts_with(std::string_view(start_).substr(0, declaration_.end))) return {};
  const bool found = html::prescan(output.substr(0, max_prescanned)).label == declaration_.label;
  return found ? std::string_view() : declaration_.label;
}

}  // namespace personalize::module
