// The fields of a request's body: of a form, or of JSON, whose names are paths ("lines.0.sku" in {"lines": [{"sku":
// …}]}).
//
// Whatever a browser or anybody else sends is taken to be hostile.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace personalize::learn::events {

namespace limits {
inline constexpr std::size_t max_form_bytes = 16 * 1024;  ///< of a body that is looked at
inline constexpr std::size_t max_form_fields = 256;       ///< further ones are left out
inline constexpr std::size_t max_form_name_bytes = 256;   ///< longer ones are left out
inline constexpr std::size_t max_form_depth = 16;         ///< of JSON
}  // namespace limits

struct FormField {
  std::string_view name, value;  ///< decoded, UTF-8

  friend bool operator==(const FormField&, const FormField&) = default;
};

/// Which fields matter.
struct WantedFields {
  std::span<const std::string> names = {};  ///< ascending
  bool all = false;                         ///< in place of `names`
};

enum class FormOutcome : std::uint8_t {
  read,
  other_type,  ///< it is neither a form nor JSON
  too_large,
  malformed,  ///< what was read until then is not given
};
std::string_view to_string(FormOutcome outcome);

class FormReader {
 public:
  FormReader();
  ~FormReader();
  FormReader(FormReader&&) noexcept;
  FormReader& operator=(FormReader&&) noexcept;

  /// `content_type`: the header's value. The body must not be compressed. Of fields with the same name the first
  /// counts; files, null, and what is not UTF-8 are left out.
  FormOutcome read(std::string_view content_type, std::string_view body, const WantedFields& wanted);
  /// Of the last body, in its order; they belong to the reader until the next call.
  std::span<const FormField> fields() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace personalize::learn::events
