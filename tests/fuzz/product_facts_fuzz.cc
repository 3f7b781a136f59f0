// Any script: it is made JSON, and the facts of a page with it keep their limits.
#include <simdjson.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "learn/events/facts/json_repair.h"
#include "learn/events/facts/price_text.h"
#include "learn/events/product_facts.h"

namespace events = personalize::learn::events;

namespace {

void require(bool holds, std::string_view what, std::string_view script) {
  if (holds) return;
  std::fprintf(stderr, "%.*s\n%.*s\n", static_cast<int>(what.size()), what.data(), static_cast<int>(script.size()),
               script.data());
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view script(reinterpret_cast<const char*>(data), size);
  static simdjson::dom::parser parser;
  require(parser.parse(events::repaired_json(script)).error() == simdjson::SUCCESS, "repaired, but no JSON", script);
  const std::array scripts = {script};
  const std::array<events::DataMeta, 2> meta = {{{"og:title", script}, {"product:price:amount", script}}};
  const std::array<events::DataField, 1> fields = {{{1, "sku", script}}};
  const std::array<events::DataItem, 2> items = {
      {{events::DataItem::none, {}, "Product", script}, {0, "offers", "Offer", {}}}};
  const std::array<events::DataProperty, 3> properties = {
      {{0, "name", script, true}, {1, "price", script, true}, {0, script, script, false}}};
  for (const bool by_script : {true, false}) {
    events::PageData page;
    if (by_script)
      page.ld_json = scripts;
    else
      page.items = items, page.properties = properties, page.meta = meta;
    page.fields = fields;
    page.canonical = page.path = script;
    const events::ProductFacts facts = events::read_product_facts(page);
    require(facts.ids.size() <= events::limits::max_product_ids, "too many ids", script);
    for (const events::ProductId& id : facts.ids)
      require(!id.id.empty() && id.id.size() <= events::limits::max_product_id, "an id of a wrong size", script);
    require(
        facts.name.size() <= events::limits::max_product_name && facts.url.size() <= events::limits::max_product_url,
        "too long", script);
    require(!facts.price || (*facts.price >= 0 && *facts.price < 1e300), "no price", script);
    require(!facts.list_price || (facts.price && *facts.list_price > *facts.price), "no list price", script);
  }
  return 0;
}
