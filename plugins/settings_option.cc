#include "plugins/settings_option.h"

#include <algorithm>
#include <array>

#include "plugins/consent/policy.h"
#include "plugins/regular_file.h"
#include "plugins/time/zones.h"
#include "rules/schema.h"
#include "rules/text/ascii.h"
#include "rules/text/language_tag.h"

namespace personalize::plugins {
namespace {

using Words = std::span<const std::string>;

/// Of RFC 9110: the name of a header field or, by RFC 6265, of a cookie.
bool is_token(std::string_view name) {
  constexpr std::string_view punctuation = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
    return rules::text::is_ascii_alphanumeric(c) || punctuation.find(c) != std::string_view::npos;
  });
}

std::string in_quotes(std::string_view word) { return '"' + std::string(word) + '"'; }

void check_cookie_name(std::string_view name) {
  if (!is_token(name)) throw ConfigurationError(in_quotes(name) + " cannot be the name of a cookie");
}

void apply_device_regexes(Words words, HostSettings& settings) {
  const std::string& path = words[0];
  if (const auto first_byte = read_regular_file(path, 0); !first_byte)
    throw ConfigurationError(in_quotes(path) + " " + first_byte.error());
  settings.device_regexes = path;
}

void apply_cookies(Words words, HostSettings& settings) {
  for (const std::string& name : words) {
    check_cookie_name(name);
    if (std::find(settings.cookies.begin(), settings.cookies.end(), name) == settings.cookies.end())
      settings.cookies.push_back(name);
  }
}

/// Why rules may not see it, or null.
const char* refuse_header(std::string_view name) {
  const std::string key = rules::header_key(name);
  if (!is_token(name)) return "cannot be the name of a header field; write it like CF-IPCountry";
  if (key == "cookie")
    return "has the cookies of visitors' sessions; name those that rules may see: personalize_cookies";
  if (key == "authorization" || key == "proxy-authorization")
    return "has passwords and tokens, which rules could write into pages; let NGINX check it, and give rules what it "
           "says "
           "by personalize_attribute";
  return nullptr;
}

void apply_headers(Words words, HostSettings& settings) {
  for (const std::string& name : words) {
    if (const char* why = refuse_header(name)) throw ConfigurationError(in_quotes(name) + " " + why);
    const auto same = [&](const std::string& known) { return rules::header_key(known) == rules::header_key(name); };
    if (std::ranges::none_of(settings.headers, same)) settings.headers.push_back(name);
  }
}

void apply_languages(Words words, HostSettings& settings) {
  for (const std::string& tag : words) {
    if (!rules::text::is_language_tag(tag)) throw ConfigurationError(rules::text::not_a_language(in_quotes(tag)));
    settings.languages.push_back(tag);
  }
}

void apply_time_zone(Words words, HostSettings& settings) {
  if (!Zones().known(words[0]))
    throw ConfigurationError(in_quotes(words[0]) + " is not a time zone; write it like Europe/London");
  settings.default_time_zone = words[0];
  settings.time_zone_configured = true;
}

void apply_consent_countries(std::string_view list, ConsentSettings& consent) {
  for (std::size_t start = 0; start <= list.size();) {
    const std::size_t end = std::min(list.find(',', start), list.size());
    const std::string_view code = list.substr(start, end - start);
    if (code.size() != 2 || !std::all_of(code.begin(), code.end(), [](char c) { return c >= 'A' && c <= 'Z'; }))
      throw ConfigurationError(in_quotes(code) + " is not the code of a country; write countries=US,CA");
    consent.permissive_countries.emplace_back(code);
    start = end + 1;
  }
}

void apply_consent_parameter(std::string_view word, ConsentSettings& consent) {
  const std::size_t equals = word.find('=');
  const std::string_view name = word.substr(0, equals);
  const std::string_view value = equals == std::string_view::npos ? "" : word.substr(equals + 1);
  if (name == "cookie" && equals != std::string_view::npos) {
    check_cookie_name(value);
    consent.cookies.push_back({std::string(value), {}});
  } else if (name == "expression" && !value.empty()) {
    if (consent.cookies.empty() || !consent.cookies.back().expression.empty())
      throw ConfigurationError("expression= says what the cookie= before it must hold");
    consent.cookies.back().expression = value;
  } else if (name == "countries" && equals != std::string_view::npos) {
    apply_consent_countries(value, consent);
  } else {
    throw ConfigurationError("invalid parameter " + in_quotes(word) +
                             "; there are cookie=NAME, expression=CEL and countries=CODE,…");
  }
}

void apply_consent(Words words, HostSettings& settings) {
  ConsentSettings consent;
  if (words[0] != "required" && words[0] != "off")
    throw ConfigurationError("must begin with \"required\" or \"off\", not with " + in_quotes(words[0]));
  consent.required = words[0] == "required";
  if (!consent.required && words.size() > 1) throw ConfigurationError("\"off\" takes no parameters");
  for (const std::string& word : words.subspan(1)) apply_consent_parameter(word, consent);
  ConsentPolicy compiles(consent);
  settings.consent = std::move(consent);
}

constexpr std::array<SettingsOption, settings_option_count> options = {{
    {.name = "device_regexes",
     .words = "FILE",
     .meaning = "uap-core's regexes.yaml, for device.*",
     .one_word = true,
     .is_file = true,
     .apply = apply_device_regexes},
    {.name = "cookies",
     .words = "NAME …",
     .meaning = "cookies that rules may see, as request.cookies",
     .adds_up = true,
     .apply = apply_cookies},
    {.name = "headers",
     .words = "NAME …",
     .meaning = "header fields of requests that rules may see, as request.headers",
     .adds_up = true,
     .apply = apply_headers},
    {.name = "languages",
     .words = "TAG …",
     .meaning = "the shop's languages, preferred first, for request.language",
     .adds_up = true,
     .apply = apply_languages},
    {.name = "time_zone",
     .words = "ZONE",
     .meaning = "time zone of visitors whose own is not known; default: UTC",
     .one_word = true,
     .apply = apply_time_zone},
    {.name = "consent",
     .words = "required [cookie=NAME [expression=CEL]] … [countries=CODE,…] | off",
     .meaning = "whether visitors must consent before their profile is used; default: required",
     .apply = apply_consent},
}};

}  // namespace

std::span<const SettingsOption, settings_option_count> settings_options() { return options; }

HostSettings default_settings() {
  HostSettings settings;
  settings.consent.required = true;
  return settings;
}

}  // namespace personalize::plugins
