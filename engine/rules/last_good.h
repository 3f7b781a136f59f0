// Sets of rules that proved good, kept for a start or a reload at which the files have mistakes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "engine/rules/rule_files.h"

namespace personalize::engine {

/// `number` counts up from set to set.
struct NumberedTexts {
  RuleTexts texts;
  std::uint64_t number = 0;
};

/// All texts in one piece with a checksum, and back; nothing if that is damaged.
std::string pack(const RuleTexts& texts, std::uint64_t number = 0);
std::optional<NumberedTexts> unpack(std::string_view packed);

/// The texts of the set that is in use, in memory that a process shares with those that it forks: what a worker loads
/// while it runs, the master knows at the next reload.
class LiveRules {
 public:
  LiveRules();
  ~LiveRules();
  LiveRules(const LiveRules&) = delete;
  LiveRules& operator=(const LiveRules&) = delete;

  /// Without memory the previous set stays. Several processes and threads may do this at once.
  void keep(const RuleTexts& texts) const noexcept;
  std::optional<RuleTexts> read() const;

 private:
  std::optional<NumberedTexts> read(int place) const;

  std::array<int, 2> places_;  // file descriptors; the older set is overwritten, so that one is whole at any time
};

/// A folder that only we may read and write.
class LastGood {
 public:
  /// `patterns` are those of the rules; they identify the set.
  LastGood(std::string folder, const std::vector<std::string>& patterns);

  /// Replaces the saved set atomically; makes the folder if needed. Or why it cannot.
  tl::expected<void, std::string> save(const RuleTexts& texts) const;
  tl::expected<RuleTexts, std::string> load() const;

 private:
  std::string folder_;
  std::string name_;
};

}  // namespace personalize::engine
