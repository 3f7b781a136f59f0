#include "plugins/roster.h"

#include <algorithm>
#include <exception>
#include <string>

namespace personalize::plugins {
namespace {

/// Runs a step of loading; what it throws becomes an error.
template <typename Step>
void attempt(const Plugin& plugin, Roster::Errors& errors, Step step) {
  try {
    step();
  } catch (const ConfigurationError& error) {
    errors.push_back(error);
  } catch (const std::exception& error) {
    errors.emplace_back(std::string(plugin.name()) + ": " + error.what());
  } catch (...) {
    errors.emplace_back(std::string(plugin.name()) + ": failed for an unknown reason");
  }
}

std::string_view namespace_of(std::string_view attribute) { return attribute.substr(0, attribute.find('.')); }

}  // namespace

void Roster::add(std::unique_ptr<Plugin> plugin, const Settings& settings, const Roster* serving,
                 rules::Schema& schema, Errors& errors) {
  prefix_ = settings.profile_prefix;
  consent_required_ = settings.consent.required;
  attempt(*plugin, errors, [&] {
    const Plugin* old = serving ? serving->find(plugin->name()) : nullptr;
    if (!old || !plugin->take_over(*old)) plugin->configure(settings);
  });
  Member member{std::move(plugin), static_cast<rules::AttributeId>(schema.size()), 0};
  attempt(*member.plugin, errors, [&] {
    for (const AttributeRow& row : member.plugin->attributes()) {
      const std::string name = std::string(member.plugin->name()) + '.' + std::string(row.name);
      const std::size_t before = schema.size();
      schema.add(name, row.type, row.description);
      if (schema.size() == before) throw ConfigurationError("there is already an attribute " + name);
      ++member.count;
    }
  });
  members_.push_back(std::move(member));
}

const Plugin* Roster::find(std::string_view name) const {
  for (const Member& member : members_)
    if (member.plugin->name() == name) return member.plugin.get();
  return nullptr;
}

void Roster::adopt(const RuleSettings& settings, Errors& errors) {
  for (const Member& member : members_) attempt(*member.plugin, errors, [&] { member.plugin->adopt(settings); });
}

bool Roster::any_wanted(const Member& member, const rules::Schema& schema) const {
  for (rules::AttributeId id = 0; id < schema.size(); ++id)
    if (wanted_[id] != 0 && namespace_of(schema[id].name) == member.plugin->name()) return true;
  return false;
}

void Roster::activate(const rules::Schema& schema, std::span<const rules::AttributeId> used, Errors& errors) {
  wanted_.assign(schema.size(), 0);
  for (rules::AttributeId id : used) wanted_[id] = 1;
  if (consent_required_) {
    const auto consent = schema.find("consent.personalization");
    if (!consent) return errors.emplace_back("consent is required, but no plugin knows of it"), void();
    wanted_[consent_ = *consent] = 1;
  }
  std::vector<AttributeRow> rows;
  for (rules::AttributeId id = 0; id < schema.size(); ++id)
    rows.push_back({schema[id].name, schema[id].type, schema[id].description});
  for (auto member = members_.rbegin(); member != members_.rend(); ++member) {
    if (!any_wanted(*member, schema)) continue;
    Activation activation{rows, wanted_, member->first};
    attempt(*member->plugin, errors, [&] { member->plugin->activate(activation); });
    active_.push_back(&*member);
  }
  std::reverse(active_.begin(), active_.end());
}

std::string_view Roster::visitor(const Request& request, const rules::Context& known) const {
  if (!valid_visitor_id(request.visitor)) return {};
  return !consent_required_ || known[consent_].is_true() ? request.visitor : std::string_view();
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
