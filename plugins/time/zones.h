// Local time from the system's time zone database (Debian's tzdata) by way of Howard Hinnant's library.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

namespace personalize::plugins {

/// Offsets from UTC, remembered per zone until the next change of the clocks. For one thread.
class Zones {
 public:
  /// Throws std::runtime_error if the system has no time zone database.
  Zones();
  ~Zones();

  /// True for an IANA name that the system knows.
  bool known(std::string_view name) const;
  /// Seconds to add to UTC at that time (seconds since 1970); 0 in unknown zones.
  std::int32_t utc_offset(std::string_view name, std::int64_t seconds);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace personalize::plugins
