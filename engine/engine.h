// Plugins and rules: configured once, used for every request.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/events/event_attributes.h"
#include "engine/host_attributes.h"
#include "engine/rules/rule_load.h"
#include "plugins/plugin_set.h"
#include "rules/diagnostic.h"
#include "rules/rule_set.h"

namespace personalize::engine {

/// Plugins, configured, and the rule set loaded against their attributes, which may be other engines' too. Immutable;
/// shared by all requests of a process, which are served by one thread.
class Engine {
 public:
  /// Configures the plugins, and has the files read and compiled against their attributes, unless that load did so for
  /// another engine before. All mistakes are reported; null if one of them is an error. `sources`: see
  /// rules::RuleSet::load.
  static std::shared_ptr<const Engine> load(RuleLoad& load, const plugins::HostSettings& settings,
                                            rules::Diagnostics& diagnostics, rules::load::Sources* sources = nullptr);
  /// The same for one engine. `seen` gets every file that was read or could not be read.
  static std::shared_ptr<const Engine> load(const RuleFiles& files, const plugins::HostSettings& settings,
                                            rules::Diagnostics& diagnostics, FileSnapshots* seen = nullptr,
                                            rules::load::Sources* sources = nullptr);
  /// One with other rules, to replace this engine; the new plugins take over what they can from the old ones. May be
  /// called in another thread than the one that serves, but only for one engine at a time.
  std::shared_ptr<const Engine> with_rules(RuleLoad& load, rules::Diagnostics& diagnostics) const;

  const rules::RuleSet& rules() const { return *rules_; }
  const std::shared_ptr<const rules::RuleSet>& shared_rules() const { return rules_; }
  const plugins::Settings& settings() const { return settings_; }
  /// What rules read that only the host knows.
  const HostAttributes& host_attributes() const { return host_; }
  /// What every event says, where the configuration wants events.
  const EventAttributes& event_attributes() const { return event_attributes_; }
  /// Some plugin wants to know what was shown.
  bool records() const { return !plugins_.observing().empty(); }

  /// To be called by a timer in the worker's thread, never during `decide`: about once a second, and sooner while
  /// `busy`; see plugins::Plugin::maintain.
  plugins::MaintenanceReport maintain() const;
  std::vector<plugins::Metric> metrics() const;

 private:
  friend class Evaluation;

  Engine(const plugins::HostSettings& settings, const Engine* serving)
      : settings_(settings), plugins_(settings_, serving ? &serving->plugins_ : nullptr) {}
  bool configure_plugins(rules::Schema& schema, rules::Diagnostics& diagnostics);
  bool take_rules(RuleLoad& load, rules::Diagnostics& diagnostics, rules::load::Sources* sources);
  bool add_plugins_of_rules(std::span<const rules::SourceFile> sources, rules::Schema& schema,
                            rules::Diagnostics& diagnostics);
  bool activate_plugins(rules::Diagnostics& diagnostics);
  bool check_contents(rules::Diagnostics& diagnostics) const;

  /// For schedules, if it was configured.
  std::string_view other_visitors_zone() const {
    return settings_.time_zone_configured ? settings_.default_time_zone : std::string_view();
  }

  plugins::HostSettings settings_;
  plugins::PluginSet plugins_;
  std::shared_ptr<const rules::RuleSet> rules_;
  std::size_t profile_ = 0;  // index of the profile's plugin among the active ones, or their number
  std::optional<rules::AttributeId> visitor_zone_;
  bool offers_languages_ = false;  // the configuration or the rules name the shop's
  std::optional<rules::AttributeId> is_bot_;
  HostAttributes host_;
  EventAttributes event_attributes_;
  mutable std::vector<std::unique_ptr<std::byte[]>> evaluation_memory_;  // of finished evaluations, for reuse
};

}  // namespace personalize::engine
