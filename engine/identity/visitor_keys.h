// The secrets by which visitors' ids are recognized as ours.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace personalize::engine::identity {

/// Keys in the order of their file: the first one signs, all of them verify. So a key is replaced by putting a new one
/// before it on all edges, and taking the old one away when the cookies that it signed are gone.
class VisitorKeys {
 public:
  static constexpr std::size_t min_key_bytes = 32;
  static constexpr std::size_t max_key_bytes = 256;
  static constexpr std::size_t max_keys = 8;

  /// One key a line, of any printable characters; empty lines and those that begin with `#` are ignored. Or what is
  /// wrong with the text, without a byte of it.
  static tl::expected<VisitorKeys, std::string> parse(std::string_view text);
  /// A new file's text. Or why there are no random bytes.
  static tl::expected<std::string, std::string> generate();

  const std::vector<std::string>& all() const { return keys_; }

 private:
  std::vector<std::string> keys_;  // at least one
};

}  // namespace personalize::engine::identity
