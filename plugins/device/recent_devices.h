// Descriptions of the devices that were seen last: a shop's visitors share a few hundred User-Agents.
#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "plugins/device/description.h"

namespace personalize::plugins {

/// Least recently used out first; bounded in number and in bytes. For one thread.
class RecentDevices {
 public:
  RecentDevices(std::size_t max_entries, std::size_t max_bytes) : max_entries_(max_entries), max_bytes_(max_bytes) {}

  /// The description for these headers, made by `describe` if it is not there. Valid until the next call.
  const DeviceDescription& of(const DeviceHeaders& headers, const UserAgentParser& parser);

  void clear();
  std::size_t size() const { return entries_.size(); }
  std::size_t bytes() const { return bytes_; }  ///< of keys and texts, roughly

 private:
  struct Entry {
    std::string key;
    DeviceDescription device;
    std::size_t bytes;
  };
  void drop_oldest();

  std::size_t max_entries_;
  std::size_t max_bytes_;
  std::size_t bytes_ = 0;
  std::list<Entry> entries_;                                                // newest first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> index_;  // keys point into the entries
  std::string key_;
};

}  // namespace personalize::plugins
