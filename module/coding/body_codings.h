// What Content-Encoding says of a body.
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
/// Words that are no codings but are found in this header do not count; browsers ignore them too. These are names of
/// charsets and MIME types, what MIME calls the encoding of text that is not encoded, and words for nothing.
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

/// True for the name of a coding that can be read, as in Accept-Encoding and Content-Encoding.
bool is_readable_coding(std::string_view name);

}  // namespace personalize::module
