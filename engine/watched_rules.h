// Rules whose files may change while they are in use.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "engine/errand.h"
#include "engine/rule_files.h"

namespace personalize::engine {

/// Polled by its owner, a few times per second; a poll looks at files but reads none: new rules are loaded in a thread
/// of their own. The engine in use stays until a complete new set has passed all checks. Files that change count as
/// changed once they all look the same in two polls, so that half of what somebody saves or checks out is not taken in.
class WatchedRules {
 public:
  /// `engine` was loaded from the files that `paths` (see `expand`) stood for, and `seen` is what was looked at.
  WatchedRules(std::vector<std::string> paths, std::shared_ptr<const Engine> engine, Sightings seen);

  enum class Outcome : std::uint8_t {
    idle,       ///< nothing to do
    busy,       ///< new rules are being loaded: poll again soon
    replaced,   ///< `current` is another one now
    unchanged,  ///< the files changed, but what is in them is what is in use
    refused,    ///< what is in the files cannot be used, see `diagnostics`; not tried again until they change
  };
  Outcome poll();

  const std::shared_ptr<const Engine>& current() const { return current_; }
  /// What the last load had to say: mistakes if it was refused, else at most warnings.
  const rules::Diagnostics& diagnostics() const { return diagnostics_; }
  /// Sets in memory: the one in use, and those before it that pages still hold or that are being taken apart.
  std::size_t living() const { return 1 + retired_.size(); }

 private:
  struct Load {
    std::vector<std::string> files;
    std::shared_ptr<const Engine> serving;
    std::shared_ptr<const Engine> engine;  // null: the files cannot be used, or are those of the serving one
    bool unchanged = false;
    rules::Diagnostics diagnostics;
    Sightings seen;
  };

  Sightings look() const;
  Outcome begin_load();
  Outcome end_load();
  static void run(Load& load) noexcept;
  void dispose_of_retired();

  std::vector<std::string> paths_;
  std::shared_ptr<const Engine> current_;
  rules::Diagnostics diagnostics_;
  std::vector<std::string> included_;  // files that the last load read beside those that `paths_` stand for
  Sightings settled_;                  // the files as they were last taken in or refused
  Sightings seen_;                     // and as they were at the last poll
  std::unique_ptr<Load> load_;
  std::vector<std::shared_ptr<const Engine>> retired_;
  Errand loading_;  // these are waited for before what they use goes
  Errand disposal_;
};

}  // namespace personalize::engine
