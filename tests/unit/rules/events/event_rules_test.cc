#include "rules/events/event_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/rules/events/recorded.h"

namespace personalize::rules {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// As in docs/events.md.
constexpr char shop[] = R"(version: 1
events:
  page_view: {}
  view_item: { pages: ["/p/*"], item_id: "request.path_segment[1]" }
  view_search_results: { pages: ["/search"], search_term: request.query.q, results: page.results }
  add_to_cart:
    - { method: POST, pages: ["/cart/add"], items: [{ item_id: request.form.sku, quantity: int(request.form.qty) }] }
    - { method: POST, pages: ["/"], when: 'request.query["wc-ajax"] == "add_to_cart"', items: [{ item_id: request.form.product_id }] }
  purchase: { pages: ["/checkout/thanks"], transaction_id: page.order_id, value: page.order_total, currency: '"EUR"' }
facts:
  order_id:    { select: "[data-order-id]", attribute: data-order-id }
  order_total: { select: "[data-order-total]", attribute: data-order-total, type: double }
  results:     { select: ".card", count: true }
)";

/// A file with these lines under `events`, and a few facts.
std::string events(std::string lines) {
  return "version: 1\nfacts:\n  a: { select: a }\n  n: { select: b, type: int }\n  d: { select: b, type: double }\n"
         "  t: { select: b, type: bool }\nevents:\n" +
         std::move(lines);
}

TEST(Events, SayWhatTheirMappingSays) {
  Recorded shop_rules(shop);
  ASSERT_THAT(shop_rules.messages(), IsEmpty());
  EXPECT_EQ(shop_rules.json("GET", "/p/tide-boots"), R"({"name":"view_item","items":[{"item_id":"tide-boots"}]})");
  EXPECT_EQ(shop_rules.query({{"q", " boots "}}).fact("results", "12").json("GET", "/search"),
            R"({"name":"view_search_results","search_term":"boots","results":12})");
  EXPECT_EQ(shop_rules.form({{"sku", "b-1"}, {"qty", "2"}}).json("POST", "/cart/add"),
            R"({"name":"add_to_cart","items":[{"item_id":"b-1","quantity":2}]})");
  EXPECT_EQ(shop_rules.fact("order_id", "4711").fact("order_total", "129.5").json("GET", "/checkout/thanks"),
            R"({"name":"purchase","currency":"EUR","transaction_id":"4711","value":129.5})");
  EXPECT_EQ(shop_rules.omissions.fields, 0u);
  EXPECT_EQ(shop_rules.omissions.missing_facts, 0u);
}

TEST(Events, AreMadeIfTheirConditionHolds) {
  Recorded shop_rules(shop);
  shop_rules.form({{"product_id", "7"}});
  EXPECT_EQ(shop_rules.query({{"wc-ajax", "add_to_cart"}}).json("POST", "/"),
            R"({"name":"add_to_cart","items":[{"item_id":"7"}]})");
  EXPECT_EQ(shop_rules.query({{"wc-ajax", "get_refreshed_fragments"}}).json("POST", "/"), "");
  EXPECT_EQ(shop_rules.query({}).json("POST", "/"), "");
}

TEST(Events, OfThePageAreMadeOfPagesThatNoOtherIsAbout) {
  Recorded shop_rules(shop);
  EXPECT_EQ(shop_rules.json("GET", "/about"), R"({"name":"page_view"})");
  EXPECT_EQ(shop_rules.json("POST", "/about"), "");
  EXPECT_EQ(shop_rules.json("GET", "/p/x"), R"({"name":"view_item","items":[{"item_id":"x"}]})");
  Recorded quiet(events("  page_view: { pages: /a }\n  view_item: { pages: /a, when: 'request.query.id != \"\"' }\n"));
  EXPECT_EQ(quiet.query({}).json("GET", "/a"), R"({"name":"page_view"})");
}

