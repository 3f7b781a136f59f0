// The names that encodings have in Content-Type headers and pages.
#pragma once

#include <cstdint>
#include <string_view>

namespace personalize::html {

enum class LabelKind : std::uint8_t { unknown, utf8, utf16, ascii_compatible, unsupported };

struct EncodingLabel {
  LabelKind kind = LabelKind::unknown;
  std::string_view name;  ///< of static storage; empty if unknown
};

/// `label` in lower case and without white space around it.
EncodingLabel find_label(std::string_view label);

}  // namespace personalize::html
