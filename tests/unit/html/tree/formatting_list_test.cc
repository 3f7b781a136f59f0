#include "html/tree/formatting_list.h"

#include <gtest/gtest.h>

namespace personalize::html {
namespace {

using Entry = FormattingList::Entry;

const TagName b{TagId::b, 0}, i{TagId::i, 0};

FormattingList list_of(std::initializer_list<Entry> entries) {
  FormattingList list;
  for (const Entry& entry : entries) list.push(entry);
  list.count_closed();
  return list;
}

TEST(FormattingList, FindsTheLastOfANameAfterTheLastMarker) {
  FormattingList list = list_of({{.name = b, .frame = 1}, {.name = b, .frame = 2}, {.name = i, .frame = 3}});
  EXPECT_EQ(list.find(b), 1u);
  list.push_marker();
  EXPECT_EQ(list.find(b), list.size());
  EXPECT_EQ(list.before_marker(), 3u);
  list.push({.name = b, .frame = 5});
  EXPECT_EQ(list.find(b), 4u);
  EXPECT_EQ(list.before_marker(), 3u);
}

TEST(FormattingList, FindsAFrameInFrontOfMarkersToo) {
  FormattingList list = list_of({{.name = b, .frame = 1}});
  list.push_marker();
  EXPECT_EQ(list.of_frame(1), 0u);
  EXPECT_EQ(list.of_frame(2), list.size());
}

TEST(FormattingList, CountsWhatWaitsForBeingOpenedAgain) {
  FormattingList list = list_of({{.name = b}, {.name = i, .frame = 2}, {.name = b}});
  EXPECT_EQ(list.closed(), 2u);
  list.push_marker();
  EXPECT_EQ(list.closed(), 0u);
  list.push({.name = i});
  list.count_closed();
  EXPECT_EQ(list.closed(), 1u);
  list.clear();
  EXPECT_EQ(list.size() + list.closed(), 0u);
}

TEST(FormattingList, KeepsItsOrderWhenEntriesComeAndGo) {
  FormattingList list = list_of({{.name = b, .frame = 1}, {.name = b, .frame = 2}, {.name = b, .frame = 4}});
  list.insert(2, {.name = i, .frame = 3});
  list.erase(0);
  ASSERT_EQ(list.size(), 3u);
  for (std::uint16_t at = 0; at < 3; ++at) EXPECT_EQ(list[at].frame, at + 2);
  EXPECT_EQ(list.last().frame, 4);
  EXPECT_EQ(list.before_marker(), 0u);
}

TEST(FormattingList, IsFullAtItsLimit) {
  FormattingList list;
  while (list.size() < FormattingList::max_size) {
    EXPECT_FALSE(list.full());
    list.push({.name = b});
  }
  EXPECT_TRUE(list.full());
}

}  // namespace
}  // namespace personalize::html
