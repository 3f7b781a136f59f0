// The rewriter's cost on pages given as files, and its growth on hostile input.
//
//     html_bench SLOTS.json PAGE.html… [Google Benchmark's options]
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "html/facts/fact_reader.h"
#include "html/rewriter.h"

namespace {

using namespace personalize::html;

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Puts the page together in memory that is there already, as a caller that wants it as one string would.
class BufferSink : public Sink {
 public:
  explicit BufferSink(std::size_t capacity) : buffer_(capacity) {}
  void pass(std::string_view bytes) override { append(bytes); }
  void insert(std::string_view bytes) override { append(bytes); }
  void copy(std::string_view bytes) override { append(bytes); }
  void clear() { size_ = 0; }
  std::string_view text() const { return {buffer_.data(), size_}; }

 private:
  void append(std::string_view bytes) {
    if (size_ + bytes.size() > buffer_.size()) buffer_.resize(2 * (size_ + bytes.size()));
    std::memcpy(buffer_.data() + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
  }
  std::vector<char> buffer_;
  std::size_t size_ = 0;
};

/// Passes on without looking, for pages whose size alone would be felt.
class CountSink : public Sink {
 public:
  void pass(std::string_view bytes) override { size += bytes.size(); }
  void insert(std::string_view bytes) override { size += bytes.size(); }
  void copy(std::string_view bytes) override { size += bytes.size(); }
  std::size_t size = 0;
};

struct Slots {
  Selectors selectors;
  std::vector<Edit> edits;

  explicit Slots(const std::vector<std::string>& list) {
    for (const std::string& selector : list) {
      if (const auto error = selectors.add(selector)) throw std::runtime_error(selector + ": " + error->message);
      Edit edit;
      edit.slot = static_cast<SlotId>(edits.size());
      edit.operation = Operation::inner;
      edit.content = "<p class=\"personal\">For you: boots in your size, at your door tomorrow.</p>";
      edits.push_back(edit);
    }
  }
};

using SharedSlots = std::shared_ptr<const Slots>;
using SharedPage = std::shared_ptr<const std::string>;

/// Takes the time of every single run, so that the median leaves out those that something else on the machine
/// disturbed.
class Stopwatch {
 public:
  void start() { start_ = Clock::now(); }
  void stop() { times_.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start_).count()); }
  double median_us() {
    std::nth_element(times_.begin(), times_.begin() + static_cast<std::ptrdiff_t>(times_.size() / 2), times_.end());
    return times_[times_.size() / 2];
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start_;
  std::vector<double> times_;
};

void copy_page(benchmark::State& state, SharedPage page) {
  std::vector<char> buffer(page->size());
  Stopwatch stopwatch;
  for (auto _ : state) {
    stopwatch.start();
    std::memcpy(buffer.data(), page->data(), page->size());
    benchmark::DoNotOptimize(buffer.data());
    benchmark::ClobberMemory();
    stopwatch.stop();
  }
  state.counters["median_us"] = stopwatch.median_us();
}

void rewrite_page(benchmark::State& state, SharedSlots slots, SharedPage page, std::size_t piece) {
  RewriterOptions options;
  options.content_type = "text/html; charset=utf-8";
  BufferSink sink(page->size() + 4096);
  std::size_t memory = 0, applied = 0;
  Stopwatch stopwatch;
  for (auto _ : state) {
    stopwatch.start();
    sink.clear();
    Rewriter rewriter(slots->selectors, slots->edits, sink, options);
    for (std::size_t at = 0; at < page->size(); at += piece) rewriter.write(std::string_view(*page).substr(at, piece));
    memory = rewriter.memory();
    rewriter.end();
    benchmark::DoNotOptimize(sink.text().data());
    applied = 0;
    for (const EditResult& result : rewriter.results()) applied += result.applied;
    stopwatch.stop();
  }
  state.counters["median_us"] = stopwatch.median_us();
  state.counters["memory"] = static_cast<double>(memory);
  state.counters["applied"] = static_cast<double>(applied);
  state.counters["bytes"] = static_cast<double>(page->size());
}

using SharedFacts = std::shared_ptr<const FactSet>;

void read_page_facts(benchmark::State& state, SharedFacts set, SharedPage page) {
  std::size_t memory = 0;
  Stopwatch stopwatch;
  for (auto _ : state) {
    stopwatch.start();
    FactReader reader(*set, "text/html; charset=utf-8");
    reader.write(*page);
    memory = reader.memory();
    benchmark::DoNotOptimize(reader.end().declared.data());
    stopwatch.stop();
  }
  state.counters["median_us"] = stopwatch.median_us();
  state.counters["memory"] = static_cast<double>(memory);
  state.counters["bytes"] = static_cast<double>(page->size());
}

std::string repeat(std::string_view text, std::size_t times) {
  std::string result;
  result.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) result += text;
  return result;
}

