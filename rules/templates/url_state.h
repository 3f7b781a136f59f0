// What part of an address a place of a template is, and which addresses are let through.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace personalize::rules::templates {

/// Schemes that an address may have: the others run script or show what does not come from the network.
bool allowed_scheme(std::string_view scheme);

/// The scheme of an address as browsers see it (leading white space and inner line breaks do not count), in lower case;
/// empty if it is relative.
std::string scheme_of(std::string_view address);

class UrlState {
 public:
  enum class Part : std::uint8_t {
    start,         ///< nothing yet: a value is the whole beginning, scheme included
    maybe_scheme,  ///< only characters that could be a scheme
    value_so_far,  ///< the same, but some of them from a value: no `:` may follow
    settled,       ///< after the scheme, or it is relative
  };
  Part part() const { return part_; }

  /// Static text that follows. Returns why it is refused, or null.
  const char* feed(char c);
  void feed_value();
  void join(const UrlState& other);
  bool operator==(const UrlState&) const = default;

 private:
  Part part_ = Part::start;
  std::string scheme_;
};

}  // namespace personalize::rules::templates
