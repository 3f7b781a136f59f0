#include "html/reorder.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace personalize::html {
namespace {

/// Each child is one digit or letter of `text`: digits are keys, letters have none.
std::string reorder(std::string_view text) {
  std::vector<HeldChild> children;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ' ') continue;
    const bool digit = text[i] >= '0' && text[i] <= '9';
    children.push_back({i, i + 1, digit, digit ? text[i] - '0' : 0});
  }
  std::string result;
  for (const HeldPiece& piece : reordered(0, text.size(), children)) result += text.substr(piece.begin, piece.end - piece.begin);
  return result;
}

TEST(Reorder, SortsByKeyAndKeepsWhatIsBetween) {
  EXPECT_EQ(reorder(" 3 1  2 "), " 1 2  3 ");
  EXPECT_EQ(reorder("321"), "123");
}

TEST(Reorder, PutsChildrenWithoutKeyLastInTheirOrder) { EXPECT_EQ(reorder("b 2 a 1"), "1 2 b a"); }

TEST(Reorder, IsOnePieceWhereNothingChanges) {
  const HeldChild children[] = {{1, 2, true, 5}, {3, 4, true, 5}, {4, 6, false, 0}};
  const std::vector<HeldPiece> pieces = reordered(0, 9, children);
  ASSERT_EQ(pieces.size(), 1u);
  EXPECT_EQ(pieces[0].begin, 0u);
  EXPECT_EQ(pieces[0].end, 9u);
  EXPECT_TRUE(reordered(3, 3, {}).empty());
}

}  // namespace
}  // namespace personalize::html