struct Hostile {
  const char* name;
  std::string (*page)(std::size_t n);
  std::size_t n;  // the smallest one
};

const Hostile hostile_inputs[] = {
    {"<a></b> repeated", [](std::size_t n) { return repeat("<a></b>", n); }, 250'000},
    {"open <div>s", [](std::size_t n) { return repeat("<div>", n); }, 25'000},
    {"open <b>s", [](std::size_t n) { return repeat("<b>", n); }, 25'000},
    {"a long attribute", [](std::size_t n) { return "<p title=\"" + std::string(n, 'x') + "\">"; }, 5'000'000},
    {"a long comment", [](std::size_t n) { return "<!--" + std::string(n, '-') + "x-->"; }, 5'000'000},
    {"< repeated", [](std::size_t n) { return std::string(n, '<'); }, 5'000'000},
    {"<p> repeated", [](std::size_t n) { return repeat("<p>", n); }, 250'000},
    {"<table> in <table>", [](std::size_t n) { return repeat("<table><tr><td>", n); }, 25'000},
    {"many attributes", [](std::size_t n) { return repeat("<i " + repeat("a ", 1000) + ">", n); }, 500},
    {"many classes", [](std::size_t n) { return repeat("<i class='" + repeat("ab ", 1000) + "'>", n); }, 500},
};

/// Slots of every kind, in particular those that count and look ahead.
const std::vector<std::string> hostile_slots = {
    "#hero",        ".offer a",   "a + b",          "p ~ p.last", "li:nth-child(2n)", "b:nth-of-type(3)",
    "i:last-child", "td:has(#x)", "div > div > .x", "p:empty",    "[title*=abc]"};

void rewrite_hostile(benchmark::State& state, SharedSlots slots, Hostile hostile) {
  const std::string page = hostile.page(hostile.n * static_cast<std::size_t>(state.range(0)));
  CountSink sink;
  std::size_t memory = 0;
  Stopwatch stopwatch;
  for (auto _ : state) {
    stopwatch.start();
    Rewriter rewriter(slots->selectors, slots->edits, sink);
    for (std::size_t at = 0; at < page.size(); at += 16384) {
      rewriter.write(std::string_view(page).substr(at, 16384));
      memory = std::max(memory, rewriter.memory());
    }
    rewriter.end();
    stopwatch.stop();
  }
  state.counters["median_us"] = stopwatch.median_us();
  state.counters["memory"] = static_cast<double>(memory);
  state.counters["bytes"] = static_cast<double>(page.size());
}

void register_page(const std::string& name, const SharedPage& page, const std::vector<std::string>& fifty) {
  const auto slots = [](std::vector<std::string> list) { return std::make_shared<const Slots>(list); };
  const std::size_t whole = page->size();
  const auto add = [&](const std::string& what, SharedSlots some, std::size_t piece) {
    benchmark::RegisterBenchmark((name + "|" + what).c_str(), rewrite_page, some, page, piece)
        ->Unit(benchmark::kMicrosecond);
  };
  benchmark::RegisterBenchmark((name + "|memcpy").c_str(), copy_page, page)->Unit(benchmark::kMicrosecond);
  add("nothing matches", slots({"#not-on-this-page"}), whole);
  add("one tag name", slots({"h1"}), whole);
  add("one id", slots({"#hero"}), whole);
  add("50 slots", slots(fifty), whole);
  add("50 slots, 16 kB pieces", slots(fifty), 16384);
  FactSet declared;
  for (const char* selector : {"[data-order-id]", "[data-order-total]", "h1"}) {
    if (declared.add({selector, selector})) throw std::runtime_error(selector);
  }
  const auto facts = std::make_shared<const FactSet>(std::move(declared));
  benchmark::RegisterBenchmark((name + "|facts").c_str(), read_page_facts, facts, page)->Unit(benchmark::kMicrosecond);
}

}  // namespace

int main(int argc, char** argv) try {
  benchmark::Initialize(&argc, argv);
  if (argc < 2) {
    std::cerr << "usage: html_bench SLOTS.json PAGE.html...\n";
    return 2;
  }
  const auto slots = nlohmann::json::parse(read(argv[1])).at("slots").get<std::vector<std::string>>();
  for (int i = 2; i < argc; ++i) {
    const std::filesystem::path path = argv[i];
    register_page(path.stem().string(), std::make_shared<const std::string>(read(path)), slots);
  }
  const auto all = std::make_shared<const Slots>(hostile_slots);
  for (const Hostile& hostile : hostile_inputs) {
    benchmark::RegisterBenchmark((std::string("hostile|") + hostile.name).c_str(), rewrite_hostile, all, hostile)
        ->Arg(1)
        ->Arg(2)
        ->Arg(4)
        ->Unit(benchmark::kMillisecond);
  }
  benchmark::RunSpecifiedBenchmarks();
  return 0;
} catch (const std::exception& error) {
  std::cerr << "html_bench: " << error.what() << "\n";
  return 1;
}
