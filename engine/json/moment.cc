#include "engine/json/moment.h"

#include <date/date.h>

#include <chrono>
#include <sstream>

namespace personalize::engine::json {

tl::expected<std::int64_t, std::string> parse_moment(const std::string& text) {
  using Micros = date::sys_time<std::chrono::microseconds>;
  for (const char* format : {"%FT%T%Ez", "%FT%H:%M%Ez", "%FT%TZ", "%FT%H:%MZ", "%F"}) {
    std::istringstream in(text);
    Micros moment;
    in >> date::parse(format, moment);
    if (!in.fail() && in.peek() == std::char_traits<char>::eof()) return moment.time_since_epoch().count();
  }
  return tl::unexpected("\"" + text + "\" is not a time such as 2026-12-24T18:00+01:00 or 2026-12-24T17:00:00Z");
}

std::int64_t now() {
  using namespace std::chrono;
  return duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
}

}  // namespace personalize::engine::json
