#include "plugins/device/recent_devices.h"

#include <initializer_list>
#include <utility>

namespace personalize::plugins {
namespace {

std::size_t bytes_of(const DeviceDescription& device) {
  std::size_t bytes = sizeof(DeviceDescription);
  const auto& [browser, system, hardware] = device.parsed;
  for (const std::string* text :
       {&browser.family, &browser.major, &browser.minor, &browser.patch, &browser.patch_minor, &system.family,
        &system.major, &system.minor, &system.patch, &system.patch_minor, &hardware.family, &hardware.brand,
        &hardware.model, &device.system_version, &device.browser_version})
    bytes += text->size();
  return bytes;
}

}  // namespace

const DeviceDescription& RecentDevices::of(const DeviceHeaders& headers, const UserAgentParser& parser) {
  key_.clear();
  for (std::string_view part : {headers.user_agent, headers.brands, headers.full_versions, headers.mobile,
                                headers.platform, headers.platform_version, headers.model, headers.form_factors})
    key_.append(part).push_back('\n');  // no header has one

  if (auto known = index_.find(key_); known != index_.end()) {
    entries_.splice(entries_.begin(), entries_, known->second);
    return known->second->device;
  }
  Entry entry{key_, describe(headers, parser), 0};
  entry.bytes = entry.key.size() + bytes_of(entry.device);
  bytes_ += entry.bytes;
  entries_.push_front(std::move(entry));
  index_.emplace(entries_.front().key, entries_.begin());
  while (entries_.size() > max_entries_ || (bytes_ > max_bytes_ && entries_.size() > 1)) drop_oldest();
  return entries_.front().device;
}

void RecentDevices::clear() {
  index_.clear();
  entries_.clear();
  bytes_ = 0;
}

void RecentDevices::drop_oldest() {
  bytes_ -= entries_.back().bytes;
  index_.erase(entries_.back().key);
  entries_.pop_back();
}

}  // namespace personalize::plugins
