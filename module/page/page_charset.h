// The encoding of a page that names it in its body only.
//
// Browsers look for `<meta charset>` in the first 1 024 bytes. Content in front of it may push it out of these; then
// Content-Type must name the encoding, so the header of such a page waits until the declaration has been read.
#pragma once

#include <string>
#include <string_view>

#include "html/tokens/encoding.h"

namespace personalize::module {

class PageCharset {
 public:
  /// `content_type`: of the response.
  explicit PageCharset(std::string_view content_type);

  /// The page's next bytes.
  void read(std::string_view bytes);
  /// Nothing else will change what is known.
  bool known() const { return known_; }
  /// The charset that Content-Type must name if the rewritten page begins with `output`: empty if none. Of static
  /// storage.
  std::string_view missing_in(std::string_view output) const;

 private:
  bool known_;
  html::Declaration declaration_;
  std::string start_;  // of the page
};

}  // namespace personalize::module
