#include "engine/json/supposed_headers.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "plugins/request.h"
#include "plugins/request/query.h"

namespace personalize::engine::json {
namespace {

using rules::Kind;
using rules::Value;
using Texts = std::map<std::string, std::string, std::less<>>;

constexpr std::string_view utm_parameters[] = {"utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"};

/// Entries of a map attribute that are supposed, one by one or all of them.
Texts texts_of(const Suppositions& suppositions, std::string_view map) {
  Texts texts;
  if (const auto all = suppositions.find(map); all && all->is(Kind::map))
    for (const rules::MapEntry& entry : all->as_map())
      if (entry.value.is(Kind::string)) texts.emplace(entry.key.text(), entry.value.text());
  for (const auto& [name, value] : suppositions.entries(map))
    texts.insert_or_assign(name, value.is(Kind::string) ? std::string(value.text()) : std::string());
  return texts;
}

std::string percent_encoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '.' || c == '_' || c == '~';
    encoded += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

void set_header(HeaderList& headers, std::string_view name, const std::string& value) {
  std::erase_if(headers, [&](const auto& header) { return plugins::request_text::same_name(header.first, name); });
  if (!value.empty()) headers.emplace_back(name, value);
}

/// Cookies of the request that are not supposed, then those that are.
std::string cookies_with(const Texts& supposed, const HeaderList& headers) {
  std::string all;
  const auto add = [&](std::string_view name, std::string_view value) {
    all += fmt::format("{}{}={}", all.empty() ? "" : "; ", name, value);
  };
  std::vector<plugins::Header> views;
  for (const auto& [name, value] : headers) views.push_back({name, value});
  plugins::request_text::visit_cookies({.headers = views}, [&](std::string_view name, std::string_view value) {
    if (!supposed.contains(name)) add(name, value);
    return false;
  });
  for (const auto& [name, value] : supposed) add(name, value);
  return all;
}

/// As Accept-Language has them, best first.
std::string accepted(const Suppositions& suppositions) {
  std::string all;
  if (const auto languages = suppositions.find("request.languages"); languages && languages->is(Kind::list)) {
    int quality = 100;  // hundredths
    for (const Value& language : languages->as_list()) {
      all += fmt::format("{}{};q={}.{:02}", all.empty() ? "" : ",", language.text(), quality / 100, quality % 100);
      if (--quality == 0) break;
    }
  } else if (const auto locale = suppositions.text("request.locale")) {
    all = *locale;
  }
  return all;
}

void suppose_referrer(const Suppositions& suppositions, HeaderList& headers) {
  if (const auto url = suppositions.find("request.referrer"))
    set_header(headers, "Referer", std::string(url->missing() ? "" : url->text()));
  else if (const auto host = suppositions.find("request.referrer_host"))
    set_header(headers, "Referer",
               host->missing() || host->text().empty() ? "" : fmt::format("https://{}/", host->text()));
}

}  // namespace

std::string supposed_query(const Suppositions& suppositions, std::string_view query) {
  Texts supposed = texts_of(suppositions, "request.query");
  for (std::string_view name : utm_parameters)
    if (const auto text = suppositions.text(fmt::format("request.{}", name)))
      supposed.insert_or_assign(std::string(name), *text);
  if (supposed.empty() && !suppositions.find("request.query")) return std::string(query);
  std::string all;
  const auto add = [&](std::string_view text) { (all += all.empty() ? "" : "&") += text; };
  for (const auto& [name, value] : supposed) add(percent_encoded(name) + '=' + percent_encoded(value));
  while (!query.empty() && !suppositions.find("request.query")) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    const Value parameter = plugins::parse_query(pair, suppositions.arena());
    const bool replaced = !parameter.as_map().empty() && supposed.contains(parameter.as_map().front().key.text());
    if (!replaced) add(pair);
  }
  return all;
}

void suppose_headers(const Suppositions& suppositions, HeaderList& headers) {
  for (const auto& [name, value] : texts_of(suppositions, "request.headers")) set_header(headers, name, value);
  if (const Texts cookies = texts_of(suppositions, "request.cookies"); !cookies.empty())
    set_header(headers, "Cookie", cookies_with(cookies, headers));
  if (const std::string languages = accepted(suppositions); !languages.empty())
    set_header(headers, "Accept-Language", languages);
  suppose_referrer(suppositions, headers);
  if (const auto signal = suppositions.find("consent.gpc"))
    set_header(headers, "Sec-GPC", signal->is_true() ? "1" : "");
  if (const auto signal = suppositions.find("consent.dnt")) set_header(headers, "DNT", signal->is_true() ? "1" : "");
}

}  // namespace personalize::engine::json
