#include "engine/watched_rules.h"

#include <algorithm>
#include <exception>
#include <mutex>
#include <utility>

namespace personalize::engine {
namespace {

bool contains(const std::vector<std::string>& paths, const std::string& path) {
  return std::find(paths.begin(), paths.end(), path) != paths.end();
}

}  // namespace

WatchedRules::WatchedRules(std::vector<std::string> paths, std::shared_ptr<const Engine> engine, Sightings seen)
    : paths_(std::move(paths)), current_(std::move(engine)), settled_(std::move(seen)) {
  const std::vector<std::string> files = expand(paths_);
  for (const Sighting& sighting : settled_)
    if (!contains(files, sighting.path)) included_.push_back(sighting.path);
  seen_ = settled_;
}

Sightings WatchedRules::look() const {
  Sightings sightings;
  for (std::string& path : expand(paths_)) {
    const geo::FileState state = geo::FileState::of(path);
    sightings.push_back({std::move(path), state});
  }
  for (const std::string& path : included_) sightings.push_back({path, geo::FileState::of(path)});
  return sightings;
}

WatchedRules::Outcome WatchedRules::poll() {
  dispose_of_retired();
  if (load_) return loading_.done() ? end_load() : Outcome::busy;
  Sightings now = look();
  const bool steady = now == seen_;
  seen_ = std::move(now);
  if (!steady || seen_ == settled_) return Outcome::idle;
  return begin_load();
}

WatchedRules::Outcome WatchedRules::begin_load() {
  settled_ = seen_;
  std::vector<std::string> files = expand(paths_);
  if (files.empty()) {
    diagnostics_ = {{.file = paths_.front(), .message = "no file is there any more"}};
    return Outcome::refused;
  }
  load_ = std::make_unique<Load>();
  load_->files = std::move(files);
  load_->serving = current_;
  if (loading_.start([load = load_.get()] { run(*load); })) return Outcome::busy;
  load_.reset();
  settled_.clear();  // try again
  return Outcome::idle;
}

void WatchedRules::run(Load& load) noexcept {
  static std::mutex one_at_a_time;
  const std::lock_guard guard(one_at_a_time);
  try {
    load.engine = load.serving->with_rules(load.files, load.diagnostics, &load.seen);
    load.unchanged = load.engine && load.engine->rules().version() == load.serving->rules().version();
    if (load.unchanged) load.engine.reset();
  } catch (const std::exception& error) {
    load.diagnostics.push_back({.file = load.files.front(), .message = error.what()});
  }
}

WatchedRules::Outcome WatchedRules::end_load() {
  const std::unique_ptr<Load> load = std::move(load_);

  included_.clear();
  for (const Sighting& sighting : load->seen)
    if (!contains(load->files, sighting.path)) included_.push_back(sighting.path);
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
