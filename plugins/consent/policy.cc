#include "plugins/consent/policy.h"

#include <algorithm>
#include <array>
#include <memory_resource>

#include "plugins/consent/signals.h"
#include "rules/text/utf8.h"

namespace personalize::plugins {
namespace {

constexpr std::size_t max_cookie_bytes = 4096;

}  // namespace

std::string_view to_string(ConsentSource source) {
  static constexpr std::string_view names[] = {"not_required", "gpc",    "dnt",     "gpp", "usprivacy",
                                               "tcf",          "cookie", "country", "none"};
  return names[static_cast<std::size_t>(source)];
}

ConsentPolicy::ConsentPolicy(const ConsentSettings& settings) : settings_(settings) {
  cookie_ = schema_.add("cookie", {rules::Kind::string}).value();
  const rules::cel::Environment environment(schema_);
  for (const ConsentCookie& cookie : settings_.cookies) {
    std::vector<rules::cel::Error> errors;
    Expression expression;
    if (!cookie.expression.empty()) {
      expression = rules::cel::Program::compile(cookie.expression, environment, errors);
      if (!expression) throw ConfigurationError("consent expression: " + errors.at(0).message);
    }
    expressions_.push_back(std::move(expression));
  }
}

Consent ConsentPolicy::decide(const Request& request, std::string_view country) const {
  if (!settings_.required) return {true, true, ConsentSource::not_required};
  if (signals_gpc(request)) return {false, false, ConsentSource::gpc};
  if (signals_dnt(request)) return {false, false, ConsentSource::dnt};
  const PlatformCookies platform(request);
  if (platform.gpp_refuses()) return {false, false, ConsentSource::gpp};
  if (platform.us_privacy_refuses()) return {false, false, ConsentSource::usprivacy};
  if (const auto tcf = platform.tcf()) {
    return {tcf->purpose(1) && tcf->purpose(5) && tcf->purpose(6), tcf->purpose(1) && tcf->purpose(8),
            platform.has_tcf_cookie() ? ConsentSource::tcf : ConsentSource::gpp};
  }
  for (std::size_t i = 0; i < expressions_.size(); ++i) {
    const std::string_view cookie = request.cookie(settings_.cookies[i].name);
    if (cookie.empty()) continue;
    const bool agreed = granted(cookie, expressions_[i]);
    return {agreed, agreed, ConsentSource::cookie};
  }
  const auto& permissive = settings_.permissive_countries;
  const bool taken = !country.empty() && std::find(permissive.begin(), permissive.end(), country) != permissive.end();
  return {taken, taken, taken ? ConsentSource::country : ConsentSource::none};
}

bool ConsentPolicy::granted(std::string_view cookie, const Expression& expression) const {
  if (cookie.size() > max_cookie_bytes || !rules::text::is_valid_utf8(cookie)) return false;
  if (!expression) return true;
  std::array<std::byte, 2048> buffer;
  std::pmr::monotonic_buffer_resource memory(buffer.data(), buffer.size());
  rules::Context context(schema_, memory);
  context.set(cookie_, rules::Value::string(cookie));
  return expression->evaluate(context, memory).is_true();
}

}  // namespace personalize::plugins
