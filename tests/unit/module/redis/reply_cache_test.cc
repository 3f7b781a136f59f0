#include "module/redis/reply_cache.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <memory_resource>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace personalize::module::redis {
namespace {

constexpr std::uint64_t never = ~std::uint64_t{0};

/// The key of the reply to a command that reads `redis_key`.
ReplyKey get(std::string_view redis_key, std::string_view command = {}) {
  return {redis_key, command.empty() ? redis_key : command};
}

struct Cache {
  explicit Cache(std::size_t size) : memory(size), cache(ReplyCache::make(memory.data(), size, 1)) {}
  ReplyCache* operator->() const { return cache; }
  std::optional<std::string> find(const ReplyKey& key, std::uint64_t now) const {
    std::pmr::monotonic_buffer_resource copies;
    const auto found = cache->find(key, now, copies);
    return found ? std::optional<std::string>(*found) : std::nullopt;
  }
  std::optional<std::string> find(std::string_view key, std::uint64_t now) const { return find(get(key), now); }
  /// One that was asked for just now.
  ReplyCache::Written write(std::string_view key, std::string_view value, std::uint64_t now, std::uint64_t expires) {
    return cache->write(get(key), value, never, now, expires);
  }
  bool claim(std::string_view key, std::uint64_t now, std::uint64_t until) {
    return cache->claim(get(key), now, until).has_value();
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
  EXPECT_TRUE(cache.write("ann", "Ann", 0, 100).kept);
  EXPECT_EQ(cache.find("ann", 99), "Ann");
  EXPECT_FALSE(cache.find("an", 99));
  EXPECT_FALSE(cache.find("ann ", 99));
  EXPECT_TRUE(cache.write("ann", "Anna", 50, 150).kept);
  EXPECT_EQ(cache.find("ann", 99), "Anna");
  EXPECT_TRUE(cache.write("", "", 50, 150).kept);
  EXPECT_EQ(cache.find("", 99), "");
}

TEST(ReplyCache, ForgetsWhatIsTooOld) {
  Cache cache(1 << 20);
  cache.write("ann", "Ann", 0, 100);
  EXPECT_FALSE(cache.find("ann", 100));
}

TEST(ReplyCache, RefusesWhatIsTooLarge) {
  Cache cache(512 * 1024);
  EXPECT_FALSE(cache.write("ann", std::string(ReplyCache::max_value_bytes + 1, 'x'), 0, never).kept);
  EXPECT_FALSE(cache.write(std::string(400'000, 'x'), "", 0, never).kept);
  EXPECT_EQ(cache->used(), 0u);
}

TEST(ReplyCache, LetsOneFindOutWhatOthersWaitFor) {
  Cache cache(1 << 20);
  EXPECT_TRUE(cache.claim("ann", 0, 100));
  EXPECT_FALSE(cache.claim("ann", 99, 199));
  EXPECT_TRUE(cache.claim("bob", 99, 199));
  EXPECT_TRUE(cache.claim("ann", 100, 200)) << "whoever claimed it was too slow";
  cache->release(get("ann"));
  EXPECT_TRUE(cache.claim("ann", 101, 201));
  cache.write("ann", "Ann", 102, 103);
  EXPECT_TRUE(cache.claim("ann", 103, 203));
  cache.write("ann", std::string(ReplyCache::max_value_bytes + 1, 'x'), 104, 105);
  EXPECT_TRUE(cache.claim("ann", 105, 205)) << "what cannot be kept nobody waits for";
}

/// Whatever is written, a lookup finds what was last written under exactly that key.
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
        const auto result = cache.write(key, value, now, now + 2000);
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
  for (int i = 0; i < 10'000; ++i) cache.write("visitor" + std::to_string(i), value, 0, never);
  int kept = 0;
  for (int i = 9900; i < 10'000; ++i) kept += cache.find("visitor" + std::to_string(i), 1).has_value();
  EXPECT_GT(kept, 95);
  EXPECT_FALSE(cache.find("visitor0", 1));
}

TEST(ReplyCache, DropsWhatAWriteMayHaveChangedAndNothingElse) {
  Cache cache(1 << 20);
  for (std::string_view command : {"HGET ann a", "HGET ann b", "HGETALL ann"})
    EXPECT_TRUE(cache->write(get("ann", command), command, never, 0, never).kept);
  EXPECT_TRUE(cache.write("anna", "Anna", 0, never).kept);
  cache->begin_write("ann", 1, 100);
  for (std::string_view command : {"HGET ann a", "HGET ann b", "HGETALL ann"})
    EXPECT_FALSE(cache.find(get("ann", command), 1)) << command;
  EXPECT_EQ(cache.find("anna", 1), "Anna");
  cache->end_write("ann");
  EXPECT_EQ(cache.find("anna", 1), "Anna");
}

TEST(ReplyCache, KeepsManyCommandsThatReadOneKey) {
  Cache cache(1 << 20);
  const auto command = [](int i) { return "HGET ann field" + std::to_string(i); };
  for (int i = 0; i < 10; ++i) cache->write(get("ann", command(i)), command(i), never, 0, never);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(cache.find(get("ann", command(i)), 1), command(i));
  cache->begin_write("ann", 1, 100);
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(cache.find(get("ann", command(i)), 1));
}

TEST(ReplyCache, KeepsNoReplyThatWasAskedForBeforeAWriteWasOver) {
  Cache cache(1 << 20);
  const auto before = cache->claim(get("ann"), 0, 1000);
  ASSERT_TRUE(before);
  EXPECT_TRUE(cache->current("ann", *before, 0));
  cache->begin_write("ann", 1, 500);
  EXPECT_FALSE(cache->current("ann", *before, 1));
  EXPECT_FALSE(cache->write(get("ann"), "old", *before, 2, never).kept);
  EXPECT_FALSE(cache->claim(get("ann"), 3, 1000)) << "while it is being written nobody asks";
  cache->begin_write("ann", 4, 500);
  cache->end_write("ann");
  EXPECT_FALSE(cache->claim(get("ann"), 5, 1000)) << "there are two writes";
  cache->end_write("ann");
  EXPECT_FALSE(cache->write(get("ann"), "old", *before, 6, never).kept);
  const auto after = cache->claim(get("ann"), 6, 1000);
  ASSERT_TRUE(after);
  EXPECT_TRUE(cache->write(get("ann"), "new", *after, 7, never).kept);
  EXPECT_EQ(cache.find("ann", 8), "new");
}

TEST(ReplyCache, LetsOthersAskWhereTheReplyToWhoAsksIsOutdated) {
  Cache cache(1 << 20);
  ASSERT_TRUE(cache.claim("ann", 0, 1000));
  cache->begin_write("ann", 1, 500);
  cache->end_write("ann");
  EXPECT_TRUE(cache.claim("ann", 2, 1000));
}

TEST(ReplyCache, WaitsForAWriteOnlyAsLongAsItIsGivenAndDropsItsEffectsAllTheSame) {
  Cache cache(1 << 20);
  cache->begin_write("ann", 0, 500);  // by a worker that was killed, or whose Redis is silent
  EXPECT_FALSE(cache.claim("ann", 499, 1000));
  const auto asked = cache->claim(get("ann"), 500, 1000);
  ASSERT_TRUE(asked);
  EXPECT_TRUE(cache->write(get("ann"), "old", *asked, 501, never).kept);
  cache->end_write("ann");
  EXPECT_FALSE(cache.find("ann", 502));
  EXPECT_TRUE(cache.claim("ann", 503, 1000));
}

/// However many keys are written, no outdated reply is kept: at worst, one that could be kept is not.
TEST(ReplyCache, KeepsNoOutdatedReplyHoweverManyKeysAreWritten) {
  constexpr unsigned seed = 20261129;
  std::mt19937 random(seed);
  Cache cache(1 << 20);
  std::map<std::string, int> values;
  std::map<std::string, bool> writing;
  struct Question {
    std::string key, value;
    ReplyCache::Moment asked;
  };
  std::vector<Question> questions;
  std::size_t kept = 0, right = 0;
  for (std::uint64_t now = 0; now < 200'000; ++now) {
    const std::string key = "visitor" + std::to_string(random() % 3000);
    switch (random() % 4) {
      case 0:  // the write happens somewhere between its beginning and end
        if (writing[key]) {
          if (random() % 2 == 0) ++values[key];
          cache->end_write(key);
        } else {
          cache->begin_write(key, now, never);
          ++values[key];
        }
        writing[key] = !writing[key];
        break;
      case 1:
        if (const auto asked = cache->claim(get(key), now, now + 10))
          questions.push_back({key, std::to_string(values[key]), *asked});
        break;
      case 2:
        if (questions.empty()) break;
        std::swap(questions[random() % questions.size()], questions.back());
        kept +=
            cache->write(get(questions.back().key), questions.back().value, questions.back().asked, now, never).kept;
        questions.pop_back();
        break;
      default:
        if (const auto found = cache.find(key, now)) {
          ASSERT_EQ(*found, std::to_string(values[key])) << "seed " << seed << ", round " << now;
          ++right;
        }
    }
  }
  EXPECT_GT(kept, 1000u);
  EXPECT_GT(right, 1000u);
}

}  // namespace
}  // namespace personalize::module::redis
