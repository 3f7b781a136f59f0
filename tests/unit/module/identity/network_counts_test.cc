#include "module/identity/network_counts.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace personalize::module {
namespace {

using enum NetworkCounts::Verdict;

constexpr std::uint32_t now = 1'764'000'000, hour = NetworkCounts::window;

struct Memory {
  explicit Memory(std::size_t bytes = 64 * 1024) : bytes(bytes / sizeof(std::uint64_t)) {}
  NetworkCounts* make() { return NetworkCounts::make(std::as_writable_bytes(std::span(bytes))); }
  std::vector<std::uint64_t> bytes;
};

std::uint64_t v4(unsigned char b, unsigned char c, unsigned char d) {
  const unsigned char address[] = {198, b, c, d};
  return network_of(address);
}

TEST(NetworkCounts, BelievesAnIdFromFiftyNetworksAnHourAndNotFromOneMore) {
  Memory memory;
  NetworkCounts& counts = *memory.make();
  for (unsigned i = 0; i < 50; ++i)
    for (int times = 0; times < 3; ++times) ASSERT_EQ(counts.add("ann", v4(1, i, times), now + i), usual) << i;
  EXPECT_EQ(counts.add("bob", v4(1, 99, 1), now), usual);
  EXPECT_EQ(counts.add("ann", v4(1, 99, 1), now + 60), now_shared);
  EXPECT_EQ(counts.add("ann", v4(1, 0, 0), now + 61), shared);
  EXPECT_EQ(counts.add("bob", v4(1, 0, 0), now), usual);
}

TEST(NetworkCounts, BelievesAgainAfterADayOfSilenceAndNotBefore) {
  Memory memory;
  NetworkCounts& counts = *memory.make();
  for (unsigned i = 0; i <= 50; ++i) counts.add("ann", v4(1, i, 0), now);
  constexpr std::uint32_t day = NetworkCounts::banned_for;
  EXPECT_EQ(counts.add("ann", v4(1, 0, 0), now + day - 1), shared);
  EXPECT_EQ(counts.add("ann", v4(1, 0, 0), now + 2 * day - 2), shared);
  EXPECT_EQ(counts.add("ann", v4(1, 0, 0), now + 3 * day), usual);
}

TEST(NetworkCounts, CountsEachHourAnew) {
  Memory memory;
  NetworkCounts& counts = *memory.make();
  for (unsigned hours = 0; hours < 5; ++hours)
    for (unsigned i = 0; i < 40; ++i)
      ASSERT_EQ(counts.add("ann", v4(hours, i, 0), now + hours * hour), usual) << hours << " " << i;
}

TEST(NetworkCounts, KeepsWhatIsKnownOfMuchUsedIdsWhereThereIsLittleMemory) {
  Memory memory(4 * 1024);
  NetworkCounts& counts = *memory.make();
  for (unsigned i = 0; i < 50; ++i) {
    ASSERT_EQ(counts.add("hot", v4(1, i, 0), now), usual);
    if (i < 2) continue;  // nothing is known of it yet that others have not
    for (int other = 0; other < 100; ++other) counts.add("visitor" + std::to_string(i * 100 + other), v4(2, 0, 0), now);
  }
  EXPECT_EQ(counts.add("hot", v4(1, 50, 0), now), now_shared);
}

TEST(NetworkCounts, ANetworkIsWhatOneHouseholdHas) {
  EXPECT_EQ(v4(1, 2, 3), v4(1, 2, 200));
  EXPECT_NE(v4(1, 2, 3), v4(1, 3, 3));
  const unsigned char one[16] = {0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 1}, same[16] = {0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 2},
                      other[16] = {0x20, 0x01, 0x0d, 0xb8, 0, 2};
  EXPECT_EQ(network_of(one), network_of(same));
  EXPECT_NE(network_of(one), network_of(other));
}

TEST(NetworkCounts, NeedsMemory) { EXPECT_EQ(Memory(256).make(), nullptr); }

}  // namespace
}  // namespace personalize::module
