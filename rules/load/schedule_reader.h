// When rules apply: schedules, the holidays that they name, and time zones.
#pragma once

#include <cstdint>
#include <vector>

#include "rules/compiled.h"
#include "rules/load/fields.h"
#include "rules/load/sources.h"
#include "rules/yaml/document.h"

namespace personalize::rules::load {

/// Reports what is wrong. All holidays are read before the first rule.
class ScheduleReader {
 public:
  ScheduleReader(RuleSet::Impl& set, Sources& sources, Reports& reports)
      : set_(set), sources_(sources), reports_(reports) {}

  void read_holidays(const yaml::Document& document, const Fields& file);
  /// Number of the zone among those of the rule set; 0, UTC, if there is none of that name.
  std::uint32_t read_zone(const yaml::Document& document, const yaml::Node& name);
  /// Adds the rule's schedules. `zone`: of those that name none.
  void read(const yaml::Document& document, const Fields& rule_fields, std::uint32_t zone, Rule& rule);

 private:
  void read_schedule(const yaml::Document& document, const yaml::Node& node, std::uint32_t zone, Rule& rule);
  bool read_dates(const yaml::Document& document, const std::vector<const yaml::Node*>& nodes,
                  std::vector<Dates>& dates);

  RuleSet::Impl& set_;
  Sources& sources_;
  Reports& reports_;
  std::vector<std::vector<Dates>> holiday_dates_;
};

}  // namespace personalize::rules::load
