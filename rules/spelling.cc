#include "rules/spelling.h"

#include <algorithm>
#include <array>

namespace personalize::rules {
namespace {

constexpr std::size_t max_word_size = 64;

char fold(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit) {
  if (a.size() > max_word_size || b.size() > max_word_size) return limit + 1;
  if (std::max(a.size(), b.size()) - std::min(a.size(), b.size()) > limit) return limit + 1;
  std::array<std::array<std::size_t, max_word_size + 1>, 3> rows;
  for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto& row = rows[i % 3];
    const auto& above = rows[(i - 1) % 3];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = fold(a[i - 1]) == fold(b[j - 1]);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], rows[(i - 2) % 3][j - 2] + 1);
      }
    }
  }
  return std::min(rows[a.size() % 3][b.size()], limit + 1);
}

Nearest::Nearest(std::string_view name) : name_(name), distance_(std::clamp<std::size_t>(name.size() / 3, 1, 4) + 1) {}

void Nearest::consider(std::string_view candidate) {
  if (candidate == name_) return;
  const std::size_t distance = edit_distance(name_, candidate, distance_);
  if (distance < distance_) {
    distance_ = distance;
    best_ = candidate;
  }
}

std::string Nearest::hint() const {
  return best_.empty() ? std::string() : ", did you mean " + std::string(best_) + "?";
}

}  // namespace personalize::rules
