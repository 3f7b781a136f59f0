#include "rules/decide/page_index.h"

#include <algorithm>

namespace personalize::rules {

std::uint32_t PageIndex::add(const PagePatterns& pages) {
  const auto [found, added] = numbers_.try_emplace(pages.to_string(), static_cast<std::uint32_t>(lists_.size()));
  if (added) lists_.push_back(pages);
  return found->second;
}

void PageIndex::build() {
  for (std::uint32_t number = 0; number < lists_.size(); ++number) {
    if (lists_[number].included().empty()) only_excluding_.push_back(number);
    for (const std::string& pattern : lists_[number].included()) {
      const std::size_t star = pattern.find('*');
      if (star == std::string::npos) {
        exact_[pattern].lists.push_back(number);
        continue;
      }
      std::vector<Entry>& bucket = by_prefix_[pattern.substr(0, star)];
      auto entry = std::find_if(bucket.begin(), bucket.end(), [&](const Entry& e) { return e.pattern == pattern; });
      if (entry == bucket.end()) entry = bucket.insert(entry, {pattern, {}});
      entry->lists.push_back(number);
    }
  }
  for (auto& [pattern, entry] : exact_) entry.pattern = pattern;
  for (const auto& [prefix, bucket] : by_prefix_) prefix_lengths_.push_back(prefix.size());
  std::sort(prefix_lengths_.begin(), prefix_lengths_.end());
  prefix_lengths_.erase(std::unique(prefix_lengths_.begin(), prefix_lengths_.end()), prefix_lengths_.end());
}

bool PageIndex::matches(const Entry& entry, std::string_view path) const {
  return std::ranges::any_of(entry.lists, [&](std::uint32_t number) { return lists_[number].match(path); });
}

bool PageIndex::matches(std::string_view path) const {
  if (lists_.empty()) return false;
  if (const auto exact = exact_.find(path); exact != exact_.end() && matches(exact->second, path)) return true;
  for (std::size_t length : prefix_lengths_) {
    if (length > path.size()) break;
    const auto bucket = by_prefix_.find(path.substr(0, length));
    if (bucket == by_prefix_.end()) continue;
    for (const Entry& entry : bucket->second)
      if (matches_glob(entry.pattern, path) && matches(entry, path)) return true;
  }
  return std::ranges::any_of(only_excluding_, [&](std::uint32_t number) { return lists_[number].match(path); });
}

void PageIndex::collect(const Entry& entry, std::string_view path, std::pmr::vector<std::uint32_t>& found) const {
  for (std::uint32_t number : entry.lists)
    if (lists_[number].match(path)) found.push_back(number);  // it may exclude the path
}

std::pmr::vector<std::uint32_t> PageIndex::find(std::string_view path, std::pmr::memory_resource& memory) const {
  std::pmr::vector<std::uint32_t> found(&memory);
  if (lists_.empty()) return found;
  if (const auto exact = exact_.find(path); exact != exact_.end()) collect(exact->second, path, found);
  for (std::size_t length : prefix_lengths_) {
    if (length > path.size()) break;
    const auto bucket = by_prefix_.find(path.substr(0, length));
    if (bucket == by_prefix_.end()) continue;
    for (const Entry& entry : bucket->second)
      if (matches_glob(entry.pattern, path)) collect(entry, path, found);
  }
  for (std::uint32_t number : only_excluding_)
    if (lists_[number].match(path)) found.push_back(number);
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

}  // namespace personalize::rules
