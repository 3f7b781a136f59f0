// What deciding costs, by the number of rules, and what else of rules is done for every page.
#include <benchmark/benchmark.h>

#include <array>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <memory_resource>
#include <new>

#include "bench/rules/rule_mix.h"
#include "rules/lua/script.h"
#include "rules/templates/template.h"

namespace {
std::uint64_t allocations = 0;
}  // namespace

// Every allocation of the program is counted; those of arenas come with an alignment.
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment) {
  ++allocations;
  const auto unit = static_cast<std::size_t>(alignment);
  if (void* block = std::aligned_alloc(unit, (size + unit - 1) / unit * unit)) return block;
  throw std::bad_alloc();
}
[[gnu::noinline]] void* operator new(std::size_t size) {
  return operator new (size, std::align_val_t{alignof(std::max_align_t)});
}
[[gnu::noinline]] void operator delete(void* block) noexcept { std::free(block); }
[[gnu::noinline]] void operator delete(void* block, std::size_t) noexcept { std::free(block); }
[[gnu::noinline]] void operator delete(void* block, std::align_val_t) noexcept { std::free(block); }
[[gnu::noinline]] void operator delete(void* block, std::size_t, std::align_val_t) noexcept { std::free(block); }

namespace personalize::bench {

constexpr std::uint32_t seed = 20261122;

namespace {

std::shared_ptr<const rules::RuleSet> load(const std::string& text) {
  rules::Diagnostics diagnostics;
  const rules::SourceFile file{"rules.yaml", text};
  auto set = rules::RuleSet::load({&file, 1}, shop_schema(), diagnostics);
  for (const auto& diagnostic : diagnostics) std::fprintf(stderr, "%s\n", rules::to_string(diagnostic).c_str());
  if (!set) std::exit(1);
  return set;
}

/// As much memory as a request of the engine has before it asks for more.
constexpr std::size_t request_memory = 6 * 1024;

void decide(benchmark::State& state) {
  const auto set = load(rule_file(static_cast<std::size_t>(state.range(0)), seed));
  const std::vector<Visitor> people = visitors(256, seed + 1);
  std::pmr::monotonic_buffer_resource memory;
  std::deque<rules::Context> contexts;
  for (const Visitor& visitor : people) contexts.push_back(visitor.context(set->schema(), memory));
  std::size_t i = 0, winners = 0;
  const std::uint64_t before = allocations;
  for (auto _ : state) {
    std::array<std::byte, request_memory> buffer;
    std::pmr::monotonic_buffer_resource arena(buffer.data(), buffer.size());
    const Visitor& visitor = people[i % people.size()];
    const auto decisions =
        set->decide({visitor.path, visitor.now_us, visitor.zone}, contexts[i % people.size()], arena);
    winners += decisions.size();
    ++i;
  }
  const auto rounds = static_cast<double>(state.iterations());
  state.counters["allocations"] = static_cast<double>(allocations - before) / rounds;
  state.counters["winners"] = static_cast<double>(winners) / rounds;
}

void load_rules(benchmark::State& state) {
  const std::string text = rule_file(static_cast<std::size_t>(state.range(0)), seed);
  for (auto _ : state) benchmark::DoNotOptimize(load(text));
  state.counters["bytes"] = static_cast<double>(text.size());
}

void lua_condition(benchmark::State& state) {
  constexpr std::string_view source = R"lua(
    local free_from = { DE = 40, FR = 50, IE = 60 }
    rule {
      id = "free-delivery", slot = "offer", template = "x",
      when = function(c)
        local least = free_from[c.geo.country]
        return least ~= nil and (c.profile.lifetime_value or 0) > least and c.device.type ~= "bot"
      end,
    })lua";
  rules::Schema schema = shop_schema();
  schema.add("profile.lifetime_value", {rules::Kind::real});
  std::vector<rules::lua::Error> errors;
  const auto script = rules::lua::Script::load(source, errors);
  script->bind(schema, errors);
  std::pmr::monotonic_buffer_resource memory;
  rules::Context context(schema, memory);
  context.set(*schema.find("geo.country"), rules::Value::string("IE"));
  context.set(*schema.find("device.type"), rules::Value::string("phone"));
  context.set(*schema.find("profile.lifetime_value"), rules::Value::real(1234.5));
  for (auto _ : state)
    if (!script->condition(0, context, memory).is_true()) state.SkipWithError("the condition is not true");
}

void render_template(benchmark::State& state) {
  constexpr std::string_view source =
      R"(<a class="banner banner--rain" href="/c/rain?from={{geo.country}}" title="Rain in {{geo.city}}">)"
      R"(<img src="/assets/art/rain.svg" alt="" width="640" height="240"><h2>Rain in {{geo.city}}? Stay dry.</h2>)"
      R"({{#profile.first_name}}<p>We kept your size, {{profile.first_name}}.</p>{{/profile.first_name}})"
      R"(<p class="more">All for the rain</p></a>)";
  rules::Schema schema = shop_schema();
  schema.add("profile.first_name", {rules::Kind::string});
  std::vector<rules::templates::Error> errors;
  const auto text = rules::templates::Template::compile(source, rules::templates::Target::html, {&schema}, errors);
  if (!text) std::exit(1);
  std::pmr::monotonic_buffer_resource memory;
  rules::Context context(schema, memory);
  context.set(*schema.find("geo.country"), rules::Value::string("IE"));
  context.set(*schema.find("geo.city"), rules::Value::string("Dún Laoghaire"));
  context.set(*schema.find("profile.first_name"), rules::Value::string("Maeve"));
  std::size_t size = 0;
  for (auto _ : state) {
    std::array<std::byte, request_memory> buffer;
    std::pmr::monotonic_buffer_resource arena(buffer.data(), buffer.size());
    std::pmr::string out(&arena);
    text->render(context, out);
    size = out.size();
  }
  state.counters["bytes"] = static_cast<double>(size);
}

BENCHMARK(decide)->Arg(10)->Arg(100)->Arg(1000)->Arg(10000);
BENCHMARK(load_rules)->Arg(10000)->Unit(benchmark::kMillisecond);
BENCHMARK(lua_condition);
BENCHMARK(render_template);

}  // namespace
}  // namespace personalize::bench

/// `--print-rules N` is for those who measure a whole server with the same rules.
int main(int count, char** arguments) {
  if (count == 3 && std::string_view(arguments[1]) == "--print-rules") {
    std::fputs(personalize::bench::rule_file(std::strtoul(arguments[2], nullptr, 10), personalize::bench::seed).c_str(),
               stdout);
    return 0;
  }
  benchmark::Initialize(&count, arguments);
  if (benchmark::ReportUnrecognizedArguments(count, arguments)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
