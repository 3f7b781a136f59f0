#include "plugins/profile/plugin.h"

#include <algorithm>

#include "plugins/profile/typed_value.h"

namespace personalize::plugins {
namespace {

constexpr std::string_view attribute_prefix = "profile.";

}  // namespace

void ProfilePlugin::configure(const Settings& settings) {
  prefix_ = settings.profile_prefix;
  consent_required_ = settings.consent.required;
}

void ProfilePlugin::activate(const rules::Schema& schema, std::span<std::uint8_t> wanted) {
  for (rules::AttributeId id = 0; id < schema.size(); ++id) {
    const std::string_view name = schema[id].name;
    if (wanted[id] && name.starts_with(attribute_prefix))
      fields_.push_back({std::string(name.substr(attribute_prefix.size())), id, schema[id].type});
  }
  if (!consent_required_) return;
  const auto consent = schema.find("consent.personalization");
  if (!consent) throw ConfigurationError("consent is required, but no plugin knows of it");
  consent_ = *consent;
  wanted[consent_] = 1;
}

void ProfilePlugin::needs(const Request& request, Fetches& fetches) const {
  if (fields_.empty() || !valid_visitor_id(request.visitor)) return;
  if (consent_required_) {
    const rules::Value consent = fetches.known(consent_);
    if (!consent.is(rules::Kind::boolean) || !consent.as_bool()) return;
  }
  constexpr std::string_view open = "{", close = "}:profile";
  const std::size_t size = prefix_.size() + open.size() + request.visitor.size() + close.size();
  auto* key = static_cast<char*>(fetches.arena().allocate(size, 1));
  char* end = key;
  for (std::string_view part : {std::string_view(prefix_), open, request.visitor, close})
    end = std::copy(part.begin(), part.end(), end);

  std::pmr::vector<std::string_view> command(&fetches.arena());
  command.reserve(fields_.size() + 2);
  command.push_back("HMGET");
  command.emplace_back(key, size);
  for (const Field& field : fields_) command.push_back(field.name);
  fetches.redis(command);
}

void ProfilePlugin::resolve(const Request&, std::span<const Reply> replies, Attributes& attributes) const {
  if (replies.empty() || replies[0].kind != Reply::Kind::array) return;
  const auto values = replies[0].elements;
  if (values.size() != fields_.size()) return;  // not what was asked
  for (std::size_t i = 0; i < fields_.size(); ++i)
    if (values[i].kind == Reply::Kind::string)
      attributes.set(fields_[i].id, typed_value(values[i].text, fields_[i].type, attributes.arena()));
}

}  // namespace personalize::plugins
