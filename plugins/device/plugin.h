// device.*: the visitor's device, operating system and browser.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "plugins/built_in_plugin.h"
#include "plugins/device/recent_devices.h"
#include "plugins/device/watched_regexes.h"

namespace personalize::plugins {

/// From User-Agent and Client Hints, by uap-core's regular expressions. They are only loaded if a rule wants
/// to know, and again when their file changes.
class DevicePlugin : public BuiltInPlugin {
 public:
  std::string_view name() const override { return "device"; }
  void configure(const Settings& settings) override;
  bool take_over(const Plugin& serving) override;
  std::span<const AttributeRow> attributes() const override;
  std::span<const RoleRow> roles() const override;
  void activate(Activation& activation) override;
  void maintain(MaintenanceReport& report) override;
  void metrics(std::vector<Metric>& metrics) const override;
  void resolve(const Request& request, std::span<const Reply> replies, Attributes& attributes) const override;

  enum Field : std::uint8_t {
    type,
    family,
    brand,
    model,
    os,
    os_version,
    os_major,
    browser,
    browser_version,
    browser_major,
    is_bot,
    is_mobile,
    is_touch,
    field_count,
  };

 private:
  static constexpr std::size_t max_recent = 4096;
  static constexpr std::size_t max_recent_bytes = 8 << 20;

  /// Shared by the instances that take over from each other.
  struct Regexes {
    std::mutex lock;  // around `maintain`, which changes them, and what may run in another thread
    std::unique_ptr<WatchedRegexes> watched;
    std::uint64_t replaced = 0;
    std::uint64_t refused = 0;
  };
  void poll(MaintenanceReport& report);

  std::string path_;
  std::shared_ptr<Regexes> regexes_ = std::make_shared<Regexes>();
  std::shared_ptr<const UserAgentParser> parser_;               // of `regexes_`, as of the last `maintain`
  mutable RecentDevices recent_{max_recent, max_recent_bytes};  // a worker has one thread
};

}  // namespace personalize::plugins
