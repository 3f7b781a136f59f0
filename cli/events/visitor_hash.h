// Visitors' ids for other people's tools: the same id is the same hash under one key, and without the key nobody finds
// the id again.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace personalize::cli {

class VisitorHash {
 public:
  /// With the key in that file, its first line, at least 16 characters; or why there is none.
  static tl::expected<VisitorHash, std::string> from_file(const std::string& path);
  /// With a key of its own, which nobody knows.
  static VisitorHash random();

  /// 22 characters: HMAC-SHA-256, of which 128 bits are kept, as base64url. Valid until the next call.
  std::string_view of(std::string_view visitor);

 private:
  explicit VisitorHash(std::string key) : key_(std::move(key)) {}

  std::string key_;
  std::array<char, 22> text_{};
};

}  // namespace personalize::cli
