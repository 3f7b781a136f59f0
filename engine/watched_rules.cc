#include "engine/watched_rules.h"

#include <algorithm>
#include <exception>
#include <mutex>
#include <utility>

namespace personalize::engine {
namespace {

/// So many loads may wait for a file system that does not answer; more are not begun.
constexpr std::size_t max_stuck = 3;
constexpr std::chrono::minutes pause_after_giving_up{1};

bool contains(const std::vector<std::string>& paths, const std::string& path) {
  return std::find(paths.begin(), paths.end(), path) != paths.end();
}

}  // namespace

WatchedRules::WatchedRules(std::vector<std::string> paths, std::shared_ptr<const Engine> engine, FileSnapshots seen,
                           Keep keep)
    : paths_(std::move(paths)), current_(std::move(engine)), settled_(std::move(seen)), keep_(std::move(keep)) {
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
  if (again_ && Clock::now() >= *again_ && loading_.given_up() < max_stuck) {
    again_.reset();
    settled_.clear();
  }
  FileSnapshots now = look();
  const bool steady = now == seen_;
  seen_ = std::move(now);
  if (!steady || seen_ == settled_ || loading_.given_up() >= max_stuck) return Outcome::idle;
  return begin_load();
}

WatchedRules::Outcome WatchedRules::begin_load() {
  static std::mutex one_at_a_time;
  settled_ = seen_;
  load_ = std::make_shared<Load>();
  load_->paths = paths_;
  load_->keep = keep_;
  load_->serving = current_;
  if (loading_.start([load = load_] { run(*load); }, &one_at_a_time)) return Outcome::busy;
  load_.reset();
  settled_.clear();  // try again
  return Outcome::idle;
}

void WatchedRules::run(Load& load) noexcept {
  try {
    const RuleFiles files(load.paths);
    load.files = files.names();
    if (files.nothing_there()) {
      load.diagnostics.push_back({.file = load.paths.front(), .line = 0, .message = "no file is there any more"});
      return;
    }
    RuleTexts texts;
    load.engine = load.serving->with_rules(files, load.diagnostics, &load.seen, load.keep ? &texts : nullptr);
    load.unchanged = load.engine && load.engine->rules().version() == load.serving->rules().version();
    if (load.unchanged)
      load.engine.reset();
    else if (load.engine && load.keep)
      load.keep(texts);
  } catch (const std::exception& error) {
    load.diagnostics.push_back({.file = load.paths.front(), .line = 0, .message = error.what()});
  }
}

WatchedRules::Outcome WatchedRules::go_on_loading() {
  if (loading_.done()) return end_load();
  if (Clock::now() - load_->start < max_load_time) return Outcome::busy;
  if (const std::string path = loading_.give_up(); !path.empty()) {
    load_.reset();
    again_ = Clock::now() + pause_after_giving_up;
    diagnostics_ = {{.file = path,
                     .line = 0,
                     .message = "loading takes longer than " + std::to_string(max_load_time.count()) +
                                " s, as this file cannot be read to its end: is its file system there?"}};
    return Outcome::refused;
  }
  return std::exchange(load_->late, true) ? Outcome::busy : Outcome::late;
}

WatchedRules::Outcome WatchedRules::end_load() {
  const std::shared_ptr<Load> load = std::move(load_);

  included_.clear();
  for (const FileSnapshot& snapshot : load->seen)
    if (!contains(load->files, snapshot.path)) included_.push_back(snapshot.path);
  settled_ = load->seen;
  seen_ = look();
  if (seen_ != settled_) {  // they changed again, perhaps while they were being read
    if (load->engine) retired_.push_back(std::move(load->engine));
    return Outcome::idle;
  }
  diagnostics_ = std::move(load->diagnostics);
  if (load->unchanged) return Outcome::unchanged;
  if (!load->engine) return Outcome::refused;
  retired_.push_back(std::exchange(current_, std::move(load->engine)));
  return Outcome::replaced;
}

/// Taking a large set apart takes a tenth of a second.
void WatchedRules::dispose_of_retired() {
  if (disposal_.under_way()) {
    if (!disposal_.done()) return;
    retired_.erase(std::find(retired_.begin(), retired_.end(), nullptr));
  }
  const auto unused =
      std::find_if(retired_.begin(), retired_.end(), [](const auto& engine) { return engine.use_count() == 1; });
  if (unused == retired_.end()) return;
  auto engine = std::make_shared<std::shared_ptr<const Engine>>(std::move(*unused));
  if (!disposal_.start([engine] { engine->reset(); })) *unused = std::move(*engine);
}

}  // namespace personalize::engine
