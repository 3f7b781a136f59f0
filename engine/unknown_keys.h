// Cookies, header fields and variables that rules mention although no directive names them: they are never known.
#pragma once

#include <cstdint>
#include <span>

#include "plugins/host_settings.h"
#include "rules/diagnostic.h"
#include "rules/rule_set.h"

namespace personalize::engine {

/// What an empty list in settings means.
enum class EmptyList : std::uint8_t {
  nothing,  ///< nothing is named
  unsaid,   ///< it is not known what is
};

/// Warnings at the first place of each. `settings`: all that the rules are used with; a name may be in any of them.
rules::Diagnostics unknown_keys(const rules::RuleSet& rules, std::span<const plugins::HostSettings* const> settings,
                                EmptyList empty);

}  // namespace personalize::engine
