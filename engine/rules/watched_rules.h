// Rules whose files may change while they are in use.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "engine/rules/rule_files.h"
#include "plugins/background_task.h"

namespace personalize::engine {

/// Polled by its owner, a few times per second. A poll checks the files' states but reads none; new rules are loaded in
/// a thread of their own, once for all engines that serve with them. The engines in use stay until complete new ones
/// have passed all checks. Changed files are loaded once they all look the same in two polls, so that half-saved files
/// and half a checkout are not loaded.
class WatchedRules {
 public:
  /// `keep`, if given, gets the texts of each set that replaces another, and the positions of the engines that took it.
  /// It is called in the loading thread, owns what it uses, and must not throw.
  using Keep = std::function<void(const RuleTexts& texts, std::span<const std::size_t> engines)>;
  /// `engines`, one or more, were loaded from the files that match `paths` (see `expand`); `seen` are their states.
  WatchedRules(std::vector<std::string> paths, std::vector<std::shared_ptr<const Engine>> engines, FileSnapshots seen,
               Keep keep = {});

  enum class Outcome : std::uint8_t {
    idle,       ///< nothing to do
    busy,       ///< new rules are being loaded: poll again soon
    late,       ///< the same, and it takes longer than `max_load_time`; once for a load
    replaced,   ///< `current` is a new engine
    unchanged,  ///< the files changed, but their content is the one in use
    refused,    ///< the files cannot be used, see `diagnostics`; not tried again until they change
  };
  /// After a load: the outcome of the first engine that has not `unchanged`, if there is one.
  Outcome poll();
  static constexpr std::chrono::seconds max_load_time = max_reading_time;

  const std::shared_ptr<const Engine>& current(std::size_t engine = 0) const { return engines_[engine].current; }
  /// Of the last load for that engine.
  Outcome outcome(std::size_t engine) const { return engines_[engine].outcome; }
  /// The diagnostics of the last load: mistakes if it was refused, otherwise at most warnings.
  const rules::Diagnostics& diagnostics(std::size_t engine = 0) const { return engines_[engine].diagnostics; }
  /// How often the files were compiled since the last call.
  std::size_t take_compilations();
  /// Rule sets in memory: those in use, and earlier ones that pages still use or that are being destroyed.
  std::size_t living() const;

 private:
  using Clock = std::chrono::steady_clock;
  /// The thread that loads rules lives as long as they do, and destroys them: no other thread's memory lies between
  /// theirs, so that all of it is given back.
  using Maker = std::shared_ptr<plugins::BackgroundTask>;
  struct Watched {
    std::shared_ptr<const Engine> current;
    rules::Diagnostics diagnostics = {};
    Outcome outcome = Outcome::unchanged;
    Maker maker = {};
  };
  /// An engine that is not in use any more; null while it is being destroyed.
  struct Retired {
    std::shared_ptr<const Engine> engine;
    const rules::RuleSet* rules;
    Maker maker;
  };
  struct Load {
    std::vector<std::string> paths;
    std::vector<std::string> files;
    Keep keep;
    Clock::time_point start = Clock::now();
    bool late = false;
    std::vector<Watched> engines;  // at first those that serve, later the new ones, or null
    std::size_t compilations = 0;
    FileSnapshots seen;

    void refuse(const std::string& path, const std::string& why);
    void replace_engines(RuleFiles found);
  };

  FileSnapshots look() const;
  Outcome begin_load();
  Outcome go_on_loading();
  Outcome end_load();
  static void run(Load& load) noexcept;
  std::size_t stuck();
  void retire(std::shared_ptr<const Engine> engine, Maker maker);
  void dispose_of_retired();
  void dispose_of_unused(const Maker& maker);

  std::vector<std::string> paths_;
  std::vector<Watched> engines_;
  std::vector<std::string> included_;  // files that the last load read beside those that `paths_` stand for
  FileSnapshots settled_;              // the files as they were last taken in or refused
  FileSnapshots seen_;                 // and as they were at the last poll
  std::shared_ptr<Load> load_;
  std::optional<Clock::time_point> again_;  // when to load once more what took too long
  Keep keep_;
  std::size_t compilations_ = 0;
  std::vector<Retired> retired_;
  Maker loading_;             // of `load_`
  std::vector<Maker> stuck_;  // with loads that were given up
};

}  // namespace personalize::engine
