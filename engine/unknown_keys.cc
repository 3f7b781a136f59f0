#include "engine/unknown_keys.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "engine/host_attributes.h"
#include "rules/spelling.h"

namespace personalize::engine {
namespace {

/// An attribute whose keys the configuration names.
struct NamedKeys {
  std::string_view attribute;
  std::vector<std::string> plugins::HostSettings::*names;
  std::string_view directive;
  std::string_view value;  ///< what follows a name in the directive
};
constexpr NamedKeys named_keys[] = {
    {"request.cookies", &plugins::HostSettings::cookies, "personalize_cookies", ""},
    {"request.headers", &plugins::HostSettings::headers, "personalize_headers", ""},
    {HostAttributes::variables_name, &plugins::HostSettings::variables, "personalize_attribute", " $variable"},
};

std::vector<std::string> all_names(std::span<const plugins::HostSettings* const> settings, const NamedKeys& kind,
                                   const rules::Schema& schema, rules::AttributeId attribute) {
  std::vector<std::string> all;
  for (const plugins::HostSettings* one : settings)
    for (const std::string& name : one->*kind.names) all.push_back(schema.key(attribute, name));
  return all;
}

/// Lua files only contain the words: which keys they read is not known.
bool is_certain(const rules::UsedKey& use) { return use.key.has_value() || !use.place.file.ends_with(".lua"); }

std::string message(const NamedKeys& kind, const rules::UsedKey& use, const std::vector<std::string>& names) {
  const std::string attribute(kind.attribute), directive(kind.directive);
  if (!use.key) return attribute + " is always empty without " + directive;
  const std::string without = " is never known without `" + directive + ' ' + *use.key + std::string(kind.value) + '`';
  rules::Nearest nearest(*use.key);
  for (const std::string& name : names) nearest.consider(name);
  return attribute + '.' + *use.key + without + nearest.hint();
}

}  // namespace

rules::Diagnostics unknown_keys(const rules::RuleSet& rules, std::span<const plugins::HostSettings* const> settings,
                                EmptyList empty) {
  rules::Diagnostics found;
  for (const NamedKeys& kind : named_keys) {
    const auto attribute = rules.schema().find(kind.attribute);
    if (!attribute) continue;
    const std::vector<std::string> names = all_names(settings, kind, rules.schema(), *attribute);
    if (names.empty() && empty == EmptyList::unsaid) continue;
    for (const rules::UsedKey& use : rules.used_keys()) {
      const bool known = use.key ? std::ranges::find(names, *use.key) != names.end() : !names.empty();
      if (use.attribute != *attribute || known || !is_certain(use)) continue;
      found.push_back(use.place);
      found.back().message = message(kind, use, names);
    }
  }
  return found;
}

}  // namespace personalize::engine
