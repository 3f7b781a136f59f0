#include "learn/events/event_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>
#include <string>

namespace personalize::learn::events {
namespace {

using ::testing::HasSubstr;

std::string written(const Event& event) {
  std::string out;
  append_json(out, event);
  return out;
}

std::string refusal(std::string_view line) {
  EventReader reader;
  const auto event = reader.read(line);
  return event ? "" : event.error();
}

constexpr std::string_view least = R"({"time":1,"visitor":"v","name":"page_view"})";

TEST(EventJson, WritesWhatIsKnown) {
  Event event;
  event.time = 1764410000123;
  event.id = "0193";
  event.shop = "main";
  event.visitor = "v1";
  event.name = EventName::view_item;
  event.path = "/p/tide-boots";
  event.country = "IE";
  event.campaign.utm_source = "news \"letter\"";
  event.items.push_back({"tide-boots", {}, {}, {}, {}, 129.0, 2});
  event.shown.push_back({"hero", "rain", "hero", "b", true, {"a", "b"}});
  EXPECT_EQ(
      written(event),
      R"({"time":1764410000123,"id":"0193","shop":"main","visitor":"v1","confirmed":true,"name":"view_item",)"
      R"("path":"/p/tide-boots","country":"IE","utm_source":"news \"letter\"",)"
      R"("items":[{"item_id":"tide-boots","price":129,"quantity":2}],)"
      R"("shown":[{"slot":"hero","rule":"rain","experiment":"hero","variation":"b","applied":true,"items":["a","b"]}]})");
}

TEST(EventJson, ReadsWhatItWrites) {
  std::mt19937 random(14);
  const std::string texts[] = {"", "a", "\"\\\n\t\x01</script>", "größe €😀", std::string("nul\0", 4), "\x7F"};
  const auto text = [&]() -> std::string_view { return texts[random() % std::size(texts)]; };
  EventReader reader;
  for (int round = 0; round < 2000; ++round) {
    Event event;
    event.time = static_cast<std::int64_t>(random()) * 1000;
    event.id = "id";
    event.visitor = "v";
    event.confirmed = random() % 2 != 0;
    event.name = vocabulary()[random() % vocabulary().size()].name;
    for (auto member : {&Event::shop, &Event::path, &Event::country, &Event::device, &Event::language, &Event::referrer,
                        &Event::currency, &Event::search_term, &Event::transaction_id})
      event.*member = text();
    event.campaign = {text(), text(), text(), text(), text()};
    if (random() % 2) event.value = static_cast<double>(random()) / 100;
    if (random() % 2) event.results = random();
    if (random() % 2) event.duration = random();
    for (std::size_t i = random() % 4; i > 0; --i) {
      Item& item = event.items.emplace_back();
      item = {text(), text(), text(), text(), text(), {}, {}};
      if (random() % 2) item.price = static_cast<double>(random()) / 3;
      if (random() % 2) item.quantity = random();
    }
    for (std::size_t i = random() % 4; i > 0; --i)
      event.shown.push_back({text(), text(), text(), text(), random() % 2 != 0, {}});
    const std::string line = written(event);
    ASSERT_TRUE(nlohmann::json::accept(line)) << line;
    ASSERT_EQ(line.find('\n'), line.npos);
    const auto read = reader.read(line);
    ASSERT_TRUE(read) << read.error() << line;
    ASSERT_EQ(**read, event) << line << '\n' << written(**read);
  }
}

TEST(EventJson, ReadsNumbersOfEverySize) {
  EventReader reader;
  for (const double value :
       {0.0, -0.0, 1e-300, 0.1, 129.0, 1e15, 555555555555555555258.0, -1e300, 1.7976931348623157e308}) {
    Event event;
    event.id = "id";
    event.visitor = "v";
    event.value = value;
    const auto read = reader.read(written(event));
    ASSERT_TRUE(read) << read.error() << written(event);
    EXPECT_EQ((*read)->value, value) << written(event);
  }
}

TEST(EventJson, WritesUtf8WhateverComesIn) {
  std::mt19937 random(15);
  for (int round = 0; round < 5000; ++round) {
    std::string bytes(random() % 12, '\0');
    for (char& c : bytes) c = static_cast<char>(random() % 3 ? 0x80 + random() % 0x80 : random());
    Event event;
    event.path = bytes;
    const auto json = nlohmann::json::parse(written(event));  // throws if it is not UTF-8
    ASSERT_EQ(json.value("path", "").empty(), bytes.empty());
  }
}

TEST(EventJson, NeedsATimeAVisitorAndAKnownName) {
  EXPECT_EQ(refusal(least), "");
  EXPECT_THAT(refusal(R"({"visitor":"v","name":"page_view"})"), HasSubstr("`time`"));
  EXPECT_THAT(refusal(R"({"time":"1","visitor":"v","name":"page_view"})"), HasSubstr("`time`"));
  EXPECT_THAT(refusal(R"({"time":1,"name":"page_view"})"), HasSubstr("`visitor`"));
  EXPECT_THAT(refusal(R"({"time":1,"visitor":"v"})"), HasSubstr("`name`"));
  EXPECT_THAT(refusal(R"({"time":1,"visitor":"v","name":"pageview"})"), HasSubstr("unknown event `pageview`"));
}

TEST(EventJson, RefusesWhatIsNoEvent) {
  EXPECT_THAT(refusal(""), HasSubstr("not JSON"));
  EXPECT_THAT(refusal({}), HasSubstr("not JSON"));
  EXPECT_THAT(refusal("{"), HasSubstr("not JSON"));
  EXPECT_THAT(refusal("[]"), HasSubstr("not a JSON object"));
  EXPECT_THAT(refusal("\"\xFF\""), HasSubstr("not JSON"));
  EXPECT_THAT(refusal(std::string(100'000, ' ')), HasSubstr("64 kB"));
  EXPECT_THAT(refusal(std::string(60'000, '[')), HasSubstr("not JSON"));
}

TEST(EventJson, FillsInWhatOtherToolsLeaveOut) {
  EventReader reader;
  const Event event = **reader.read(least);
  EXPECT_TRUE(event.confirmed);
  const std::string id(event.id);
  EXPECT_EQ(id.size(), 32u);
  EXPECT_EQ((*reader.read(least))->id, id) << "the same line has the same id";
  EXPECT_NE((*reader.read(R"({"time":2,"visitor":"v","name":"page_view"})"))->id, id);
}

TEST(EventJson, IgnoresWhatItDoesNotKnowAndTakesNumbersForTexts) {
  EventReader reader;
  const auto event = reader.read(
      R"({"time":1,"visitor":42,"name":"purchase","path":["/"],"value":"12.50","results":"x","more":{"deep":[1]},)"
      R"("items":[{"item_id":7,"price":"1.5","quantity":"2"},{"item_id":null,"price":"1,5"},5],"shown":{}})");
  ASSERT_TRUE(event) << event.error();
  EXPECT_EQ((*event)->visitor, "42");
  EXPECT_EQ((*event)->path, "");
  EXPECT_EQ((*event)->value, 12.5);
  EXPECT_EQ((*event)->results, std::nullopt);
  ASSERT_EQ((*event)->items.size(), 2u);
  EXPECT_EQ((*event)->items[0].item_id, "7");
  EXPECT_EQ((*event)->items[0].price, 1.5);
  EXPECT_EQ((*event)->items[0].quantity, 2);
  EXPECT_EQ((*event)->items[1].price, std::nullopt);
}

TEST(EventJson, KeepsNoMoreThanTheLimits) {
  Event event;
  event.visitor = "v";
  event.items.resize(limits::max_items + 1);
  event.shown.resize(limits::max_exposures + 1);
  EventReader reader;
  const auto read = reader.read(written(event));
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ((*read)->items.size(), limits::max_items);
  EXPECT_EQ((*read)->shown.size(), limits::max_exposures);
}

}  // namespace
}  // namespace personalize::learn::events
