#include "rules/value.h"

#include <cstring>

namespace personalize::rules {

std::string_view copy(Arena& arena, std::string_view text) {
  if (text.empty()) return {};
  auto* bytes = static_cast<char*>(arena.allocate(text.size(), 1));
  std::memcpy(bytes, text.data(), text.size());
  return {bytes, text.size()};
}

}  // namespace personalize::rules
