#include "learn/events/vocabulary.h"

#include <gtest/gtest.h>

namespace personalize::learn::events {
namespace {

TEST(Vocabulary, FindsEveryNameAndNoOther) {
  for (const Word& word : vocabulary()) {
    EXPECT_EQ(to_string(word.name), word.text);
    EXPECT_EQ(find_event_name(word.text), word.name);
  }
  for (const char* other : {"", "View_Item", "view", "view_item ", "pageview"})
    EXPECT_EQ(find_event_name(other), std::nullopt) << other;
}

TEST(Vocabulary, BrowsersSayNothingAboutMoneyOrTheCatalogue) {
  for (const EventName name : {EventName::purchase, EventName::refund, EventName::item, EventName::item_gone})
    EXPECT_FALSE(browsers_may_say(name)) << to_string(name);
  for (const EventName name : {EventName::view_item, EventName::add_to_cart, EventName::dwell})
    EXPECT_TRUE(browsers_may_say(name)) << to_string(name);
}

}  // namespace
}  // namespace personalize::learn::events
