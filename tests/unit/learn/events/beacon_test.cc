#include "learn/events/beacon.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace personalize::learn::events {
namespace {

constexpr std::int64_t beacons_now = 1'764'410'000'000;

tl::expected<std::span<const BeaconEvent>, BeaconProblem> read_beacon(const std::string& body,
                                                                      bool trust_purchase = false) {
  static BeaconReader reader;
  return reader.read(body, beacons_now, trust_purchase);
}

/// Of the only event.
BeaconVerdict verdict_of(const std::string& event, bool trust_purchase = false) {
  const auto events = read_beacon(R"({"events":[)" + event + "]}", trust_purchase);
  EXPECT_TRUE(events && events->size() == 1) << event;
  return events && events->size() == 1 ? (*events)[0].verdict : BeaconVerdict::no_object;
}

std::string with_cart(const std::string& more) {
  return R"({"name":"add_to_cart","items":[{"item_id":"a"}],)" + more + "}";
}
std::string with_item(const std::string& more) {
  return R"({"name":"view_item","items":[{"item_id":"a",)" + more + "}]}";
}

TEST(Beacon, HasEventsInTheirOrderWithWhatIsKnownOfThem) {
  const auto events = read_beacon(R"({"events":[
    {"name":"add_to_cart","path":"/p/boots?secret=1","currency":"EUR","value":129.5,
     "items":[{"item_id":"boots","item_name":"B","item_brand":"S","item_category":"c","item_variant":"42","price":64.75,
               "quantity":2},{"item_id":17}]},
    {"name":"dwell","duration":1500,"time":1764409999000}]})");
  ASSERT_TRUE(events && events->size() == 2);
  const Event& added = (*events)[0].event;
  EXPECT_EQ((*events)[0].verdict, BeaconVerdict::accepted);
  EXPECT_EQ(added.name, EventName::add_to_cart);
  EXPECT_EQ(added.time, beacons_now);
  EXPECT_EQ(added.path, "/p/boots");
  EXPECT_EQ(added.currency, "EUR");
  EXPECT_EQ(added.value, 129.5);
  ASSERT_EQ(added.items.size(), 2U);
  const Item boots{.item_id = "boots",
                   .item_name = "B",
                   .item_brand = "S",
                   .item_category = "c",
                   .item_variant = "42",
                   .price = 64.75,
                   .quantity = 2};
  EXPECT_EQ(added.items[0], boots);
  EXPECT_EQ(added.items[1].item_id, "17");
  EXPECT_EQ((*events)[1].event.duration, 1500);
  EXPECT_EQ((*events)[1].event.time, 1764409999000);
}

TEST(Beacon, SaysNothingOfWhoTheVisitorIsOrWhatWasShown) {
  const auto events = read_beacon(
      R"({"events":[)" + with_cart(R"("visitor":"x","id":"y","shop":"z","country":"IE","confirmed":false,"shown":[{}],
                                   "value":1,"unknown":[[{}]])") +
      "]}");
  ASSERT_TRUE(events && events->size() == 1 && (*events)[0].verdict == BeaconVerdict::accepted);
  const Event& event = (*events)[0].event;
  EXPECT_TRUE(event.visitor.empty() && event.id.empty() && event.shop.empty() && event.country.empty());
  EXPECT_TRUE(event.confirmed && event.shown.empty());
  EXPECT_EQ(event.value, 1);
}

TEST(Beacon, MayNotSayWhatDecidesAboutMoney) {
  for (const Word& word : vocabulary()) {
    const std::string event =
        R"({"name":")" + std::string(word.text) + R"(","transaction_id":"T","duration":1,"items":[{"item_id":"a"}]})";
    const bool may = word.trust == Trust::browsers;
    EXPECT_EQ(verdict_of(event), may ? BeaconVerdict::accepted : BeaconVerdict::forbidden_name) << word.text;
    const bool trusted = may || word.name == EventName::purchase;
    EXPECT_EQ(verdict_of(event, true), trusted ? BeaconVerdict::accepted : BeaconVerdict::forbidden_name) << word.text;
  }
}

