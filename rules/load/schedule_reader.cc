#include "rules/load/schedule_reader.h"

#include <algorithm>
#include <array>

#include "rules/cel/timestamps.h"
#include "rules/spelling.h"
#include "rules/text/ascii.h"

namespace personalize::rules::load {
namespace {

constexpr std::array<std::string_view, 7> weekday_names = {"sunday",   "monday", "tuesday", "wednesday",
                                                           "thursday", "friday", "saturday"};

/// Number of a weekday, 0 is Sunday, written in full or with its first three letters; -1 if it is none.
int parse_weekday(std::string_view written) {
  const std::string name = text::ascii_lower(written);
  for (std::size_t i = 0; i < weekday_names.size(); ++i)
    if (name == weekday_names[i] || name == weekday_names[i].substr(0, 3)) return static_cast<int>(i);
  return -1;
}

/// Bits of "mon", "monday" or "mon-fri"; 0 if it is none of these.
unsigned parse_weekdays(std::string_view text) {
  const std::size_t dash = text.find('-');
  int day = parse_weekday(text.substr(0, dash));
  const int last = dash == std::string_view::npos ? day : parse_weekday(text.substr(dash + 1));
  if (day < 0 || last < 0) return 0;
  unsigned bits = 1u << day;
  while (day != last) bits |= 1u << (day = (day + 1) % 7);
  return bits;
}

std::optional<Schedule::Hours> parse_hours(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto begin = parse_time(text.substr(0, dash)), end = parse_time(text.substr(dash + 1));
  if (!begin || !end || *begin == *end) return std::nullopt;
  return Schedule::Hours{*begin, *end};
}

}  // namespace

void ScheduleReader::read_holidays(const yaml::Document& document, const Fields& file) {
  const yaml::Node* lists = file.find("holidays");
  if (!lists) return;
  for (const auto& [name, value] : named_entries(document, *lists, false, reports_)) {
    const bool added = define(sources_.holidays, "list of holidays", document, *name,
                              static_cast<std::uint32_t>(holiday_dates_.size()), reports_);
    std::vector<Dates> dates;
    Holidays holidays{name->text, {}};
    if (!value->is_list() && !value->is_scalar()) {
      reports_.add(
          document.at(*value, in_quotes(name->text) + " must be a list of days, not " + std::string(describe(*value))));
    } else {
      for (const yaml::Node* day : value->is_list() ? value->items : std::vector<const yaml::Node*>{value}) {
        const auto parsed = Dates::parse(day->text);
        if (parsed) {
          dates.push_back(*parsed);
          holidays.days.push_back(day->text);
        } else {
          reports_.add(document.at(*day, in_quotes(day->text) +
                                             " is not a day: write 2026-12-24, 12-25 for every year, or " +
                                             "2026-12-24..2026-12-26"));
        }
      }
    }
    if (!added) continue;
    holiday_dates_.push_back(std::move(dates));
    set_.settings.holidays.push_back(std::move(holidays));
  }
}

std::uint32_t ScheduleReader::read_zone(const yaml::Document& document, const yaml::Node& name) {
  const auto known = std::find(set_.zones.begin(), set_.zones.end(), name.text);
  if (known != set_.zones.end()) return static_cast<std::uint32_t>(known - set_.zones.begin());
  if (!cel::zone_offset(name.text, 0)) {
    reports_.add(document.at(name, "unknown time zone " + in_quotes(name.text) + "; write it like Europe/Dublin"));
    return 0;
  }
  set_.zones.push_back(name.text);
  return static_cast<std::uint32_t>(set_.zones.size() - 1);
}

bool ScheduleReader::read_dates(const yaml::Document& document, const std::vector<const yaml::Node*>& nodes,
                                std::vector<Dates>& dates) {
  for (const yaml::Node* node : nodes) {
    if (const auto parsed = Dates::parse(node->text)) {
      dates.push_back(*parsed);
      continue;
    }
    const auto list = sources_.holidays.find(node->text);
    if (list == sources_.holidays.end()) {
      Nearest nearest(node->text);
      for (const auto& [name, definition] : sources_.holidays) nearest.consider(name);
      reports_.add(document.at(*node, "unknown list of holidays " + in_quotes(node->text) + nearest.hint()));
    } else {
      list->second.used = true;
      const std::vector<Dates>& listed = holiday_dates_[list->second.number];
      dates.insert(dates.end(), listed.begin(), listed.end());
    }
  }
  return !nodes.empty();
}

void ScheduleReader::read(const yaml::Document& document, const Fields& rule_fields, std::uint32_t zone, Rule& rule) {
  for (const yaml::Node* node : rule_fields.objects("schedule")) read_schedule(document, *node, zone, rule);
  if (const yaml::Node* list = rule_fields.find("schedule"); list && list->is_list() && list->items.empty())
    reports_.add(document.at(*list, "the schedule is empty"));
}

void ScheduleReader::read_schedule(const yaml::Document& document, const yaml::Node& node, std::uint32_t zone,
                                   Rule& rule) {
  const Fields fields(document, node, schedule_object, reports_);
  Schedule schedule;
  for (auto [key, bound] : {std::pair{"from", &schedule.from}, std::pair{"until", &schedule.until}}) {
    const yaml::Node* value = fields.find(key);
    if (!value) continue;
    const auto parsed = Bound::parse(value->text);
    if (parsed) {
      *bound = *parsed;
    } else {
      reports_.add(document.at(*value, in_quotes(value->text) + " is neither a day, 2026-12-24, nor a moment, " +
                                           "2026-12-24T18:00 or 2026-12-24T18:00+01:00"));
    }
  }
  if (schedule.from.kind == schedule.until.kind && schedule.from.kind != Bound::Kind::none &&
      (schedule.until.day < schedule.from.day || schedule.until.seconds < schedule.from.seconds))
    reports_.add(document.at(*fields.find("until"), "`until` is before `from`"));
  for (const yaml::Node* value : fields.texts("hours")) {
    const auto hours = parse_hours(value->text);
    if (hours)
      schedule.hours.push_back(*hours);
    else
      reports_.add(document.at(*value, in_quotes(value->text) + " is not a time of day: write 07:00-22:00"));
  }
  for (const yaml::Node* value : fields.texts("weekdays")) {
    const unsigned days = parse_weekdays(value->text);
    schedule.weekdays |= days;
    if (!days)
      reports_.add(
          document.at(*value, in_quotes(value->text) + " is not a day of the week: write monday, mon or mon-fri"));
  }
  if (const yaml::Node* value = fields.find("repeat")) {
    const bool starts = schedule.from.kind != Bound::Kind::none;
    auto repeat = Recurrence::parse(value->text, starts ? std::optional(schedule.from.day) : std::nullopt);
    if (repeat) {
      schedule.repeat = *std::move(repeat);
    } else {
      reports_.add(document.at(*value, repeat.error().offset, repeat.error().message));
    }
  }
  schedule.restricts_days = read_dates(document, fields.texts("holidays"), schedule.only);
  read_dates(document, fields.texts("except"), schedule.except);
  schedule.zone = zone;
  if (const yaml::Node* own = fields.find("timezone")) {
    schedule.visitor = own->text == "visitor";
    if (!schedule.visitor) schedule.zone = read_zone(document, *own);
  }
  if (node.is_map() && node.entries.empty()) reports_.add(document.at(node, "the schedule is empty"));
  rule.schedules.push_back(std::move(schedule));
}

}  // namespace personalize::rules::load
