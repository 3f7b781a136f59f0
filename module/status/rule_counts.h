// How often each rule won, counted by its id, so that counting goes on when its files change. The number of names is
// limited, for the sake of the metrics system.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "rules/rule_set.h"

namespace personalize::module {

inline constexpr std::size_t max_counted_rules = 1000;  ///< by name; all others are counted together
inline constexpr std::size_t max_rule_id_bytes = 127;   ///< rules with longer ids are counted with the others

/// The names of counters, in shared memory; all zero is a valid initial state. Names stay for as long as NGINX runs.
class CountedRules {
 public:
  /// For each rule of the set, the number of its counter; `max_counted_rules` for those that share one. The caller must
  /// hold a lock.
  std::vector<std::uint16_t> numbers(const rules::RuleSet& rules);
  /// The number of names so far; counters have the same numbers.
  std::size_t size() const { return size_.load(std::memory_order_acquire); }
  std::string_view name(std::size_t number) const { return names_[number].data(); }

 private:
  std::atomic<std::size_t> size_;
  std::array<std::array<char, max_rule_id_bytes + 1>, max_counted_rules> names_;
};

}  // namespace personalize::module