TEST(Beacon, IsRefusedAsAWholeIfItIsNoListOfEvents) {
  const auto problem = [](const std::string& body) {
    const auto events = read_beacon(body);
    EXPECT_FALSE(events) << body;
    return events ? BeaconProblem::too_large : events.error();
  };
  for (const char* body : {"", " ", "{", "{\"events\":[}", "\xFF", "{\"events\":[\"\xC3\"]}", "events=1", "[1] 2"})
    EXPECT_EQ(problem(body), BeaconProblem::not_json) << body;
  for (const char* body : {"1", "null", "[]", "{}", R"({"events":{}})", R"({"events":null})", R"({"Events":[]})"})
    EXPECT_EQ(problem(body), BeaconProblem::not_events) << body;
  EXPECT_EQ(problem(R"({"events":[],"x":")" + std::string(limits::max_beacon_bytes, 'x') + "\"}"),
            BeaconProblem::too_large);
  EXPECT_EQ(problem(R"({"events":)" + std::string(5000, '[') + std::string(5000, ']') + "}"), BeaconProblem::not_json);
  std::string many = R"({"events":[0)";
  for (std::size_t i = 0; i < limits::max_beacon_events; ++i) many += ",0";
  EXPECT_EQ(problem(many + "]}"), BeaconProblem::too_many);
}

TEST(Beacon, MayBeEmptyOrFull) {
  EXPECT_EQ(read_beacon(R"({"events":[]})")->size(), 0U);
  std::string full = R"({"events":[0)";
  for (std::size_t i = 1; i < limits::max_beacon_events; ++i) full += ",0";
  EXPECT_EQ(read_beacon(full + "]}")->size(), limits::max_beacon_events);
  const std::string padding(limits::max_beacon_bytes - std::string(R"({"events":[],"x":""})").size(), 'x');
  EXPECT_TRUE(read_beacon(R"({"events":[],"x":")" + padding + "\"}"));
}

TEST(Beacon, RefusesOneEventWithoutTheOthers) {
  const auto events = read_beacon(R"({"events":[1,{"name":"dwell","duration":1},{"name":"dwel"},{"name":7},[],
                                         {"name":"purchase"}]})");
  ASSERT_TRUE(events);
  std::vector<BeaconVerdict> verdicts;
  for (const BeaconEvent& event : *events) verdicts.push_back(event.verdict);
  using enum BeaconVerdict;
  EXPECT_EQ(verdicts, (std::vector{no_object, accepted, unknown_name, no_object, no_object, forbidden_name}));
}

TEST(Beacon, RefusesWhatIsNotOfItsType) {
  for (const char* more : {R"("value":"1")",
                           R"("value":-1)",
                           R"("value":1e300)",
                           R"("value":true)",
                           R"("currency":"eur")",
                           R"("currency":"EURO")",
                           R"("currency":1)",
                           R"("path":"p")",
                           R"("path":7)",
                           R"("path":"https://a/")",
                           R"("duration":1.5)",
                           R"("duration":-1)",
                           R"("duration":99999999999)",
                           R"("transaction_id":{})",
                           R"("time":"now")",
                           R"("time":1.5)",
                           R"("items":{})",
                           R"("items":[1])",
                           R"("items":[{}])",
                           R"("items":[{"item_id":""}])"})
    EXPECT_EQ(verdict_of(with_cart(more)), BeaconVerdict::wrong_type) << more;
  for (const char* more :
       {R"("item_name":{})", R"("item_id":[])", R"("item_id":true)", R"("item_id":1.5)", R"("price":"9")",
        R"("price":-9)", R"("quantity":1.5)", R"("quantity":-1)", R"("quantity":1000001)", R"("quantity":"1")"})
    EXPECT_EQ(verdict_of(with_item(more)), BeaconVerdict::wrong_type) << more;
  EXPECT_EQ(verdict_of(with_cart(R"("path":"/)" + std::string(2048, 'x') + "\"")), BeaconVerdict::wrong_type);
  EXPECT_EQ(verdict_of(with_item(R"("item_id":")" + std::string(129, 'x') + "\"")), BeaconVerdict::wrong_type);
  EXPECT_EQ(verdict_of(with_item(R"("item_name":")" + std::string(501, 'x') + "\"")), BeaconVerdict::wrong_type);
}

