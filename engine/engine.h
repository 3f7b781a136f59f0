// The way of a request in plain C++: request → context → decisions → edits. NGINX and the command line tool are two
// hosts of it.
#pragma once

#include <cstdint>
#include <memory>
#include <memory_resource>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "html/edit.h"
#include "plugins/plugin.h"
#include "plugins/request.h"
#include "rules/diagnostic.h"
#include "rules/rule_set.h"

namespace personalize::engine {

/// Plugins, configured, and the rule set loaded against their attributes. Immutable; shared by all requests of a worker.
class Engine {
 public:
  /// Reads `rule_files` (paths, already expanded) and configures the plugins. All mistakes are reported; null if one of
  /// them is an error.
  static std::shared_ptr<const Engine> load(const std::vector<std::string>& rule_files,
                                            const plugins::Settings& settings, rules::Diagnostics& diagnostics);
  ~Engine();

  const rules::RuleSet& rules() const { return *rules_; }

 private:
  friend class Visit;
  Engine();
  struct ActivePlugin {
    const plugins::Plugin* plugin;
  };
  std::vector<std::unique_ptr<plugins::Plugin>> plugins_;
  std::vector<ActivePlugin> active_;  // those with an attribute that some rule mentions
  std::shared_ptr<const rules::RuleSet> rules_;
  std::vector<std::uint8_t> wanted_;  // by AttributeId
};

/// What became of the profile, for `$personalize_profile_status`.
enum class FetchStatus : std::uint8_t { not_needed, pending, found, not_found, error, deadline, unavailable };
std::string_view to_string(FetchStatus status);

/// One request on its way. Construct, `start`, hand in replies as they come, `decide`, use `edits`. No function throws
/// but std::bad_alloc.
class Visit {
 public:
  /// `request`'s views outlive the visit.
  Visit(std::shared_ptr<const Engine> engine, const plugins::Request& request);
  ~Visit();
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;

  /// What to fetch; may be empty. Positions are the numbers of `receive`.
  std::span<const plugins::Fetch> start();
  /// The reply to fetch number `index`; copied into the visit's own memory.
  void receive(std::size_t index, const plugins::Reply& reply);

  /// Resolves attributes, decides, renders. Fetches without a reply count as absent.
  void decide();

  const rules::Decisions& decisions() const;
  std::span<const html::Edit> edits() const;
  const rules::Context& context() const;
  /// Every candidate's fate; decides again, for tools.
  std::vector<rules::Candidate> explain();
  const Engine& engine() const { return *engine_; }
  /// Plugins that threw and were left out.
  std::uint32_t plugin_failures() const;
  std::pmr::memory_resource& arena();

 private:
  struct Impl;
  std::shared_ptr<const Engine> engine_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace personalize::engine
