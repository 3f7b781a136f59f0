// How signals and cookies are read for a visitor whose silence would be consent.
#include <string>
#include <vector>

#include "cli/probe/probes.h"
#include "plugins/consent/policy.h"

namespace personalize::cli {

Json probe_consent(const Json& input) {
  constexpr std::string_view country = "US";
  std::vector<std::pair<std::string, std::string>> sent;
  for (const auto& [name, value] : input.at("headers").items()) sent.emplace_back(name, value.get<std::string>());
  std::vector<plugins::Header> headers;
  headers.reserve(sent.size());
  for (const auto& [name, value] : sent) headers.push_back({name, value});

  const plugins::ConsentPolicy policy(
      {.required = true, .cookies = {}, .permissive_countries = {std::string(country)}});
  const plugins::Consent consent = policy.decide({.headers = headers}, country);
  return {{"personalization", consent.personalization},
          {"measurement", consent.measurement},
          {"source", plugins::to_string(consent.source)}};
}

}  // namespace personalize::cli
