// Regular expressions of which the first that matches counts, by RE2: linear time whatever the text.
#pragma once

#include <re2/filtered_re2.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/device/literal_finder.h"

namespace personalize::plugins {

/// What a match's groups hold; [0] is the whole match. Groups that took no part are empty.
using Groups = std::array<std::string_view, 10>;

class PatternList {
 public:
  PatternList();
  /// Returns RE2's complaint, empty if there is none. `caseless`: letters match in either case.
  std::string add(const std::string& regex, bool caseless);
  /// Once, after the last `add`. Puts the literals without which none of the patterns can match into the
  /// finder, with ids from `first_id` on; returns the id after the last.
  std::uint32_t compile(LiteralFinder& finder, std::uint32_t first_id);
  /// The first matching pattern's number, or -1. `found` are the finder's ids for this text, of other lists
  /// too.
  int first_match(std::string_view text, const std::vector<std::uint32_t>& found, Groups& groups) const;
  std::size_t size() const { return static_cast<std::size_t>(patterns_.NumRegexps()); }

 private:
  re2::FilteredRE2 patterns_;
  std::uint32_t first_id_ = 0;
  std::uint32_t end_id_ = 0;
};

}  // namespace personalize::plugins
