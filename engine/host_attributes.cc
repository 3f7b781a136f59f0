#include "engine/host_attributes.h"

#include <algorithm>

#include "rules/text/utf8.h"

namespace personalize::engine {
namespace {

using rules::Kind;
using rules::Value;

constexpr std::size_t max_variable_bytes = 2048;

struct Row {
  std::string_view name;
  rules::Type type;
  std::string_view description;
};
constexpr Row variables_row{HostAttributes::variables_name,
                            {Kind::map, Kind::string},
                            "values of NGINX's variables that the configuration names: nginx.segment"};
constexpr Row nonce_row{HostAttributes::nonce_name,
                        {Kind::string},
                        "nonce of the response's Content-Security-Policy, for scripts and styles"};

/// If it is the host's own, and rules read it.
std::optional<rules::AttributeId> read_attribute(const rules::Schema& schema, const Row& row,
                                                 std::span<const std::uint8_t> wanted) {
  const auto id = schema.find(row.name);
  return id && schema[*id].description == row.description && wanted[*id] != 0 ? id : std::nullopt;
}

}  // namespace

void HostAttributes::add_to(rules::Schema& schema) {
  for (const Row& row : {variables_row, nonce_row}) schema.add(row.name, row.type, row.description);
}

HostAttributes::HostAttributes(const rules::RuleSet& rules, const plugins::HostSettings& settings,
                               std::span<const std::uint8_t> wanted)
    : variables_(read_attribute(rules.schema(), variables_row, wanted)),
      nonce_(read_attribute(rules.schema(), nonce_row, wanted)) {
  if (!variables_) return;
  const auto reads = [&](const std::string& name) {
    // Code may read any of them.
    if (!settings.plugins.empty() || !rules.scripts().empty()) return true;
    return std::ranges::any_of(rules.used_keys(), [&](const rules::UsedKey& use) {
      return use.attribute == *variables_ && (!use.key || *use.key == name);
    });
  };
  for (std::size_t i = 0; i < settings.variables.size(); ++i)
    if (reads(settings.variables[i])) read_.push_back({settings.variables[i], i});
}

void HostAttributes::set_variables(HostValues* host, rules::Context& context, rules::Arena& arena) const {
  auto* entries =
      static_cast<rules::MapEntry*>(arena.allocate(read_.size() * sizeof(rules::MapEntry), alignof(rules::MapEntry)));
  std::size_t size = 0;
  for (const Variable& variable : read_) {
    const std::string_view value = host != nullptr ? host->variable(variable.number) : std::string_view();
    if (value.empty() || value.size() > max_variable_bytes || !rules::text::is_valid_utf8(value)) continue;
    new (entries + size++) rules::MapEntry{Value::string(variable.name), Value::string(rules::copy(arena, value))};
  }
  context.set(*variables_, Value::map({entries, size}));
}

bool HostAttributes::set_nonce(HostValues* host, rules::Context& context, rules::Arena& arena) const {
  if (host == nullptr) return false;
  const std::string_view nonce = host->csp_nonce();
  const Value& known = context[*nonce_];
  if (nonce == (known.missing() ? std::string_view() : known.text())) return false;
  context.set(*nonce_, nonce.empty() ? Value() : Value::string(rules::copy(arena, nonce)));
  return true;
}

}  // namespace personalize::engine
