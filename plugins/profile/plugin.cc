#include "plugins/profile/plugin.h"

#include "plugins/profile/typed_value.h"

namespace personalize::plugins {
namespace {

constexpr std::string_view attribute_prefix = "profile.";

}  // namespace

void ProfilePlugin::activate(Activation& activation) {
  for (rules::AttributeId id = 0; id < activation.attributes.size(); ++id) {
    const AttributeRow& row = activation.attributes[id];
    if (activation.wanted[id] && row.name.starts_with(attribute_prefix))
      fields_.push_back({std::string(row.name.substr(attribute_prefix.size())), id, row.type});
  }
  for (const Field& field : fields_) names_.push_back(field.name);
}

void ProfilePlugin::needs(const Request&, Fetches& fetches) const {
  if (!names_.empty()) fetches.redis("HMGET", "profile", names_);
}

void ProfilePlugin::resolve(const Request&, std::span<const Reply> replies, Attributes& attributes) const {
  if (replies.empty() || replies[0].kind != Reply::Kind::array) return;
  const auto values = replies[0].elements;
  if (values.size() != fields_.size()) return;  // not what was asked
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    if (values[i].kind != Reply::Kind::string) continue;
    const rules::Value value = typed_value(values[i].text, fields_[i].type, attributes.arena());
    if (value.missing()) ++mistyped_;
    attributes.set_id(fields_[i].id, value);
  }
}

void ProfilePlugin::metrics(std::vector<Metric>& metrics) const {
  metrics.push_back({.name = "profile_mistyped_total",
                     .label = {},
                     .value = static_cast<double>(mistyped_),
                     .help = "Fields of profiles that were not of the type that rules declare"});
}

}  // namespace personalize::plugins
