#include "learn/events/event_id.h"

#include <gtest/gtest.h>

#include <regex>
#include <string>

namespace personalize::learn::events {
namespace {

TEST(EventId, IsAUuidOfVersion7) {
  // RFC 9562, appendix A.6.
  EXPECT_EQ(EventId(0x017F22E279B0, 0xCC3, 0x18C4DC0C0C07398F).text(), "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
  const std::regex uuid("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  for (const std::uint64_t random : {std::uint64_t{0}, ~std::uint64_t{0}})
    EXPECT_TRUE(std::regex_match(std::string(EventId(1764410000123, random, random).text()), uuid));
}

TEST(EventId, SortsByTime) {
  EXPECT_LT(EventId(1764410000123, ~0ull, ~0ull).text(), EventId(1764410000124, 0, 0).text());
}

}  // namespace
}  // namespace personalize::learn::events
