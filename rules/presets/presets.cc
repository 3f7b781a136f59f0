#include "rules/presets/presets.h"

#include <algorithm>

namespace personalize::rules {
namespace {

constexpr Preset known_presets[] = {
#include "preset_texts.inc"  // made by CMake out of conf/presets
};

}  // namespace

std::span<const Preset> presets() { return known_presets; }

std::optional<std::string_view> find_preset(std::string_view name) {
  const auto* const found = std::ranges::find(known_presets, name, &Preset::name);
  if (found == std::end(known_presets)) return std::nullopt;
  return found->text;
}

}  // namespace personalize::rules
