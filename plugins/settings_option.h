// The settings of the built-in plugins, defined once for both hosts: `personalize_time_zone Europe/London;` in NGINX is
// `--time-zone Europe/London` in the tool.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "plugins/host_settings.h"
#include "plugins/plugin.h"

namespace personalize::plugins {

struct SettingsOption {
  std::string_view name;     ///< "time_zone": NGINX puts "personalize_" in front, the tool writes it with dashes
  std::string_view words;    ///< what follows, for usage
  std::string_view meaning;  ///< one line for usage
  bool one_word = false;     ///< exactly one word follows, else one or more
  bool adds_up = false;      ///< may be said several times at one place
  bool is_file = false;      ///< the word is a path
  /// Adds to `settings` what `words` say. Throws ConfigurationError without a place: the host knows where they
  /// stand.
  void (*apply)(std::span<const std::string> words, HostSettings& settings) = nullptr;
};

inline constexpr std::size_t settings_option_count = 6;
/// All of them; their positions do not change while the program runs.
std::span<const SettingsOption, settings_option_count> settings_options();

/// The defaults: no visitor is recognized without consent.
HostSettings default_settings();

}  // namespace personalize::plugins