TEST(Events, OfOneNameAreMadeByTheFirstMappingThatMatches) {
  Recorded rules(
      events("  view_item:\n"
             "    - { pages: /a*, when: 'request.query.id == \"1\"', item_id: '\"first\"' }\n"
             "    - { pages: /a*, item_id: '\"second\"' }\n"
             "    - { pages: /ab, item_id: '\"third\"' }\n"));
  EXPECT_EQ(rules.query({{"id", "1"}}).json("GET", "/ab"), R"({"name":"view_item","items":[{"item_id":"first"}]})");
  EXPECT_EQ(rules.query({{"id", "2"}}).json("GET", "/ab"), R"({"name":"view_item","items":[{"item_id":"second"}]})");
}

TEST(Events, OfDifferentNamesAreMadeOfOneRequest) {
  Recorded rules(
      events("  begin_checkout: { method: POST, pages: /buy }\n"
             "  add_to_cart: { method: [POST, PUT], pages: /buy, item_id: request.form.id }\n"));
  EXPECT_EQ(rules.form({{"id", "a"}}).json("POST", "/buy"), R"({"name":"add_to_cart","items":[{"item_id":"a"}]})"
                                                            "\n"
                                                            R"({"name":"begin_checkout"})");
  EXPECT_EQ(rules.json("PUT", "/buy"), R"({"name":"add_to_cart","items":[{"item_id":"a"}]})");
  EXPECT_EQ(rules.json("GET", "/buy"), "");
  EXPECT_EQ(rules.json("HEAD", "/buy"), "");
  EXPECT_EQ(rules.json("", "/buy"), "");
}

TEST(Events, LeaveOutWhatIsNotThere) {
  Recorded rules(shop);
  EXPECT_EQ(rules.query({}).json("GET", "/search"), R"({"name":"view_search_results"})");
  EXPECT_EQ(rules.omissions.fields, 0u);
  EXPECT_EQ(rules.omissions.missing_facts, 1u << 2);
  EXPECT_EQ(rules.json("GET", "/checkout/thanks"), R"({"name":"purchase","currency":"EUR"})");
  EXPECT_EQ(rules.omissions.missing_facts, 3u);
  EXPECT_EQ(rules.json("POST", "/cart/add"), R"({"name":"add_to_cart"})");
  EXPECT_EQ(rules.form({{"sku", ""}}).json("POST", "/cart/add"), R"({"name":"add_to_cart"})");
  EXPECT_EQ(rules.json("GET", "/p/"), R"({"name":"view_item"})");
  EXPECT_EQ(rules.omissions.fields, 0u);
}

TEST(Events, LeaveOutAndCountWhatIsWrong) {
  Recorded rules(
      events("  add_to_cart:\n    method: POST\n    item_id: request.form.id\n"
             "    quantity: int(request.form.qty)\n    price: double(request.form.price)\n"
             "    currency: request.form.currency\n"));
  const std::string only_id = R"({"name":"add_to_cart","items":[{"item_id":"a"}]})";
  for (const auto& [field, value] : std::vector<std::pair<std::string, std::string>>{{"qty", "many"},
                                                                                     {"qty", "-1"},
                                                                                     {"qty", "9999999999999"},
                                                                                     {"qty", "1e3"},
                                                                                     {"price", "-0.5"},
                                                                                     {"price", "NaN"},
                                                                                     {"price", "Infinity"},
                                                                                     {"price", "1e300"},
                                                                                     {"currency", "EURO"},
                                                                                     {"currency", "E1R"},
                                                                                     {"currency", "€"}}) {
    EXPECT_EQ(rules.form({{"id", "a"}, {field, value}}).json("POST", "/"), only_id) << field << "=" << value;
    EXPECT_EQ(rules.omissions.fields, 1u) << field << "=" << value;
  }
  EXPECT_EQ(rules.form({{"id", std::string(129, 'x')}}).json("POST", "/"), R"({"name":"add_to_cart"})");
  EXPECT_EQ(rules.omissions.fields, 1u);
  EXPECT_EQ(rules.form({{"id", std::string(128, 'x')}, {"currency", "eur"}}).json("POST", "/"),
            R"({"name":"add_to_cart","currency":"EUR","items":[{"item_id":")" + std::string(128, 'x') + R"("}]})");
}

