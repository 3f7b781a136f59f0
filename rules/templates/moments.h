// Days and moments that filters are given.
#pragma once

#include <unicode/datefmt.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "rules/value.h"

namespace personalize::rules::templates {

struct Moment {
  double milliseconds = 0;  ///< since 1970 UTC
  bool whole_day = false;   ///< which begins at that time in UTC, and is the same day in every zone
};

/// Of a timestamp, of seconds since 1970, and of text that is one ("2026-12-24T18:00:00Z") or a day ("2026-12-24",
/// "-0043-03-15"). Nothing if it is something else.
std::optional<Moment> moment_of(const Value& value);

/// Whether it is within the time that calendars have (ECMA-262: 100 million days before and after 1970).
bool in_calendar(const Moment& moment);

/// One of ICU's formats, and what the module's time zones say. Gregorian days are counted as if that calendar had
/// always been in use, as Intl does.
class MomentFormat {
 public:
  explicit MomentFormat(std::unique_ptr<icu::DateFormat> format);
  /// `zone`: an IANA name; UTC if it is none. Nothing if ICU could not make the format.
  std::optional<icu::UnicodeString> format(const Moment& moment, std::string_view zone);

 private:
  void use_zone(std::string_view name, double milliseconds);

  std::unique_ptr<icu::DateFormat> format_;
  std::string zone_;        // of the last moment
  bool stands_in_ = false;  // the format has another one in its place
};

}  // namespace personalize::rules::templates
