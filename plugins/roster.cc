#include "plugins/roster.h"

#include <algorithm>
#include <exception>
#include <string>

#include "plugins/lua/plugin.h"
#include "rules/spelling.h"

namespace personalize::plugins {
namespace {

/// Runs a step of loading; what it throws becomes an error with its place, or at least with the plugin's.
template <typename Step>
void attempt(const std::string& name, const std::string& file, Roster::Errors& errors, Step step) {
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
  constexpr std::size_t longest = 100;
  bool first = true;
  for (char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    const bool digit = c >= '0' && c <= '9';
    if (!letter && !(digit && !first) && !(c == '.' && dots && !first)) return false;
    first = c == '.';
  }
  return !first && name.size() <= longest;
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

void Roster::add(Member member, const std::string& file, const Settings& settings, rules::Schema& schema,
                 Errors& errors) {
  const std::size_t before = errors.size();
  attempt(member.name, file, errors, [&] {
    member.name = member.plugin->name();
    if (!valid_name(member.name, false) || std::ranges::count(reserved_names, member.name) != 0)
      throw ConfigurationError("\"" + member.name.substr(0, 100) + "\" cannot be the name of a plugin");
    if (const Member* other = find(member.name))
      throw ConfigurationError("there is already a plugin named " + member.name + ": " +
                               (other->file ? other->file->path() : "it is built in"));
  });
  if (errors.size() != before) return;
  attempt(member.name, file, errors, [&] {
    // Of the same code, and therefore of the same class.
    const Member* old = serving_ ? serving_->find(member.name) : nullptr;
    if (old && old->file == member.file && member.plugin->take_over(*old->plugin)) return;
    member.plugin->configure(settings);
    check_options(member.name, settings.options);
  });
  attempt(member.name, file, errors, [&] { add_attributes(member, schema); });
  members_.push_back(std::move(member));
}

void Roster::add_attributes(Member& member, rules::Schema& schema) const {
  member.number = schema.add_provider(member.name, member.plugin->fills());
  member.first = static_cast<rules::AttributeId>(schema.size());
  for (const AttributeRow& row : member.plugin->attributes()) {
    const std::string name = member.name + '.' + std::string(row.name);
    if (!valid_name(row.name, true)) throw ConfigurationError("\"" + name.substr(0, 100) + "\" cannot be an attribute");
    if (schema.find(name)) throw ConfigurationError("there is already an attribute " + name);
    schema.add(name, row.type, row.description, row.values);
    ++member.count;
  }
  for (const FunctionRow& row : member.plugin->functions()) add_function(member, row, schema);
}

void Roster::add_function(const Member& member, const FunctionRow& row, rules::Schema& schema) {
  if (!valid_name(row.name, true) || !row.value)
    throw ConfigurationError("\"" + std::string(row.name.substr(0, 100)) + "\" cannot be a function");
  rules::AttributeFunction function{.name = member.name + '.' + std::string(row.name),
                                    .parameters = {row.parameters.begin(), row.parameters.end()},
                                    .result = row.result,
                                    .attributes = {},
                                    .value = row.value,
                                    .refuse = row.refuse};
  for (std::size_t own : row.attributes)
    function.attributes.push_back(static_cast<rules::AttributeId>(member.first + own));
  schema.add_function(std::move(function));
}

void Roster::add(std::unique_ptr<Plugin> plugin, rules::Schema& schema, Errors& errors) {
  add(Member{nullptr, std::move(plugin), {}, 0, 0, 0}, {}, settings_, schema, errors);
}

void Roster::add(const PluginUse& use, rules::Schema& schema, Errors& errors) {
  Settings settings = settings_;
  settings.options = use.options;
  Member member{use.file, nullptr, {}, 0, 0, 0};
  attempt(use.file->path(), use.file->path(), errors, [&] { member.plugin = use.file->make(); });
  if (member.plugin) add(std::move(member), use.file->path(), settings, schema, errors);
}

void Roster::add_from_rules(const std::string& file, std::string_view text, rules::Schema& schema, Errors& errors) {
  std::unique_ptr<Plugin> plugin;
  try {
    plugin = make_lua_plugin(file, text);
  } catch (const ConfigurationError&) {
    return;
  }
  if (plugin) add(Member{nullptr, std::move(plugin), {}, 0, 0, 0}, file, settings_, schema, errors);
}

const Roster::Member* Roster::find(std::string_view name) const {
  for (const Member& member : members_)
    if (member.name == name) return &member;
  return nullptr;
}

const Roster::Member& Roster::filling(rules::ProviderId number) const {
  return *std::ranges::find(members_, number, &Member::number);
}

void Roster::adopt(const RuleSettings& settings, Errors& errors) {
  for (const Member& member : members_)
    attempt(member.name, member.path(), errors, [&] { member.plugin->adopt(settings); });
}

bool Roster::any_wanted(const Member& member, const rules::Schema& schema) const {
  for (rules::AttributeId id = 0; id < schema.size(); ++id)
    if (wanted_[id] != 0 && namespace_of(schema[id].name) == member.name) return true;
  return false;
}

void Roster::activate(const rules::Schema& schema, std::span<const rules::AttributeId> used,
                      std::span<const rules::ProviderId> filling, Errors& errors) {
  serving_ = nullptr;
  wanted_.assign(schema.size(), 0);
  for (rules::AttributeId id : used) wanted_[id] = 1;
  if (settings_.consent.required) {
    const auto consent = schema.find("consent.personalization"), measurement = schema.find("consent.measurement");
    if (!consent || !measurement) return errors.emplace_back("consent is required, but no plugin knows of it"), void();
    wanted_[consent_ = *consent] = wanted_[measurement_ = *measurement] = 1;
  }
  for (const Member& member : members_)
    attempt(member.name, member.path(), errors, [&] {
      if (member.plugin->records()) recording_.push_back(&member);
    });
  std::vector<AttributeRow> rows;
  for (rules::AttributeId id = 0; id < schema.size(); ++id)
    rows.push_back({schema[id].name, schema[id].type, schema[id].description, {}});
  for (auto member = members_.rbegin(); member != members_.rend(); ++member) {
    const bool wanted = any_wanted(*member, schema);
    if (!wanted && std::ranges::count(filling, member->number) == 0) continue;
    Activation activation{rows, wanted_, member->first};
    attempt(member->name, member->path(), errors, [&] { member->plugin->activate(activation); });
    if (wanted) active_.push_back(&*member);
  }
  std::reverse(active_.begin(), active_.end());
}

std::string_view Roster::visitor(const Request& request, const rules::Context& known) const {
  if (!valid_visitor_id(request.visitor)) return {};
  return !settings_.consent.required || known[consent_].is_true() ? request.visitor : std::string_view();
}

std::string_view Roster::recorded_visitor(const Request& request, const rules::Context& known) const {
  if (!valid_visitor_id(request.visitor)) return {};
  return !settings_.consent.required || known[measurement_].is_true() ? request.visitor : std::string_view();
}

Upkeep Roster::maintain() const {
  Upkeep upkeep;
  for (const Member& member : members_) member.plugin->maintain(upkeep);
  return upkeep;
}

std::vector<Metric> Roster::metrics() const {
  std::vector<Metric> metrics;
  for (const Member& member : members_) member.plugin->metrics(metrics);
  return metrics;
}

}  // namespace personalize::plugins