TEST(Events, CutLongTextBetweenCharacters) {
  Recorded rules(events("  view_search_results: { search_term: request.query.q }\n"));
  const auto events = rules.query({{"q", std::string(255, 'a') + "ü" + std::string(5000, 'b')}}).make("GET", "/");
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].search_term, std::string(255, 'a'));
}

TEST(Events, HaveItemsFromAnExpression) {
  Recorded rules(
      events("  view_cart: { items: 'request.form.transformList(k, v, k.startsWith(\"id\"), "
             "{\"item_id\": v, \"quantity\": 2, \"price\": \"x\", \"colour\": 1})' }\n"
             "  view_item_list: { items: 'request.path_segment' }\n"
             "  view_item: { items: 'dyn(request.query.q)' }\n"));
  ASSERT_TRUE(rules) << rules.messages()[0];
  rules.query({{"q", "x"}}).form({{"id1", "a"}, {"id2", "b"}, {"other", "c"}});
  const auto events = rules.make("GET", "/x/y");
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(rules.json("GET", "/x/y"),
            R"({"name":"view_item"})"
            "\n"
            R"({"name":"view_item_list","items":[{"item_id":"x"},{"item_id":"y"}]})"
            "\n"
            R"({"name":"view_cart","items":[{"item_id":"a","quantity":2},{"item_id":"b","quantity":2}]})");
  EXPECT_EQ(rules.omissions.fields, 3u);  // two prices and a list
}

TEST(Events, HaveNoMoreItemsThanTheyMay) {
  Recorded rules(events("  view_item_list: { items: 'request.path_segment' }\n"));
  std::string path;
  for (int i = 0; i < 1000; ++i) path += "/" + std::to_string(i);
  const auto events = rules.make("GET", path);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].items.size(), learn::events::limits::max_items);
}

TEST(Events, MayHaveNumbersAsIdsAndOptionals) {
  Recorded rules(
      events("  add_to_cart: { method: POST, item_id: 42, item_name: page.n, price: 1, quantity: 1u }\n"
             "  purchase: { method: POST, transaction_id: 'request.form[?\"order\"]', value: 'optional.of(1.5)', "
             "currency: 'request.form[?\"c\"].orValue(\"USD\")' }\n"));
  ASSERT_TRUE(rules) << rules.messages()[0];
  EXPECT_EQ(rules.fact("n", "1,234 pieces").form({}).json("POST", "/"),
            R"({"name":"add_to_cart","items":[{"item_id":"42","item_name":"1234","price":1,"quantity":1}]})"
            "\n"
            R"({"name":"purchase","currency":"USD","value":1.5})");
}

TEST(Events, MayUseSegmentsAndAttributesThatAreThenResolved) {
  Recorded rules(
      "version: 1\nsegments:\n  irish: geo.country == 'IE'\n  loud: request.query.loud == 'yes'\n"
      "events:\n  page_view: { when: segments.irish && segments.loud, search_term: device.type }\n");
  ASSERT_TRUE(rules) << rules.messages()[0];
  std::vector<std::string_view> used;
  for (AttributeId id : rules.set().used_attributes()) used.push_back(rules.set().schema()[id].name);
  EXPECT_THAT(used, ElementsAre("geo.country", "device.type", "request.query"));
  ASSERT_EQ(rules.set().used_keys().size(), 1u);
  EXPECT_EQ(rules.set().used_keys()[0].key, "loud");
  rules.query({{"loud", "yes"}}).know("device.type", Value::string("phone"));
  EXPECT_EQ(rules.json("GET", "/"), "");
  EXPECT_EQ(rules.know("geo.country", Value::string("IE")).json("GET", "/"),
            R"({"name":"page_view","search_term":"phone"})");
}

