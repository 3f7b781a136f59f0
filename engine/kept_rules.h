// Sets of rules that proved good, kept for a start or a reload at which the files have mistakes.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/rule_files.h"

namespace personalize::engine {

/// All texts in one piece with a checksum, and back. `number` counts up from set to set.
std::string pack(const RuleTexts& texts, std::uint64_t number = 0);
bool unpack(std::string_view packed, RuleTexts& texts, std::uint64_t& number);

/// The texts of the set that is in use, in memory that a process shares with those that it forks: what a worker takes
/// in while it runs is known to the master at the next reload.
class LiveRules {
 public:
  LiveRules();
  ~LiveRules();
  LiveRules(const LiveRules&) = delete;
  LiveRules& operator=(const LiveRules&) = delete;

  /// Without memory the set before stays. Several processes and threads may do this at once.
  void keep(const RuleTexts& texts) const noexcept;
  /// False if there is nothing.
  bool read(RuleTexts& texts) const;

 private:
  bool read(int place, RuleTexts& texts, std::uint64_t& number) const;

  std::array<int, 2> places_;  // file descriptors; the older set is overwritten, so that one is whole at any time
};

/// A folder that only we may read and write.
class LastGood {
 public:
  /// `patterns`: the rules' own, which tell one set from another.
  LastGood(std::string folder, const std::vector<std::string>& patterns);

  /// Replaces what is there at one stroke; makes the folder if need be. False after setting `problem`.
  bool save(const RuleTexts& texts, std::string& problem) const;
  bool load(RuleTexts& texts, std::string& problem) const;

 private:
  std::string folder_;
  std::string name_;
};

}  // namespace personalize::engine
