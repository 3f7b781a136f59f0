// time.*: the visitor's local time.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "plugins/built_in_plugin.h"
#include "plugins/time/zones.h"
#include "rules/schedule/calendar.h"

namespace personalize::plugins {

/// In the zone `geo.time_zone` or, where that is not known, in the configured default zone.
class TimePlugin : public BuiltInPlugin {
 public:
  std::string_view name() const override { return "time"; }
  void configure(const Settings& settings) override;
  void apply_rule_settings(const RuleSettings& settings) override;
  std::span<const AttributeRow> attributes() const override;
  std::span<const RoleRow> roles() const override;
  void activate(Activation& activation) override;
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
    full_date,
    season,
    daypart,
    is_weekend,
    holiday,
    holidays,
    field_count,
  };

 private:
  /// A list of holidays.
  struct Calendar {
    std::string name;
    std::vector<rules::Dates> days;
  };
  void resolve_holidays(date::sys_days today, Attributes& attributes) const;

  std::optional<rules::AttributeId> geo_time_zone_;
  std::optional<rules::AttributeId> geo_latitude_;  // for the season
  std::string default_zone_;
  std::vector<Calendar> calendars_;
  mutable std::unique_ptr<Zones> zones_;  // a worker has one thread
};

}  // namespace personalize::plugins
