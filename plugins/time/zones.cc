#include "plugins/time/zones.h"

#include <date/tz.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <string>
#include <unordered_map>

namespace personalize::plugins {
namespace {

std::int64_t seconds_of(date::sys_seconds t) { return t.time_since_epoch().count(); }

}  // namespace

struct Zones::Impl {
  struct Offset {
    std::int64_t from = 0;   // holds from here…
    std::int64_t until = 0;  // …to before here, seconds since 1970
    std::int32_t seconds = 0;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const { return std::hash<std::string_view>()(name); }
  };

  const date::tzdb& database = date::get_tzdb();
  std::unordered_map<std::string, Offset, Hash, std::equal_to<>> offsets;

  const date::time_zone* find(std::string_view name) const {
    auto zone = std::lower_bound(database.zones.begin(), database.zones.end(), name,
                                 [](const date::time_zone& z, std::string_view n) { return z.name() < n; });
    return zone != database.zones.end() && zone->name() == name ? &*zone : nullptr;
  }
};

Zones::Zones() : impl_(std::make_unique<Impl>()) {}
Zones::~Zones() = default;

bool Zones::known(std::string_view name) const { return impl_->find(name) != nullptr; }

std::int32_t Zones::utc_offset(std::string_view name, std::int64_t seconds) {
  auto cached = impl_->offsets.find(name);
  if (cached != impl_->offsets.end() && seconds >= cached->second.from && seconds < cached->second.until)
    return cached->second.seconds;
  const date::time_zone* zone = impl_->find(name);
  if (!zone) return 0;
  Impl::Offset offset;
  try {
    const date::sys_info info = zone->get_info(date::sys_seconds(std::chrono::seconds(seconds)));
    offset = {seconds_of(info.begin), seconds_of(info.end), static_cast<std::int32_t>(info.offset.count())};
  } catch (const std::exception&) {  // the zone's file is damaged
    offset = {seconds, seconds + 60, 0};
  }
  impl_->offsets.insert_or_assign(std::string(name), offset);
  return offset.seconds;
}

}  // namespace personalize::plugins
