// "Did you mean": the known name nearest to one that is not known.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace personalize::rules {

/// Edits (insertion, deletion, substitution, swap of neighbours, each 1; a change of case alone is free) that
/// turn one name into the other (optimal string alignment), or `limit + 1` if there are more than `limit`.
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit);

/// Give it every candidate, then ask. Names longer than 64 bytes are never suggested.
class Nearest {
 public:
  explicit Nearest(std::string_view name);
  void consider(std::string_view candidate);
  /// The nearest candidate if it is near enough to be meant (about one edit in three characters), or empty.
  std::string_view result() const { return best_; }
  /// ", did you mean NAME?" or empty.
  std::string hint() const;

 private:
  std::string_view name_;
  std::string_view best_;
  std::size_t distance_;  // of `best_`, or one more than may be
};

}  // namespace personalize::rules
