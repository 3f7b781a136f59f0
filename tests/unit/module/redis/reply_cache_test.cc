#include "module/redis/reply_cache.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <memory_resource>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace personalize::nginx::redis {
namespace {

constexpr std::uint64_t never = ~std::uint64_t{0};

struct Cache {
  explicit Cache(std::size_t size) : memory(size), cache(ReplyCache::make(memory.data(), size, 1)) {}
  ReplyCache* operator->() const { return cache; }
  std::optional<std::string> find(std::string_view key, std::uint64_t now) const {
    std::pmr::monotonic_buffer_resource copies;
    const auto found = cache->find(key, now, copies);
    return found ? std::optional<std::string>(*found) : std::nullopt;
  }
  std::vector<char> memory;
  ReplyCache* cache;
};

TEST(ReplyCache, NeedsSomeMemory) {
  for (std::size_t size : {0, 1, 63, 1000, 100'000}) EXPECT_EQ(Cache(size).cache, nullptr) << size;
  EXPECT_NE(Cache(512 * 1024 - 8 * 4096).cache, nullptr);
}

TEST(ReplyCache, GivesBackWhatWasWritten) {
  Cache cache(1 << 20);
  EXPECT_FALSE(cache.find("ann", 0));
  EXPECT_TRUE(cache->write("ann", "Ann", 0, 100).kept);
  EXPECT_EQ(cache.find("ann", 99), "Ann");
  EXPECT_FALSE(cache.find("an", 99));
  EXPECT_FALSE(cache.find("ann ", 99));
  EXPECT_TRUE(cache->write("ann", "Anna", 50, 150).kept);
  EXPECT_EQ(cache.find("ann", 99), "Anna");
  EXPECT_TRUE(cache->write("", "", 50, 150).kept);
  EXPECT_EQ(cache.find("", 99), "");
}

TEST(ReplyCache, ForgetsWhatIsTooOld) {
  Cache cache(1 << 20);
  cache->write("ann", "Ann", 0, 100);
  EXPECT_FALSE(cache.find("ann", 100));
}

TEST(ReplyCache, RefusesWhatIsTooLarge) {
  Cache cache(512 * 1024);
  EXPECT_FALSE(cache->write("ann", std::string(ReplyCache::largest_value + 1, 'x'), 0, never).kept);
  EXPECT_FALSE(cache->write(std::string(400'000, 'x'), "", 0, never).kept);
  EXPECT_EQ(cache->used(), 0u);
}

TEST(ReplyCache, LetsOneFindOutWhatOthersWaitFor) {
  Cache cache(1 << 20);
  EXPECT_TRUE(cache->claim("ann", 0, 100));
  EXPECT_FALSE(cache->claim("ann", 99, 199));
  EXPECT_TRUE(cache->claim("bob", 99, 199));
  EXPECT_TRUE(cache->claim("ann", 100, 200)) << "whoever claimed it was too slow";
  cache->release("ann");
  EXPECT_TRUE(cache->claim("ann", 101, 201));
  cache->write("ann", "Ann", 102, 103);
  EXPECT_TRUE(cache->claim("ann", 103, 203));
  cache->write("ann", std::string(ReplyCache::largest_value + 1, 'x'), 104, 105);
  EXPECT_TRUE(cache->claim("ann", 105, 205)) << "what cannot be kept nobody waits for";
}

/// Whatever is written, what is found is what was written last under exactly that key.
TEST(ReplyCache, NeverGivesOutAnotherKeysValue) {
  constexpr unsigned seed = 20261122;
  std::mt19937 random(seed);
  for (std::size_t size : {std::size_t{400'000}, std::size_t{1 << 20}}) {
    Cache cache(size);
    std::map<std::string, std::string> written;
    std::size_t found = 0, evicted = 0;
    for (std::uint64_t now = 0; now < 20'000; ++now) {
      std::string key = "visitor" + std::to_string(random() % 400) + std::string(random() % 4, 'k');
      if (random() % 2 == 0) {
        std::string value = key + "=" + std::to_string(now) + std::string(random() % 3000, 'v');
        const auto result = cache->write(key, value, now, now + 2000);
        ASSERT_TRUE(result.kept);
        evicted += result.evicted;
        written[key] = value;
      } else if (auto value = cache.find(key, now)) {
        ASSERT_EQ(*value, written[key]) << "seed " << seed << ", round " << now;
        ++found;
      }
      ASSERT_LE(cache->used(), cache->capacity());
    }
    EXPECT_GT(found, 50u);
    EXPECT_GT(evicted, 100u);
  }
}

TEST(ReplyCache, KeepsTheNewestWhenItIsFull) {
  Cache cache(1 << 20);
  const std::string value(1000, 'v');
  for (int i = 0; i < 10'000; ++i) cache->write("visitor" + std::to_string(i), value, 0, never);
  int kept = 0;
  for (int i = 9900; i < 10'000; ++i) kept += cache.find("visitor" + std::to_string(i), 1).has_value();
  EXPECT_GT(kept, 95);
  EXPECT_FALSE(cache.find("visitor0", 1));
}

}  // namespace
}  // namespace personalize::nginx::redis
