// The coding in which a page is sent, for Content-Encoding.
#pragma once

#include <cstdint>
#include <string_view>

namespace personalize::module {

enum class Coding : std::uint8_t { identity, gzip, brotli };

/// "gzip", "br", as in Accept-Encoding and Content-Encoding.
constexpr std::string_view to_string(Coding coding) {
  switch (coding) {
    case Coding::identity: break;
    case Coding::gzip: return "gzip";
    case Coding::brotli: return "br";
  }
  return "identity";
}

}  // namespace personalize::module
