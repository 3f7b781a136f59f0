// How a body is encoded, according to Content-Encoding.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace personalize::module {

enum class BodyCoding : std::uint8_t { gzip, deflate, brotli };

/// The codings of a body that we can read, in the order in which they were applied.
///
/// Words in this header that are not codings are ignored, as browsers do: names of charsets and MIME types, MIME's
/// names for text that is not encoded, and words that mean "none".
class BodyCodings {
 public:
  static constexpr std::size_t max_codings = 3;

  /// The value of one Content-Encoding header.
  void add(std::string_view value);

  bool readable() const { return readable_; }
  bool empty() const { return size_ == 0; }
  std::span<const BodyCoding> list() const { return {codings_.data(), size_}; }
  /// "gzip, br"
  std::string text() const;
  bool operator==(const BodyCodings&) const = default;

 private:
  std::array<BodyCoding, max_codings> codings_{};
  std::uint8_t size_ = 0;
  bool readable_ = true;
};

/// True if this is the name of a coding that we can read, as in Accept-Encoding and Content-Encoding.
bool is_readable_coding(std::string_view name);

}  // namespace personalize::module
