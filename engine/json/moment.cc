#include "engine/json/moment.h"

#include <chrono>

#include "rules/cel/timestamps.h"

namespace personalize::engine::json {

tl::expected<std::int64_t, std::string> parse_moment(const std::string& text) {
  constexpr std::size_t day = sizeof("2026-12-24") - 1, minute = sizeof("2026-12-24T18:00") - 1;
  std::string whole = text;
  if (whole.size() == day) {
    whole += "T00:00:00Z";
  } else if (whole.size() > minute && whole[minute] != ':') {
    whole.insert(minute, ":00");
  }
  if (const auto moment = rules::cel::parse_timestamp(whole))
    return moment->seconds() * 1'000'000 + moment->nanos() / 1000;
  const bool without_offset = text.size() >= minute && rules::cel::parse_timestamp(text.substr(0, minute) + ":00Z") &&
                              text.find_first_not_of("0123456789:.", minute) == text.npos;
  if (without_offset)
    return tl::unexpected("\"" + text + "\" may be one of many times: add its offset from UTC, such as +01:00 or Z");
  return tl::unexpected("\"" + text + "\" is not a time such as 2026-12-24T18:00+01:00 or 2026-12-24T17:00:00Z");
}

std::int64_t now() {
  using namespace std::chrono;
  return duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
}

}  // namespace personalize::engine::json
