#include "module/status/rule_counts.h"

#include <algorithm>
#include <unordered_map>

namespace personalize::module {

std::vector<std::uint16_t> CountedRules::numbers(const rules::RuleSet& rules) {
  std::size_t size = this->size();
  std::unordered_map<std::string_view, std::size_t> known;
  for (std::size_t i = 0; i < size; ++i) known.emplace(name(i), i);

  std::vector<std::uint16_t> numbers(rules.rule_count(), max_counted_rules);
  for (rules::RuleId rule = 0; rule < numbers.size(); ++rule) {
    const std::string_view id = rules.rule_name(rule);
    auto found = known.find(id);
    if (found == known.end()) {
      if (size == max_counted_rules || id.size() > max_rule_id_bytes) continue;
      *std::copy(id.begin(), id.end(), names_[size].begin()) = '\0';
      found = known.emplace(name(size), size).first;
      size_.store(++size, std::memory_order_release);
    }
    numbers[rule] = static_cast<std::uint16_t>(found->second);
  }
  return numbers;
}

}  // namespace personalize::module
