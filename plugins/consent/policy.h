// Whether a visitor may be known: from what their browser signals, what they agreed to, and where they are.
#pragma once

#include <memory>
#include <string_view>

#include "plugins/plugin.h"
#include "rules/cel/program.h"

namespace personalize::plugins {

enum class ConsentSource : std::uint8_t { not_required, gpc, dnt, gpp, usprivacy, tcf, cookie, country, none };
std::string_view to_string(ConsentSource source);

struct Consent {
  bool personalization = false;  ///< the profile may be read and content chosen by it
  bool measurement = false;      ///< what was shown and done may be recorded
  ConsentSource source = ConsentSource::none;
};

/// In this order: not required at all; Sec-GPC and DNT refuse; so does an opt-out in a GPP or US Privacy String; a TCF
/// string, by itself or in a GPP string, decides (purposes 1, 5 and 6 for personalization, 1 and 8 for measurement);
/// the first of the site's own cookies that is there decides; without any of them only visitors from the permissive
/// countries are taken to agree. A cookie that cannot be understood is no consent.
class ConsentPolicy {
 public:
  /// Throws ConfigurationError for an expression that does not compile.
  explicit ConsentPolicy(const ConsentSettings& settings);
  /// True if some country makes a difference.
  bool asks_for_country() const { return !settings_.permissive_countries.empty(); }
  /// `country`: ISO 3166-1 code, empty if not known.
  Consent decide(const Request& request, std::string_view country) const;

 private:
  using Expression = std::unique_ptr<rules::cel::Program>;  // null: that the cookie is there is enough
  bool granted(std::string_view cookie, const Expression& expression) const;

  ConsentSettings settings_;
  rules::Schema schema_;  // of the expressions: `cookie`
  rules::AttributeId cookie_ = 0;
  std::vector<Expression> expressions_;  // one per cookie
};

}  // namespace personalize::plugins
