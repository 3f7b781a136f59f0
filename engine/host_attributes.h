// Attributes that are no plugin's, as only the host can tell them: nginx.NAME, the values of its variables, and
// page.csp_nonce, which is in the response.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/host_settings.h"
#include "rules/rule_set.h"

namespace personalize::engine {

/// One request's.
class HostValues {
 public:
  /// Of `HostSettings::variables`, by position; empty: it has none.
  virtual std::string_view variable(std::size_t number) = 0;
  /// Empty: there is none, or the response is not known yet.
  virtual std::string_view csp_nonce() = 0;

 protected:
  ~HostValues() = default;
};

/// Which of them rules read.
class HostAttributes {
 public:
  static constexpr std::string_view variables_name = "nginx", nonce_name = "page.csp_nonce";

  /// Plugins that have attributes of these names keep them.
  static void add_to(rules::Schema& schema);

  HostAttributes() = default;
  /// `wanted`: by AttributeId.
  HostAttributes(const rules::RuleSet& rules, const plugins::HostSettings& settings,
                 std::span<const std::uint8_t> wanted);

  bool reads_variables() const { return variables_.has_value(); }
  bool reads_nonce() const { return nonce_.has_value(); }

  /// Asks for the values of variables that rules read, and no others. `host`: null if it knows none.
  void set_variables(HostValues* host, rules::Context& context, rules::Arena& arena) const;
  /// False if the nonce is the one that the context has.
  bool set_nonce(HostValues* host, rules::Context& context, rules::Arena& arena) const;

 private:
  struct Variable {
    std::string name;
    std::size_t number;
  };
  std::optional<rules::AttributeId> variables_, nonce_;  ///< none: rules do not read it
  std::vector<Variable> read_;
};

}  // namespace personalize::engine