TEST(Events, ApplyToMethodsAndPathsOfTheirMappings) {
  Recorded all(shop);
  EXPECT_TRUE(all.rules().applies_to("GET", "/anything"));
  EXPECT_FALSE(all.rules().applies_to("HEAD", "/anything"));
  EXPECT_FALSE(all.rules().applies_to("get", "/anything"));
  EXPECT_FALSE(all.rules().applies_to("POST", "/cart"));
  EXPECT_TRUE(all.rules().applies_to("POST", "/cart/add"));
  EXPECT_TRUE(all.rules().reads_form("POST", "/cart/add"));
  EXPECT_FALSE(all.rules().reads_form("GET", "/cart/add"));
  Recorded some(events("  view_item: { pages: ['/p/*', '!/p/old/*'] }\n  view_cart: { pages: '!/x*', method: PUT }\n"));
  EXPECT_TRUE(some.rules().applies_to("GET", "/p/a"));
  EXPECT_FALSE(some.rules().applies_to("GET", "/p/old/a"));
  EXPECT_FALSE(some.rules().applies_to("GET", "/"));
  EXPECT_TRUE(some.rules().applies_to("PUT", "/"));
  EXPECT_FALSE(some.rules().applies_to("PUT", "/x"));
  Recorded none("version: 1\n");
  EXPECT_TRUE(none.rules().empty());
  EXPECT_FALSE(none.rules().applies_to("GET", "/"));
}

TEST(Events, TellWhichFieldsOfBodiesTheyMention) {
  Recorded rules(shop);
  EXPECT_THAT(rules.rules().form_fields(), ElementsAre("product_id", "qty", "sku"));
  EXPECT_FALSE(rules.rules().reads_all_form_fields());
  EXPECT_EQ(rules.rules().used_facts(), 7u);
  Recorded all(
      events("  view_item: { method: POST, when: '\"a\" in request.form && has(request.form.b)', "
             "item_id: 'request.form[\"items.0.id\"]', search_term: 'request.form.filter(k, true)[0]' }\n"));
  ASSERT_TRUE(all) << all.messages()[0];
  EXPECT_THAT(all.rules().form_fields(), ElementsAre("a", "b", "items.0.id"));
  EXPECT_TRUE(all.rules().reads_all_form_fields());
}

TEST(Events, OfSeveralFilesAreAskedInTheirOrder) {
  Recorded rules({{"a.yaml", "version: 1\nevents:\n  view_item: { pages: /a, item_id: '\"a\"' }\n"},
                  {"b.yaml", "version: 1\nfacts:\n  id: { select: a }\nevents:\n  view_item: { item_id: page.id }\n"}});
  ASSERT_TRUE(rules) << rules.messages()[0];
  rules.fact("id", " b ");
  EXPECT_EQ(rules.json("GET", "/a"), R"({"name":"view_item","items":[{"item_id":"a"}]})");
  EXPECT_EQ(rules.json("GET", "/b"), R"({"name":"view_item","items":[{"item_id":"b"}]})");
}

