// The plugins of one engine, from their configuration to the requests that they serve.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/built_in_plugin.h"
#include "plugins/plugin_file.h"
#include "rules/schema.h"

namespace personalize::plugins {

/// Who a request's visitor is, and what he consents to. Everything is consented to where consent is not required.
struct Visitor {
  std::string_view id;           ///< valid, or empty: anonymous
  bool personalization = false;  ///< data about him may be read
  bool measurement = false;      ///< … and recorded

  /// Whose data may be read, or empty.
  std::string_view read() const { return personalization ? id : std::string_view(); }
  /// Whom something may be recorded about, or empty.
  std::string_view recorded() const { return measurement ? id : std::string_view(); }
};

/// Calls plugins in their order, keeps the ids of their attributes, and turns whatever they throw while rules are
/// loaded into a ConfigurationError that names the plugin.
class PluginSet {
 public:
  struct LoadedPlugin {
    std::shared_ptr<const PluginFile> file;  ///< that the plugin's code is in; null if it is built in
    std::unique_ptr<Plugin> plugin;
    std::string name;
    std::string path() const { return file ? file->path() : std::string(); }
    rules::AttributeId first;  ///< of its attributes, which have consecutive ids
    std::size_t count;
    rules::ProviderId number;  ///< of the plugin in the schema
    bool is_profile = false;
  };
  using Errors = std::vector<ConfigurationError>;

  /// `serving`: the set, of the same settings, whose plugins may be taken over from until `activate`, or null.
  explicit PluginSet(HostSettings settings, const PluginSet* serving = nullptr)
      : settings_(std::move(settings)), serving_(serving) {}

  /// Configures the plugin, which resolves after the ones already added, and adds its attributes to the schema. A
  /// plugin that is misconfigured adds them too: rules that use it are not at fault.
  void add(std::unique_ptr<BuiltInPlugin> plugin, rules::Schema& schema, Errors& errors);
  /// The same without roles. `file`: that it is from, for messages.
  void add(std::unique_ptr<Plugin> plugin, rules::Schema& schema, Errors& errors, const std::string& file = {});
  /// The same for third parties' plugins.
  void add(const PluginUse& use, rules::Schema& schema, Errors& errors);
  /// Files of Lua among the rules that return a table are plugins too. Mistakes in them are reported by the code that
  /// loads the rules.
  void add_from_rules(const std::string& file, std::string_view text, rules::Schema& schema, Errors& errors);
  void apply_rule_settings(const RuleSettings& settings, Errors& errors);
  /// Once, when rules are known: `used` are the attributes that they mention, of a schema that may have more after
  /// those of the plugins; `providing` the plugins that they have content from.
  void activate(const rules::Schema& schema, std::span<const rules::AttributeId> used,
                std::span<const rules::ProviderId> providing, Errors& errors);
  /// What plugins should not do any more, with their places.
  const Errors& deprecations() const { return deprecations_; }

  MaintenanceReport maintain() const;
  std::vector<Metric> metrics() const;

  /// Those with a wanted attribute, in the order in which they resolve.
  std::span<const LoadedPlugin* const> active() const { return active_; }
  /// By AttributeId, 0 or 1.
  std::span<const std::uint8_t> wanted() const { return wanted_; }
  /// How many of these, from the first on, are resolved before it is known what the visitor consents to.
  std::size_t identifying() const { return identifying_; }
  /// Once these have resolved.
  Visitor visitor(const Request& request, const rules::Context& known) const;
  /// The one of that number.
  const LoadedPlugin& content_provider(rules::ProviderId number) const;
  /// What its plugin does not understand of a rule's arguments.
  std::optional<std::string> content_mistake(rules::ProviderId number, const rules::Value& with) const;
  /// Those that add fields to responses.
  std::span<const LoadedPlugin* const> adding_fields() const { return adding_fields_; }
  /// Those that are told of exposures.
  std::span<const LoadedPlugin* const> observing() const { return observing_; }

 private:
  void add(LoadedPlugin loaded, const std::string& file, const Settings& settings, rules::Schema& schema,
           Errors& errors);
  void add_attributes(LoadedPlugin& loaded, rules::Schema& schema) const;
  static void add_function(const LoadedPlugin& loaded, const FunctionRow& row, rules::Schema& schema);
  const LoadedPlugin* find(std::string_view name) const;
  bool any_wanted(const LoadedPlugin& loaded, const rules::Schema& schema) const;

  HostSettings settings_;
  const PluginSet* serving_;
  std::vector<LoadedPlugin> loaded_;
  std::vector<const LoadedPlugin*> active_;
  std::vector<const LoadedPlugin*> adding_fields_;
  std::vector<const LoadedPlugin*> observing_;
  Errors deprecations_;
  std::vector<std::uint8_t> wanted_;
  rules::AttributeId consent_ = 0;      // to personalization, if it is required
  rules::AttributeId measurement_ = 0;  // consent to it, likewise
  std::size_t identifying_ = 0;
};

}  // namespace personalize::plugins
