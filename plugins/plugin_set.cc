#include "plugins/plugin_set.h"

#include <algorithm>
#include <cassert>
#include <exception>
#include <string>

#include "plugins/lua/plugin.h"
#include "rules/spelling.h"
#include "rules/text/ascii.h"

namespace personalize::plugins {
namespace {

/// Runs a step of loading; what it throws becomes an error with its place, or at least with the plugin's.
template <typename Step>
void attempt(const std::string& name, const std::string& file, PluginSet::Errors& errors, Step step) {
  try {
    step();
  } catch (const ConfigurationError& error) {
    errors.push_back(error);
    if (errors.back().file.empty()) errors.back().file = file;
  } catch (const std::exception& error) {
    errors.emplace_back("plugin " + name + ": " + error.what(), file);
  } catch (...) {
    errors.emplace_back("plugin " + name + ": failed for an unknown reason", file);
  }
}

/// Whether rules can write it: words of letters, digits and _ with dots between them.
bool valid_name(std::string_view name, bool dots) {
  constexpr std::size_t max_name_size = 100;
  bool first = true;
  for (char c : name) {
    const bool letter = rules::text::is_ascii_letter(c) || c == '_';
    const bool digit = rules::text::is_ascii_digit(c);
    if (!letter && !(digit && !first) && !(c == '.' && dots && !first)) return false;
    first = c == '.';
  }
  return !first && name.size() <= max_name_size;
}

/// Names that mean something else in rules.
constexpr std::string_view reserved_names[] = {"segments", "content", "true", "false", "null", "in"};

/// Throws ConfigurationError if the configuration has options that the plugin did not ask for.
void check_options(const std::string& name, const Options& options) {
  const auto& asked = options.asked();
  for (const Options::Option& option : options.all()) {
    if (std::find(asked.begin(), asked.end(), option.name) != asked.end()) continue;
    rules::Nearest nearest(option.name);
    for (const std::string& known : asked) nearest.consider(known);
    throw ConfigurationError("plugin " + name + " has no option " + option.name + nearest.hint());
  }
}

std::string_view namespace_of(std::string_view attribute) { return attribute.substr(0, attribute.find('.')); }

}  // namespace

void PluginSet::add(LoadedPlugin loaded, const std::string& file, const Settings& settings, rules::Schema& schema,
                    Errors& errors) {
  const std::size_t before = errors.size();
  attempt(loaded.name, file, errors, [&] {
    loaded.name = loaded.plugin->name();
    if (!valid_name(loaded.name, false) || std::ranges::count(reserved_names, loaded.name) != 0)
      throw ConfigurationError("\"" + loaded.name.substr(0, 100) + "\" cannot be the name of a plugin");
    if (const LoadedPlugin* other = find(loaded.name))
      throw ConfigurationError("there is already a plugin named " + loaded.name + ": " +
                               (other->file ? other->file->path() : "it is built in"));
  });
  if (errors.size() != before) return;
  attempt(loaded.name, file, errors, [&] {
    // Of the same code, and therefore of the same class.
    const LoadedPlugin* old = serving_ ? serving_->find(loaded.name) : nullptr;
    if (old && old->file == loaded.file && loaded.plugin->take_over(*old->plugin)) return;
    loaded.plugin->configure(settings);
    check_options(loaded.name, settings.options);
  });
  attempt(loaded.name, file, errors, [&] { add_attributes(loaded, schema); });
  loaded_.push_back(std::move(loaded));
}

void PluginSet::add_attributes(LoadedPlugin& loaded, rules::Schema& schema) const {
  loaded.number = schema.add_provider(loaded.name, loaded.plugin->provides_content());
  loaded.first = static_cast<rules::AttributeId>(schema.size());
  for (const AttributeRow& row : loaded.plugin->attributes()) {
    const std::string name = loaded.name + '.' + std::string(row.name);
    if (!valid_name(row.name, true)) throw ConfigurationError("\"" + name.substr(0, 100) + "\" cannot be an attribute");
    if (schema.find(name)) throw ConfigurationError("there is already an attribute " + name);
    schema.add(name, row.type, row.description, row.values);
    ++loaded.count;
  }
  for (const FunctionRow& row : loaded.plugin->functions()) add_function(loaded, row, schema);
}

void PluginSet::add_function(const LoadedPlugin& loaded, const FunctionRow& row, rules::Schema& schema) {
  if (!valid_name(row.name, true) || !row.value)
    throw ConfigurationError("\"" + std::string(row.name.substr(0, 100)) + "\" cannot be a function");
  rules::AttributeFunction function{.name = loaded.name + '.' + std::string(row.name),
                                    .parameters = {row.parameters.begin(), row.parameters.end()},
                                    .result = row.result,
                                    .attributes = {},
                                    .value = row.value,
                                    .refuse = row.refuse};
  for (std::size_t own : row.attributes)
    function.attributes.push_back(static_cast<rules::AttributeId>(loaded.first + own));
  schema.add_function(std::move(function));
}

void PluginSet::add(std::unique_ptr<BuiltInPlugin> plugin, rules::Schema& schema, Errors& errors) {
  BuiltInPlugin& built_in = *plugin;
  built_in.configure_host(settings_);
  const std::size_t before = loaded_.size();
  add(LoadedPlugin{nullptr, std::move(plugin), {}, 0, 0, 0, built_in.is_profile()}, {}, settings_, schema, errors);
  if (loaded_.size() == before) return;
  for (const RoleRow& row : built_in.roles())
    schema.set_role(row.role, static_cast<rules::AttributeId>(loaded_.back().first + row.attribute));
}

void PluginSet::add(std::unique_ptr<Plugin> plugin, rules::Schema& schema, Errors& errors, const std::string& file) {
  add(LoadedPlugin{nullptr, std::move(plugin), {}, 0, 0, 0}, file, settings_, schema, errors);
}

void PluginSet::add(const PluginUse& use, rules::Schema& schema, Errors& errors) {
  const Settings& of_all = settings_;
  Settings settings = of_all;
  settings.options = use.options;
  LoadedPlugin loaded{use.file, nullptr, {}, 0, 0, 0};
  attempt(use.file->path(), use.file->path(), errors, [&] { loaded.plugin = use.file->make(); });
  const auto& deprecated = use.file->deprecations();
  deprecations_.insert(deprecations_.end(), deprecated.begin(), deprecated.end());
  if (loaded.plugin) add(std::move(loaded), use.file->path(), settings, schema, errors);
}

void PluginSet::add_from_rules(const std::string& file, std::string_view text, rules::Schema& schema, Errors& errors) {
  std::unique_ptr<LuaPlugin> plugin;
  try {
    plugin = make_lua_plugin(file, text);
  } catch (const ConfigurationError&) {
    return;
  }
  if (!plugin) return;
  if (auto deprecated = plugin->deprecation()) deprecations_.push_back(*std::move(deprecated));
  add(std::move(plugin), schema, errors, file);
}

const PluginSet::LoadedPlugin* PluginSet::find(std::string_view name) const {
  for (const LoadedPlugin& loaded : loaded_)
    if (loaded.name == name) return &loaded;
  return nullptr;
}

const PluginSet::LoadedPlugin& PluginSet::content_provider(rules::ProviderId number) const {
  const auto found = std::ranges::find(loaded_, number, &LoadedPlugin::number);
  assert(found != loaded_.end());
  return *found;
}

std::optional<std::string> PluginSet::content_mistake(rules::ProviderId number, const rules::Value& with) const {
  const LoadedPlugin& loaded = content_provider(number);
  Errors errors;
  attempt(loaded.name, {}, errors, [&] { loaded.plugin->check_content(with); });
  return errors.empty() ? std::nullopt : std::optional<std::string>(errors.front().what());
}

void PluginSet::apply_rule_settings(const RuleSettings& settings, Errors& errors) {
  for (const LoadedPlugin& loaded : loaded_)
    attempt(loaded.name, loaded.path(), errors, [&] { loaded.plugin->apply_rule_settings(settings); });
}

bool PluginSet::any_wanted(const LoadedPlugin& loaded, const rules::Schema& schema) const {
  for (rules::AttributeId id = 0; id < schema.size(); ++id)
    if (wanted_[id] != 0 && namespace_of(schema[id].name) == loaded.name) return true;
  return false;
}

void PluginSet::activate(const rules::Schema& schema, std::span<const rules::AttributeId> used,
                         std::span<const rules::ProviderId> providing, Errors& errors) {
  serving_ = nullptr;
  wanted_.assign(schema.size(), 0);
  for (rules::AttributeId id : used) wanted_[id] = 1;
  if (settings_.consent.required) {
    const auto consent = schema.find(rules::Role::consent_personalization);
    const auto measurement = schema.find(rules::Role::consent_measurement);
    if (!consent || !measurement) return errors.emplace_back("consent is required, but no plugin knows of it"), void();
    wanted_[consent_ = *consent] = wanted_[measurement_ = *measurement] = 1;
  }
  for (const LoadedPlugin& loaded : loaded_)
    attempt(loaded.name, loaded.path(), errors, [&] {
      if (loaded.plugin->adds_response_fields()) adding_fields_.push_back(&loaded);
      if (loaded.plugin->observes_exposures()) observing_.push_back(&loaded);
    });
  std::vector<AttributeRow> rows;
  for (rules::AttributeId id = 0; id < schema.size(); ++id)
    rows.push_back({schema[id].name, schema[id].type, schema[id].description, {}});
  for (auto loaded = loaded_.rbegin(); loaded != loaded_.rend(); ++loaded) {
    const bool wanted = any_wanted(*loaded, schema);
    const bool called = std::ranges::count(providing, loaded->number) != 0 ||
                        std::ranges::count(adding_fields_, &*loaded) != 0 ||
                        std::ranges::count(observing_, &*loaded) != 0;
    if (!wanted && !called) continue;
    Activation activation{rows, wanted_, loaded->first};
    attempt(loaded->name, loaded->path(), errors, [&] { loaded->plugin->activate(activation); });
    if (wanted) active_.push_back(&*loaded);
  }
  std::reverse(active_.begin(), active_.end());
  if (settings_.consent.required)
    identifying_ = static_cast<std::size_t>(std::ranges::count_if(
        active_, [&](const LoadedPlugin* loaded) { return loaded->first <= std::max(consent_, measurement_); }));
}

Visitor PluginSet::visitor(const Request& request, const rules::Context& known) const {
  const std::string_view id = valid_visitor_id(request.visitor) ? request.visitor : std::string_view();
  if (!settings_.consent.required) return {id, true, true};
  return {id, known[consent_].is_true(), known[measurement_].is_true()};
}

MaintenanceReport PluginSet::maintain() const {
  MaintenanceReport report;
  for (const LoadedPlugin& loaded : loaded_) loaded.plugin->maintain(report);
  return report;
}

std::vector<Metric> PluginSet::metrics() const {
  std::vector<Metric> metrics;
  for (const LoadedPlugin& loaded : loaded_) loaded.plugin->metrics(metrics);
  return metrics;
}

}  // namespace personalize::plugins
