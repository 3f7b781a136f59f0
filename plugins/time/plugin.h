// time.*: what the clock on the visitor's wall says.
#pragma once

#include <array>
#include <memory>
#include <string>

#include "plugins/plugin.h"
#include "plugins/time/zones.h"

namespace personalize::plugins {

/// In the zone `geo.time_zone` or, where that is not known, in the configured default zone.
class TimePlugin : public Plugin {
 public:
  std::string_view name() const override { return "time"; }
  void configure(const Settings& settings) override;
  void attributes(rules::Schema& schema) override;
  void activate(const rules::Schema& schema, std::span<std::uint8_t> wanted) override;
  void resolve(const Request& request, std::span<const Reply> replies, Attributes& attributes) const override;

  enum Field : std::uint8_t {
    zone,
    utc_offset_minutes,
    now,
    hour,
    minute,
    minute_of_day,
    weekday,
    weekday_number,
    day,
    month,
    year,
    week,
    day_of_year,
    date,
    season,
    daypart,
    is_weekend,
    field_count,
  };

 private:
  std::array<rules::AttributeId, field_count> ids_{};
  rules::AttributeId geo_time_zone_ = 0;
  rules::AttributeId geo_latitude_ = 0;
  bool knows_place_ = false;  // the two above are attributes
  std::string default_zone_;
  mutable std::unique_ptr<Zones> zones_;  // a worker has one thread
};

}  // namespace personalize::plugins
