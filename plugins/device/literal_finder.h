// Finds which of many literals occur in a text, in one pass: Aho and Corasick, "Efficient string matching"
// (1975), with the transitions of all states filled in.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace personalize::plugins {

/// ASCII letters match in either case.
class LiteralFinder {
 public:
  LiteralFinder();
  /// Ids may repeat; an empty literal is never found.
  void add(std::string_view literal, std::uint32_t id);
  /// Once, after the last `add`.
  void compile();
  /// Appends the id of every literal in the text, once for each place where it ends.
  void find(std::string_view text, std::vector<std::uint32_t>& ids) const;

 private:
  using State = std::uint32_t;
  static constexpr State none = ~State{0};
  struct Output {
    std::uint32_t id;
    std::uint32_t next;  // in outputs_, or none
  };

  std::uint32_t state_count() const { return static_cast<std::uint32_t>(first_output_.size()); }
  State& transition(State state, std::uint8_t symbol) { return transitions_[state * 256 + symbol]; }

  std::vector<State> transitions_;           // while adding by byte, compiled by class
  std::vector<std::uint32_t> first_output_;  // by state
  std::vector<Output> outputs_;
  std::array<std::uint8_t, 256> class_of_{};  // of a byte; 0: in no literal
  std::uint32_t classes_ = 1;
};

}  // namespace personalize::plugins
