#include "engine/rules/watched_rules.h"

#include <malloc.h>

#include <algorithm>
#include <exception>
#include <mutex>
#include <set>
#include <utility>

namespace personalize::engine {
namespace {

/// At most so many loads wait for a file system that does not answer.
constexpr std::size_t max_stuck = 3;
constexpr std::chrono::minutes pause_after_giving_up{1};

/// The memory of a rule set lies between other memory, so that the allocator would keep it. Too slow for a thread that
/// serves.
void give_memory_back() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

bool contains(const std::vector<std::string>& paths, const std::string& path) {
  return std::find(paths.begin(), paths.end(), path) != paths.end();
}

}  // namespace

WatchedRules::WatchedRules(std::vector<std::string> paths, std::vector<std::shared_ptr<const Engine>> engines,
                           FileSnapshots seen, Keep keep)
    : paths_(std::move(paths)), settled_(std::move(seen)), keep_(std::move(keep)) {
  const auto maker = std::make_shared<plugins::BackgroundTask>();
  for (auto& engine : engines) engines_.push_back({.current = std::move(engine), .maker = maker});
  const std::vector<std::string> files = expand(paths_);
  for (const FileSnapshot& snapshot : settled_)
    if (!contains(files, snapshot.path)) included_.push_back(snapshot.path);
  seen_ = settled_;
}

FileSnapshots WatchedRules::look() const {
  FileSnapshots snapshots;
  for (std::string& path : expand(paths_)) {
    const geo::FileState state = geo::FileState::of(path);
    snapshots.push_back({std::move(path), state});
  }
  for (const std::string& path : included_) snapshots.push_back({path, geo::FileState::of(path)});
  return snapshots;
}

WatchedRules::Outcome WatchedRules::poll() {
  dispose_of_retired();
  if (load_) return go_on_loading();
  if (again_ && Clock::now() >= *again_ && stuck() < max_stuck) {
    again_.reset();
    settled_.clear();
  }
  FileSnapshots now = look();
  const bool steady = now == seen_;
  seen_ = std::move(now);
  if (!steady || seen_ == settled_ || stuck() >= max_stuck) return Outcome::idle;
  return begin_load();
}

WatchedRules::Outcome WatchedRules::begin_load() {
  static std::mutex one_at_a_time;
  settled_ = seen_;
  load_ = std::make_shared<Load>();
  load_->paths = paths_;
  load_->keep = keep_;
  load_->engines = engines_;
  loading_ = std::make_shared<plugins::BackgroundTask>(plugins::BackgroundTask::Thread::stays);
  if (loading_->start([load = load_] { run(*load); }, &one_at_a_time)) return Outcome::busy;
  load_.reset();
  settled_.clear();  // try again
  return Outcome::idle;
}

void WatchedRules::Load::refuse(const std::string& path, const std::string& why) {
  for (Watched& engine : engines) engine = {nullptr, {{.file = path, .line = 0, .message = why}}, Outcome::refused};
}

void WatchedRules::Load::replace_engines(RuleFiles found) {
  files = found.names();
  RuleLoad rules(std::move(found));
  std::vector<std::size_t> takers;
  for (std::size_t i = 0; i < engines.size(); ++i) {
    const std::shared_ptr<const Engine> serving = std::move(engines[i].current);
    rules::Diagnostics diagnostics;
    std::shared_ptr<const Engine> engine = serving->with_rules(rules, diagnostics);
    const bool unchanged = engine && engine->rules().version() == serving->rules().version();
    if (engine && !unchanged) takers.push_back(i);
    engines[i] = {unchanged ? nullptr : engine, std::move(diagnostics),
                  !engine     ? Outcome::refused
                  : unchanged ? Outcome::unchanged
                              : Outcome::replaced};
  }
  seen = rules.seen();
  compilations = rules.compilations();
  if (keep && !takers.empty()) keep(rules.texts(), takers);
}

void WatchedRules::run(Load& load) noexcept {
  try {
    RuleFiles found(load.paths);
    if (found.nothing_there())
      load.refuse(load.paths.front(), "no file is there any more");
    else
      load.replace_engines(std::move(found));
  } catch (const std::exception& error) {
    load.refuse(load.paths.front(), error.what());
  }
  give_memory_back();
}

WatchedRules::Outcome WatchedRules::go_on_loading() {
  if (loading_->done()) return end_load();
  if (Clock::now() - load_->start < max_load_time) return Outcome::busy;
  if (const std::string path = loading_->give_up(); !path.empty()) {
    load_.reset();
    stuck_.push_back(std::move(loading_));
    again_ = Clock::now() + pause_after_giving_up;
    const rules::Diagnostic late{.file = path,
                                 .line = 0,
                                 .message = "loading takes longer than " + std::to_string(max_load_time.count()) +
                                            " s, as this file cannot be read to its end: is its file system there?"};
    for (Watched& engine : engines_) {
      engine.diagnostics = {late};
      engine.outcome = Outcome::refused;
    }
    return Outcome::refused;
  }
  return std::exchange(load_->late, true) ? Outcome::busy : Outcome::late;
}

WatchedRules::Outcome WatchedRules::end_load() {
  const std::shared_ptr<Load> load = std::move(load_);
  const Maker maker = std::move(loading_);

  included_.clear();
  for (const FileSnapshot& snapshot : load->seen)
    if (!contains(load->files, snapshot.path)) included_.push_back(snapshot.path);
  settled_ = load->seen;
  seen_ = look();
  compilations_ += load->compilations;
  const bool changed_again = seen_ != settled_;  // perhaps while they were being read
  Outcome outcome = changed_again ? Outcome::idle : Outcome::unchanged;
  for (std::size_t i = 0; i < engines_.size(); ++i) {
    Watched& loaded = load->engines[i];
    if (changed_again) {
      retire(std::move(loaded.current), maker);
      continue;
    }
    engines_[i].diagnostics = std::move(loaded.diagnostics);
    engines_[i].outcome = loaded.outcome;
    if (loaded.current)
      retire(std::exchange(engines_[i].current, std::move(loaded.current)), std::exchange(engines_[i].maker, maker));
    if (outcome == Outcome::unchanged) outcome = loaded.outcome;
  }
  return outcome;
}

std::size_t WatchedRules::take_compilations() { return std::exchange(compilations_, 0); }

std::size_t WatchedRules::living() const {
  std::set<const rules::RuleSet*> sets;
  for (const Watched& engine : engines_) sets.insert(&engine.current->rules());
  for (const Retired& retired : retired_) sets.insert(retired.rules);
  return sets.size();
}

/// Loads that were given up and still wait.
std::size_t WatchedRules::stuck() {
  std::erase_if(stuck_, [](const Maker& maker) { return maker->given_up() == 0; });
  return stuck_.size();
}

void WatchedRules::retire(std::shared_ptr<const Engine> engine, Maker maker) {
  if (!engine) return;
  const rules::RuleSet* rules = &engine->rules();
  retired_.push_back({std::move(engine), rules, std::move(maker)});
}

/// Destroying a large set takes a tenth of a second.
void WatchedRules::dispose_of_retired() {
  for (const Retired& retired : retired_)
    if (!retired.engine) retired.maker->done();
  std::erase_if(retired_, [](const Retired& retired) { return !retired.engine && !retired.maker->under_way(); });
  for (const Retired& retired : retired_)
    if (retired.engine.use_count() == 1 && !retired.maker->under_way()) dispose_of_unused(Maker(retired.maker));
}

void WatchedRules::dispose_of_unused(const Maker& maker) {
  const auto engines = std::make_shared<std::vector<std::shared_ptr<const Engine>>>();
  std::vector<Retired*> places;
  for (Retired& retired : retired_) {
    if (retired.maker != maker || retired.engine.use_count() != 1) continue;
    engines->push_back(std::move(retired.engine));
    places.push_back(&retired);
  }
  const auto dispose = [engines] {
    engines->clear();
    give_memory_back();
  };
  if (maker->start(dispose)) return;
  for (std::size_t i = 0; i < places.size(); ++i) places[i]->engine = std::move((*engines)[i]);
}

}  // namespace personalize::engine
