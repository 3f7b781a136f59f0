// The plugins of one engine, from their configuration to the requests that they serve.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "plugins/plugin.h"
#include "rules/schema.h"

namespace personalize::plugins {

/// Calls plugins in their order, keeps the ids of their attributes, and turns whatever they throw while rules are
/// loaded into a ConfigurationError that names the plugin.
class Roster {
 public:
  struct Member {
    std::unique_ptr<Plugin> plugin;
    rules::AttributeId first;  ///< of its attributes, which have consecutive ids
    std::size_t count;
  };
  using Errors = std::vector<ConfigurationError>;

  /// Configures the plugin, which resolves behind those that are there, and adds its attributes to the schema. A
  /// plugin that is misconfigured adds them too: rules that use it are not at fault. `serving`: the roster, of the
  /// same settings, whose plugins may be taken over from, or null.
  void add(std::unique_ptr<Plugin> plugin, const Settings& settings, const Roster* serving, rules::Schema& schema,
           Errors& errors);
  void adopt(const RuleSettings& settings, Errors& errors);
  /// Once, when rules are known: `used` are the attributes that they mention, of a schema that may have more behind
  /// those of the plugins.
  void activate(const rules::Schema& schema, std::span<const rules::AttributeId> used, Errors& errors);

  Upkeep maintain() const;
  std::vector<Metric> metrics() const;

  /// Those with a wanted attribute, in the order in which they resolve.
  std::span<const Member* const> active() const { return active_; }
  /// By AttributeId, 0 or 1.
  std::span<const std::uint8_t> wanted() const { return wanted_; }
  /// Whose data plugins may read: the request's visitor or, where consent is required and not there, nobody.
  std::string_view visitor(const Request& request, const rules::Context& known) const;
  /// What the plugin needs and resolves is asked for through these.
  Fetches fetches(std::pmr::vector<Fetch>& list, const Request& request, rules::Context& known,
                  rules::Arena& arena) const {
    return Fetches(list, prefix_, visitor(request, known), known.values(), arena);
  }
  Attributes attributes(const Member& member, rules::Context& context, rules::Arena& arena) const {
    return Attributes(context.values(), wanted_, member.first, arena);
  }

 private:
  const Plugin* find(std::string_view name) const;
  bool any_wanted(const Member& member, const rules::Schema& schema) const;

  std::vector<Member> members_;
  std::vector<const Member*> active_;
  std::vector<std::uint8_t> wanted_;
  std::string prefix_;
  bool consent_required_ = false;
  rules::AttributeId consent_ = 0;  // consent.personalization, if it is required
};

}  // namespace personalize::plugins