TEST(Beacon, TakesNullForNothing) {
  EXPECT_EQ(verdict_of(with_cart(R"("value":null,"currency":null,"time":null,"path":null)")), BeaconVerdict::accepted);
  EXPECT_EQ(verdict_of(with_item(R"("price":null,"item_brand":null)")), BeaconVerdict::accepted);
  EXPECT_EQ(verdict_of(R"({"name":"view_item","items":null})"), BeaconVerdict::incomplete);
}

TEST(Beacon, NeedsWhatMakesTheEvent) {
  for (const char* name :
       {"view_item", "view_item_list", "select_item", "add_to_cart", "remove_from_cart", "add_to_wishlist"}) {
    EXPECT_EQ(verdict_of(R"({"name":")" + std::string(name) + R"("})"), BeaconVerdict::incomplete) << name;
    EXPECT_EQ(verdict_of(R"({"name":")" + std::string(name) + R"(","items":[]})"), BeaconVerdict::incomplete) << name;
  }
  EXPECT_EQ(verdict_of(R"({"name":"dwell"})"), BeaconVerdict::incomplete);
  EXPECT_EQ(verdict_of(R"({"name":"purchase","value":1})", true), BeaconVerdict::incomplete);
}

TEST(Beacon, HappensNowAndNotLater) {
  const auto at = [](std::int64_t time) {
    return verdict_of(R"({"name":"dwell","duration":1,"time":)" + std::to_string(time) + "}");
  };
  EXPECT_EQ(at(beacons_now), BeaconVerdict::accepted);
  EXPECT_EQ(at(beacons_now + limits::max_clock_error), BeaconVerdict::accepted);
  EXPECT_EQ(read_beacon(R"({"events":[{"name":"dwell","duration":1,"time":1764410001000}]})")->front().event.time,
            beacons_now);
  EXPECT_EQ(at(beacons_now + limits::max_clock_error + 1), BeaconVerdict::future);
  EXPECT_EQ(at(INT64_MAX), BeaconVerdict::future);
  EXPECT_EQ(at(beacons_now - limits::max_beacon_age), BeaconVerdict::accepted);
  EXPECT_EQ(at(beacons_now - limits::max_beacon_age - 1), BeaconVerdict::too_old);
  EXPECT_EQ(at(INT64_MIN), BeaconVerdict::too_old);
}

TEST(Beacon, KeepsNoMoreItemsThanAnEventMayHave) {
  std::string items = R"({"item_id":1})";
  for (std::size_t i = 0; i < limits::max_items + 10; ++i) items += R"(,{"item_id":2})";
  const auto events = read_beacon(R"({"events":[{"name":"view_item_list","items":[)" + items + "]}]}");
  ASSERT_TRUE(events && events->size() == 1);
  EXPECT_EQ((*events)[0].event.items.size(), limits::max_items);
}

TEST(Beacon, TakesTheLastOfSeveralLists) {
  const auto events =
      read_beacon(R"({"events":[{"name":"view_item","items":[{"item_id":"a"}],"items":[{"item_id":"b"}]}]})");
  ASSERT_TRUE(events && events->size() == 1 && (*events)[0].event.items.size() == 1);
  EXPECT_EQ((*events)[0].event.items[0].item_id, "b");
}

}  // namespace
}  // namespace personalize::learn::events
