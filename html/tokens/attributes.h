// The attributes of a tag, read from its bytes one after the other.
#pragma once

#include <cstddef>
#include <string_view>

namespace personalize::html {

/// An attribute as it stands in the page: not decoded, not lower-cased, without quotes.
struct RawAttribute {
  std::string_view name;
  std::string_view value;
};

/// An attribute and where it stands: offsets into the bytes the cursor was given.
struct AttributePlace {
  RawAttribute attribute;
  std::size_t begin = 0;        ///< of the name
  std::size_t end = 0;          ///< after the name, the value or its closing quote
  std::size_t value_begin = 0;  ///< of the value, after an opening quote; `end` if there is none
  char quote = 0;               ///< `"`, `'` or 0
  bool has_value = false;       ///< there is a `=` (and something after it)
};

/// Reads what stands in a tag between its name and its `>` (§13.2.5.32 to .40).
class AttributeCursor {
 public:
  explicit AttributeCursor(std::string_view bytes) : bytes_(bytes) {}

  /// Next attribute in the order of the page, duplicates too; false at the end.
  bool next(AttributePlace& place);

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
};

/// The attributes in `bytes` that are complete whatever follows. `bytes` begin after the name of a tag and are cut
/// somewhere.
std::string_view complete_attributes(std::string_view bytes);

/// Where the attributes begin in the bytes of a start tag (`<name …>`): after its name.
std::size_t attributes_begin(std::string_view tag);

}  // namespace personalize::html
