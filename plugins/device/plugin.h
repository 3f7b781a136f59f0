// device.*: what the visitor holds in their hand.
#pragma once

#include "plugins/plugin.h"

namespace personalize::plugins {

class DevicePlugin : public Plugin {
 public:
  std::string_view name() const override { return "device"; }
  void resolve(const Request&, std::span<const Reply>, Attributes&) const override {}
};

}  // namespace personalize::plugins
