#include "engine/redis/slot_map.h"

#include <gtest/gtest.h>

#include "tests/unit/engine/redis/replies.h"

namespace personalize::engine::redis {
namespace {

using plugins::Reply;

Reply list(std::span<const Reply> elements) { return {.kind = Reply::Kind::array, .elements = elements}; }

const Address asked = *Address::literal("192.0.2.9", 7000);

/// The map of one range whose master is described by `node`.
std::optional<std::vector<SlotRange>> map_of(std::vector<Reply> node, std::int64_t first = 0, std::int64_t last = 100) {
  const Reply range[] = {number(first), number(last), list(node)};
  const Reply ranges[] = {list(range)};
  return parse_slots(list(ranges), asked);
}

TEST(SlotMap, NamesTheMasterOfEachRange) {
  const auto map = map_of({text("192.0.2.1"), number(6379), text("id")}, 5, 9);
  ASSERT_TRUE(map && map->size() == 1);
  EXPECT_EQ(map->front().first, 5);
  EXPECT_EQ(map->front().last, 9);
  EXPECT_EQ(map->front().master.text(), "192.0.2.1:6379");
}

TEST(SlotMap, TakesTheAddressThatWasAskedForOneThatIsNotKnown) {
  EXPECT_EQ(map_of({text(""), number(6379)})->front().master.text(), "192.0.2.9:6379");
  EXPECT_EQ(map_of({Reply{.kind = Reply::Kind::nil}, number(6379)})->front().master.text(), "192.0.2.9:6379");
}

TEST(SlotMap, FindsTheAddressBehindAName) {
  const Reply facts[] = {text("hostname"), text("redis.example"), text("ip"), text("192.0.2.3")};
  EXPECT_EQ(map_of({text("redis.example"), number(6379), text("id"), list(facts)})->front().master.text(),
            "192.0.2.3:6379");
  EXPECT_TRUE(map_of({text("redis.example"), number(6379), text("id")})->empty()) << "names are not resolved";
}

TEST(SlotMap, TellsWhatRedirectsCallAServer) {
  const Reply facts[] = {text("ip"), text("192.0.2.3")};
  EXPECT_EQ(map_of({text("redis.example"), number(6379), text("id"), list(facts)})->front().name, "redis.example:6379");
  EXPECT_EQ(map_of({text("?"), number(6379), text("id"), list(facts)})->front().name, "") << "many are called that";
  EXPECT_EQ(map_of({text(""), number(6379)})->front().name, "");
  EXPECT_EQ(map_of({text("192.0.2.1"), number(6379)})->front().name, "");
}

TEST(SlotMap, IsNothingIfItIsWrong) {
  const std::vector<Reply> node = {text("192.0.2.1"), number(6379)};
  EXPECT_FALSE(map_of(node, 7, 6));
  EXPECT_FALSE(map_of(node, -1, 6));
  EXPECT_FALSE(map_of(node, 0, 16384));
  EXPECT_FALSE(parse_slots(text("OK"), asked));
  const Reply strings[] = {text("a"), text("b")};
  EXPECT_FALSE(parse_slots(list(strings), asked));
  EXPECT_TRUE(map_of({text("192.0.2.1")})->empty());
  EXPECT_TRUE(map_of({text("192.0.2.1"), number(0)})->empty());
  EXPECT_TRUE(map_of({text("192.0.2.1"), text("6379")})->empty());
}

TEST(Redirect, IsReadFromTheError) {
  const auto moved = parse_redirect("MOVED 3999 192.0.2.1:6381", asked);
  ASSERT_TRUE(moved);
  EXPECT_EQ(moved->kind, Redirect::Kind::moved);
  EXPECT_EQ(moved->slot, 3999);
  EXPECT_EQ(moved->to->text(), "192.0.2.1:6381");
  EXPECT_EQ(parse_redirect("ASK 0 :6381", asked)->kind, Redirect::Kind::ask);
  EXPECT_EQ(parse_redirect("ASK 0 :6381", asked)->to->text(), "192.0.2.9:6381");
  EXPECT_EQ(parse_redirect("ASK 1 2001:db8::1:6381", asked)->to->text(), "[2001:db8::1]:6381");
}

TEST(Redirect, MayNameAHost) {
  for (std::string_view target : {"redis.example:6379", "?:6379", "localhost", "192.0.2.1:99999"}) {
    const std::string error = "MOVED 7 " + std::string(target);
    const auto moved = parse_redirect(error, asked);
    ASSERT_TRUE(moved) << target;
    EXPECT_EQ(moved->slot, 7);
    EXPECT_EQ(moved->target, target);
    EXPECT_FALSE(moved->to) << target;
  }
}

TEST(Redirect, IsNothingElse) {
  for (std::string_view error : {"", "MOVED", "MOVED ", "MOVED 1", "MOVED 1 ", "MOVED x 192.0.2.1:1",
                                 "MOVED 16384 192.0.2.1:1", "MOVED -1 192.0.2.1:1", "MOVED 99999999999 192.0.2.1:1",
                                 "MOVED  1 192.0.2.1:1", "moved 1 192.0.2.1:1", "ERR"}) {
    EXPECT_FALSE(parse_redirect(error, asked)) << error;
  }
}

}  // namespace
}  // namespace personalize::engine::redis
