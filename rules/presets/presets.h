// Rule files that come with the program: events and facts of shop software. They are part of it, so that NGINX and the
// tool have the same ones, wherever they run.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace personalize::rules {

struct Preset {
  std::string_view name;  ///< "woocommerce" of `include: personalize:woocommerce`
  std::string_view text;
};

/// All of them, by name.
std::span<const Preset> presets();

std::optional<std::string_view> find_preset(std::string_view name);

}  // namespace personalize::rules
