#include "plugins/consent/signals.h"

#include <algorithm>

#include "plugins/consent/gpp.h"

namespace personalize::plugins {
namespace {

/// True if `says` is true of one of the values, separated by commas, that fields of that name have.
template <class Says>
bool some_value(const Request& request, std::string_view field, Says says) {
  for (const Header& header : request.headers) {
    if (!request_text::same_name(header.name, field)) continue;
    for (std::string_view rest = header.value; !rest.empty();) {
      const std::size_t end = std::min(rest.find(','), rest.size());
      if (says(request_text::trim(rest.substr(0, end)))) return true;
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return false;
}

void restrict_to(std::optional<TcfConsent>& consent, const std::optional<TcfConsent>& other) {
  if (!other) return;
  if (!consent) {
    consent = other;
    return;
  }
  consent->purposes &= other->purposes;
  consent->special_features &= other->special_features;
}

}  // namespace

bool signals_gpc(const Request& request) {
  return some_value(request, "sec-gpc", [](std::string_view value) {
    return request_text::trim(value.substr(0, value.find(';'))) == "1";  // parameters are not defined, but possible
  });
}

bool signals_dnt(const Request& request) {
  return some_value(request, "dnt", [](std::string_view value) { return value.starts_with('1'); });
}

PlatformCookies::PlatformCookies(const Request& request) {
  request_text::visit_cookies(request, [&](std::string_view name, std::string_view value) {
    if (!value.empty()) read(name, value);
    return false;
  });
}

void PlatformCookies::read(std::string_view name, std::string_view value) {
  if (name == "gpp" || name == "__gpp")
    read_gpp(value);
  else if (name == "usprivacy")
    us_privacy_refuses_ = us_privacy_refuses_ || parse_us_privacy(value).value_or(true);
  else if (name == "euconsent-v2" && tcf_cookie_.empty())
    tcf_cookie_ = value;
  else if ((name == "gpp_sid" || name == "__gpp_sid") && applicable_.empty())
    applicable_ = value;
}

void PlatformCookies::read_gpp(std::string_view value) {
  const auto choices = parse_gpp(value);
  gpp_refuses_ = gpp_refuses_ || !choices || choices->opted_out;
  if (!choices) return;
  restrict_to(gpp_eu_, choices->tcf_eu);
  restrict_to(gpp_ca_, choices->tcf_ca);
}

std::optional<TcfConsent> PlatformCookies::tcf() const {
  std::optional<TcfConsent> consent;
  if (has_tcf_cookie()) consent = parse_tcf(tcf_cookie_).value_or(TcfConsent{});  // what is no string agrees to nothing
  if (gpp_section_applies(gpp_section_tcf_eu, applicable_)) restrict_to(consent, gpp_eu_);
  if (gpp_section_applies(gpp_section_tcf_ca, applicable_)) restrict_to(consent, gpp_ca_);
  return consent;
}

}  // namespace personalize::plugins
