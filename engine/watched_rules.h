// Rules whose files may change while they are in use.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/background_task.h"
#include "engine/engine.h"
#include "engine/rule_files.h"

namespace personalize::engine {

/// Polled by its owner, a few times per second. A poll checks the files' states but reads none; new rules are loaded in
/// a thread of their own. The engine in use stays until a complete new set has passed all checks. Changed files are
/// loaded once they all look the same in two polls, so that half-saved files and half a checkout are not loaded.
class WatchedRules {
 public:
  /// `engine` was loaded from the files that match `paths` (see `expand`); `seen` are their states.
  /// `keep`, if there is one, is told the texts of each set that replaces another, in the thread that loads: it owns
  /// what it uses, and must not throw.
  using Keep = std::function<void(const RuleTexts& texts)>;
  WatchedRules(std::vector<std::string> paths, std::shared_ptr<const Engine> engine, FileSnapshots seen,
               Keep keep = {});

  enum class Outcome : std::uint8_t {
    idle,       ///< nothing to do
    busy,       ///< new rules are being loaded: poll again soon
    late,       ///< the same, and it takes longer than `max_load_time`; once for a load
    replaced,   ///< `current` is a new engine
    unchanged,  ///< the files changed, but their content is the one in use
    refused,    ///< the files cannot be used, see `diagnostics`; not tried again until they change
  };
  Outcome poll();
  static constexpr std::chrono::seconds max_load_time = max_reading_time;

  const std::shared_ptr<const Engine>& current() const { return current_; }
  /// The diagnostics of the last load: mistakes if it was refused, otherwise at most warnings.
  const rules::Diagnostics& diagnostics() const { return diagnostics_; }
  /// Rule sets in memory: the one in use, and earlier ones that pages still use or that are being destroyed.
  std::size_t living() const { return 1 + retired_.size(); }

 private:
  using Clock = std::chrono::steady_clock;
  struct Load {
    std::vector<std::string> paths;
    std::vector<std::string> files;
    Keep keep;
    Clock::time_point start = Clock::now();
    bool late = false;
    std::shared_ptr<const Engine> serving;
    std::shared_ptr<const Engine> engine;  // null: the files cannot be used, or are those of the serving one
    bool unchanged = false;
    rules::Diagnostics diagnostics;
    FileSnapshots seen;
  };

  FileSnapshots look() const;
  Outcome begin_load();
  Outcome go_on_loading();
  Outcome end_load();
  static void run(Load& load) noexcept;
  void dispose_of_retired();

  std::vector<std::string> paths_;
  std::shared_ptr<const Engine> current_;
  rules::Diagnostics diagnostics_;
  std::vector<std::string> included_;  // files that the last load read beside those that `paths_` stand for
  FileSnapshots settled_;              // the files as they were last taken in or refused
  FileSnapshots seen_;                 // and as they were at the last poll
  std::shared_ptr<Load> load_;
  std::optional<Clock::time_point> again_;  // when to load once more what took too long
  Keep keep_;
  std::vector<std::shared_ptr<const Engine>> retired_;
  BackgroundTask loading_;
  BackgroundTask disposal_;
};

}  // namespace personalize::engine
