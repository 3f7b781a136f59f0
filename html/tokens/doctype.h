// Reads a DOCTYPE, which decides whether a page is in quirks mode.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace personalize::html {

struct Doctype {
  std::optional<std::string> name;  ///< lower-cased
  std::optional<std::string> public_id;
  std::optional<std::string> system_id;
  bool force_quirks = false;
};

/// From its bytes, `<!doctype` and (unless the page ended in it) `>` included (§13.2.5.53 to .68).
Doctype parse_doctype(std::string_view bytes);

/// The page is to be read in quirks mode.
bool is_quirks_doctype(std::string_view bytes);

}  // namespace personalize::html
