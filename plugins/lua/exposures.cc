#include "plugins/lua/exposures.h"

#include <initializer_list>
#include <memory>
#include <memory_resource>
#include <vector>

namespace personalize::plugins {
namespace {

using rules::MapEntry;
using rules::Value;

Value map_of(std::initializer_list<MapEntry> entries, rules::Arena& arena) {
  auto* copied = static_cast<MapEntry*>(arena.allocate(entries.size() * sizeof(MapEntry), alignof(MapEntry)));
  std::uninitialized_copy(entries.begin(), entries.end(), copied);
  return Value::map({copied, entries.size()});
}

Value list_of(const std::vector<Value>& values, rules::Arena& arena) {
  auto* copied = static_cast<Value*>(arena.allocate((values.size() + 1) * sizeof(Value), alignof(Value)));
  std::uninitialized_copy(values.begin(), values.end(), copied);
  return Value::list({copied, values.size()});
}

Value name(const char* text) { return Value::string(text); }
/// Nil if it is empty.
Value text_or_nothing(std::string_view text) { return text.empty() ? Value() : Value::string(text); }

}  // namespace

Value describe_exposures(const PageExposures& page, rules::Arena& arena) {
  std::vector<Value> all;
  for (const Exposure& exposure : page.exposures) {
    std::vector<Value> items;
    for (std::string_view item : exposure.items) items.push_back(Value::string(item));
    all.push_back(map_of({{name("slot"), Value::string(exposure.slot)},
                          {name("rule"), Value::string(exposure.rule)},
                          {name("applied"), Value::boolean(exposure.applied)},
                          {name("reason"), text_or_nothing(exposure.reason)},
                          {name("experiment"), text_or_nothing(exposure.experiment)},
                          {name("variation"), text_or_nothing(exposure.variation)},
                          {name("items"), list_of(items, arena)}},
                         arena));
  }
  return list_of(all, arena);
}

Value describe_end(const ResponseEnd& response, rules::Arena& arena) {
  return map_of({{name("status"), Value::int64(response.status)},
                 {name("bytes"), Value::int64(static_cast<std::int64_t>(response.bytes))},
                 {name("complete"), Value::boolean(response.complete)},
                 {name("viewed"), Value::boolean(response.viewed())},
                 {name("head"), Value::boolean(response.head)},
                 {name("prefetch"), Value::boolean(response.prefetch)},
                 {name("bot"), Value::boolean(response.bot)}},
                arena);
}

Value describe_shown(const PageExposures& page, rules::Arena& arena) {
  std::vector<Value> shown;
  for (const Exposure& exposure : page.exposures)
    if (exposure.applied)
      shown.push_back(
          map_of({{name("slot"), Value::string(exposure.slot)}, {name("rule"), Value::string(exposure.rule)}}, arena));
  return list_of(shown, arena);
}

}  // namespace personalize::plugins
