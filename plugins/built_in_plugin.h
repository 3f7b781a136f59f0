// What built-in plugins tell the engine besides what all plugins do.
#pragma once

#include <cstddef>
#include <span>

#include "plugins/host_settings.h"
#include "plugins/plugin.h"
#include "rules/schema.h"

namespace personalize::plugins {

/// A role of one of the plugin's attributes, by its position in `Plugin::attributes`.
struct RoleRow {
  std::size_t attribute;
  rules::Role role;
};

class BuiltInPlugin : public Plugin {
 public:
  virtual std::span<const RoleRow> roles() const { return {}; }
  /// Once, before `configure`, with what only built-in plugins see of the configuration.
  virtual void configure_host(const HostSettings& settings) { (void)settings; }
  /// Whether its replies are the visitor's profile.
  virtual bool is_profile() const { return false; }
};

}  // namespace personalize::plugins
