// Any bytes as a rule file: refused with mistakes at places in it, or a set whose ways to decide agree.
//
// What follows a line `#include` is a file that the first may include as `b.yaml`; after `#lua`, one of rules
// in Lua.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory_resource>
#include <string>
#include <string_view>
#include <vector>

#include "html/facts/fact_reader.h"
#include "rules/events/event_rules.h"
#include "rules/rule_set.h"

namespace {

using namespace personalize::rules;

struct Fact {
  std::string_view name, type;
  Value value;
};

const Value interests[] = {Value::string("tents"), Value::string("boots")};
const Fact facts[] = {
    {"geo.country", "string", Value::string("IE")},
    {"geo.city", "string", Value::string("\"><D\xc3\xban")},
    {"geo.time_zone", "string", Value::string("Asia/Tokyo")},
    {"geo.is_eu", "bool", Value::boolean(true)},
    {"device.type", "string", Value::string("phone")},
    {"time.hour", "int", Value::int64(19)},
    {"weather.temperature_c", "double", Value()},
    {"profile.known", "list<string>", Value::list(interests)},
};

struct Input {
  std::vector<SourceFile> files;
  std::string included;
};

Input split(std::string_view text) {
  constexpr std::string_view include = "\n#include\n", lua = "\n#lua\n";
  Input input;
  if (const auto at = text.find(lua); at != std::string_view::npos) {
    input.files.push_back({"rules.lua", std::string(text.substr(at + lua.size()))});
    text = text.substr(0, at);
  }
  if (const auto at = text.find(include); at != std::string_view::npos) {
    input.included = text.substr(at + include.size());
    text = text.substr(0, at);
  }
  input.files.insert(input.files.begin(), {"rules.yaml", std::string(text)});
  return input;
}

void check_place(const Diagnostic& diagnostic, const Input& input) {
  if (diagnostic.message.empty() || diagnostic.line < 1 || diagnostic.column < 1) std::abort();
  if (diagnostic.file.ends_with(".lua")) return;            // Lua has an idea of its own of what a line is
  if (diagnostic.file.starts_with("personalize:")) return;  // a preset, of which this schema lacks attributes
  const std::string* text = &input.included;
  for (const SourceFile& file : input.files)
    if (file.name == diagnostic.file) text = &file.text;
  std::size_t begin = 0;
  for (std::uint32_t line = 1; line < diagnostic.line; ++line) {
    begin = text->find('\n', begin);
    if (begin++ == std::string::npos) std::abort();
  }
  const std::size_t end = std::min(text->find('\n', begin), text->size());
  if (diagnostic.column > end - begin + 1) std::abort();
}

/// Events are those that are explained.
void make_events(const RuleSet& set, std::string_view path, const Context& context, Arena& arena) {
  const MapEntry fields[] = {{Value::string("sku"), Value::string("a")}, {Value::string("qty"), Value::string("2")}};
  const personalize::html::PageFacts page =
      personalize::html::read_facts(set.facts(), "<p class=card data-order-id=7><b class=total>1.299,00 €");
  for (std::string_view method : {"GET", "POST"}) {
    const EventRequest request{method, path, Value::map(fields), page.declared};
    std::pmr::vector<personalize::learn::events::Event> events(&arena);
    set.events().make(request, context, arena, events);
    if (!events.empty() && !set.events().applies_to(method, path)) std::abort();
    std::size_t made = 0;
    for (const EventCandidate& candidate : set.events().explain(request, context, arena))
      made += candidate.made ? 1 : 0;
    if (made != events.size()) std::abort();
  }
}

void decide(const RuleSet& set, std::string_view path, std::int64_t now_us, std::string_view zone) {
  std::pmr::monotonic_buffer_resource arena;
  Context context(set.schema(), arena);
  for (const Fact& fact : facts) context.set(*set.schema().find(fact.name), fact.value);
  const PageRequest page{path, now_us, zone};
  const Decisions decisions = set.decide(page, context, arena);
  if (!decisions.empty() && !set.applies_to(path)) std::abort();
  std::vector<Candidate> candidates;
  const Decisions explained = set.explain(page, context, arena, candidates);
  const auto same = [](const Decision& a, const Decision& b) { return a.slot == b.slot && a.rule == b.rule; };
  if (!std::equal(decisions.begin(), decisions.end(), explained.begin(), explained.end(), same)) std::abort();
  set.render(decisions, context, arena);
  make_events(set, path, context, arena);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Schema schema = [] {
    Schema s;
    for (const Fact& fact : facts) s.add(fact.name, *parse_type(fact.type));
    return s;
  }();
  const Input input = split({reinterpret_cast<const char*>(data), size});
  const ReadFile read = [&](const std::string& path) -> tl::expected<std::string, std::string> {
    if (path == "b.yaml") return input.included;
    return tl::unexpected<std::string>("there is no such file");
  };
  Diagnostics diagnostics;
  const auto set = RuleSet::load(input.files, schema, diagnostics, read);
  for (const Diagnostic& diagnostic : diagnostics) check_place(diagnostic, input);
  if (!set) return has_errors(diagnostics) ? 0 : (std::abort(), 0);
  decide(*set, "/c/tents/1", 1'795'341'600'000'000, "Asia/Tokyo");
  decide(*set, "/", -1, "");
  return 0;
}