TEST(Events, CanBeDeclaredInLua) {
  Recorded rules(std::vector<SourceFile>{{"shop.lua", R"(
    event { name = "add_to_cart", method = "POST", pages = { "/cart/add" }, item_id = "request.form.sku" }
    local more = { name = "view_item", pages = "/p/*", items = { { item_id = "page.sku", price = 2 } } }
    event(more)
    fact { name = "sku", select = "[data-sku]", attribute = "data-sku" })"}});
  ASSERT_TRUE(rules) << rules.messages()[0];
  EXPECT_EQ(rules.fact("sku", "b").json("GET", "/p/a"), R"({"name":"view_item","items":[{"item_id":"b","price":2}]})");
  EXPECT_EQ(rules.form({{"sku", "c"}}).json("POST", "/cart/add"),
            R"({"name":"add_to_cart","items":[{"item_id":"c"}]})");
  EXPECT_EQ(rules.explain("GET", "/")[0].place.line, 2u);
  const Recorded bad(std::vector<SourceFile>{{"bad.lua", R"(
    event { name = "add_to_card", pages = "/" }
    event { name = "view_item", item_id = 'page.skue' }
    fact { name = "sku", select = "[", attribute = "data-sku" }
    fact { name = "two words", select = "a" }
    event { pages = "/" }
    event { name = "view_item", when = function() return true end }
    )"}});
  EXPECT_THAT(bad.messages(),
              ElementsAre("bad.lua:6:1: an event needs name", "bad.lua:7:1: a function is not allowed in events"));
  const Recorded wrong(std::vector<SourceFile>{{"bad.lua", R"(
    event { name = "add_to_card", pages = "/" }
    event { name = "view_item", item_id = 'page.skue' }
    fact { name = "sku", select = "[", attribute = "data-sku" }
    fact { name = "two words", select = "a" }
    )"}});
  EXPECT_THAT(wrong.messages(),
              ElementsAre("bad.lua:2:1: unknown event `add_to_card`, did you mean add_to_cart?",
                          "bad.lua:3:1: unknown attribute page.skue, did you mean page.sku?",
                          HasSubstr("bad.lua:4:1: "), HasSubstr("bad.lua:5:1: `two words` cannot be a name")));
}

TEST(Facts, AreForEventsOnly) {
  const std::string why =
      " is known only when the page is over: only `events` can use it, so that a page is the same whether it is edited "
      "while it passes or put together";
  const Recorded rules(
      {{"a.yaml",
        "version: 1\nfacts: { sku: { select: a } }\nslots: { s: { select: s } }\n"
        "segments:\n  seen: page.sku == 'a'\n"
        "rules:\n  - { id: r, slot: s, when: request.form.a == 'b', do: { inner: '{{page.sku}}' } }\n"},
       {"b.lua", "rule { id = 'l', slot = 's', content = function(c) return c.page.sku end }"}});
  EXPECT_THAT(rules.messages(), ElementsAre("a.yaml:5:9: page.sku" + why, "a.yaml:7:29: request.form" + why,
                                            "a.yaml:7:68: page.sku" + why, "b.lua:1:1: page.sku" + why));
}

TEST(Facts, OfThePresetGiveWayToTheShops) {
  const auto facts = [](const std::vector<std::string>& files) {
    std::vector<SourceFile> sources;
    sources.reserve(files.size());
    for (const std::string& text : files)
      sources.push_back({"personalize:" + std::to_string(sources.size()), "version: 1\nfacts: { " + text + " }\n"});
    sources[0].name = "shop.yaml";
    return Recorded(sources);
  };
  const Recorded rules = facts({"a: { select: '#own' }", "a: { select: '#preset' }, b: { select: b }"});
  ASSERT_TRUE(rules) << rules.messages()[0];
  ASSERT_EQ(rules.set().facts().declarations().size(), 2u);
  EXPECT_EQ(rules.set().facts().declarations()[0].selector, "#own");
}

TEST(Explained, TellsOfEachMappingWhyItMadeAnEventOrNot) {
  Recorded rules(shop);
  rules.query({{"wc-ajax", "x"}});
  const auto of = [&](std::string_view method, std::string_view path) {
    std::vector<std::string> told;
    for (const EventCandidate& candidate : rules.explain(method, path)) {
      std::string text = std::to_string(candidate.place.line) + " " + std::string(to_string(candidate.name)) + " " +
                         (candidate.made ? "made" : std::string(to_string(candidate.why)));
      if (!candidate.detail.empty()) text += ": " + candidate.detail;
      for (const auto& left_out : candidate.left_out) text += "; " + left_out.field + ": " + left_out.why;
      told.push_back(text);
    }
    return told;
  };
  EXPECT_THAT(
      of("GET", "/search"),
      ElementsAre("4 view_item other_page",
                  "5 view_search_results made; search_term: no such key; results: missing attribute page.results",
                  "7 add_to_cart other_method", "8 add_to_cart other_method", "9 purchase other_page",
                  "3 page_view other_event"));
  EXPECT_THAT(of("POST", "/")[3], HasSubstr("8 add_to_cart condition: "));
  EXPECT_EQ(rules.explain("GET", "/p/a")[0].event->items[0].item_id, "a");
}

}  // namespace
}  // namespace personalize::rules
