// Text from a page's bytes: its encoding converted to UTF-8, character references decoded.
#pragma once

#include <string>
#include <string_view>

namespace personalize::html {

/// Converts to UTF-8 from an encoding, as `encoding_name` gives it. What cannot be converted becomes U+FFFD. Without a
/// name, bytes that are not UTF-8 are taken to be windows-1252, as browsers do.
class ToUtf8 {
 public:
  explicit ToUtf8(std::string_view encoding) : encoding_(encoding) {}
  ~ToUtf8();
  ToUtf8(const ToUtf8&) = delete;
  ToUtf8& operator=(const ToUtf8&) = delete;

  /// `bytes` themselves if they are UTF-8 already, else a view of `scratch`.
  std::string_view operator()(std::string_view bytes, std::string& scratch);

 private:
  std::string_view encoding_;
  void* converter_ = nullptr;  // a UConverter, once it is needed
};

/// A piece of text is followed by a tag: a character reference at its end is complete, whatever comes. `text` is raw.
void close_reference(std::string& text);

}  // namespace personalize::html
