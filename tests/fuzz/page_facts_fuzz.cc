// Any page: its facts are the same however it is cut, and keep their limits.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "html/facts/fact_reader.h"
#include "html/limits.h"

using namespace personalize::html;

namespace {

FactSet make_set() {
  FactSet set;
  const std::array<FactDeclaration, 6> declarations = {{{"order", "[data-order-id]", "data-order-id"},
                                                        {"heading", "h1, title"},
                                                        {"state", "script"},
                                                        {"body", "body"},
                                                        {"cells", "td ~ td", {}, true},
                                                        {"text", "p > b:first-child"}}};
  for (const FactDeclaration& declaration : declarations) {
    if (set.add(declaration)) std::abort();
  }
  return set;
}

void require(bool holds, std::string_view what, std::string_view page) {
  if (holds) return;
  std::fprintf(stderr, "%.*s\n%.*s\n", static_cast<int>(what.size()), what.data(), static_cast<int>(page.size()),
               page.data());
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const FactSet set = make_set();
  if (size < 2) return 0;
  constexpr std::array<std::string_view, 4> types = {"", "text/html; charset=utf-8", "text/html; charset=shift_jis",
                                                     "text/html; charset=gb18030"};
  const std::string_view type = types[data[0] % types.size()];
  const std::size_t piece = data[1] % 32 + 1;
  const std::string_view page(reinterpret_cast<const char*>(data + 2), size - 2);
  const PageFacts whole = read_facts(set, page, type);
  FactReader reader(set, type);
  for (std::size_t at = 0; at < page.size(); at += piece) reader.write(page.substr(at, piece));
  const PageFacts facts = reader.end();
  require(facts.declared == whole.declared && facts.ld_json == whole.ld_json && facts.items == whole.items &&
              facts.properties == whole.properties && facts.meta == whole.meta && facts.fields == whole.fields &&
              facts.canonical == whole.canonical && facts.ignored == whole.ignored,
          "depends on how the page is cut", page);
  for (const FactValue& value : facts.declared) require(value.text.size() <= max_fact_bytes, "too long", page);
  for (const MicrodataItem& item : facts.items)
    require(item.parent == MicrodataItem::none || item.parent < facts.items.size(), "no such item", page);
  for (const MicrodataProperty& property : facts.properties)
    require(property.item < facts.items.size(), "no such item", page);
  return 0;
}
