#include "module/conf/words_advice.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>

#include "module/conf/defaults.h"
#include "rules/countries.h"
#include "rules/text/ascii.h"

namespace personalize::module {
namespace {

/// A page would wait that long whenever Redis hangs.
constexpr ngx_msec_t longest_sensible_deadline = 1000;

std::span<const ngx_str_t> words(ngx_conf_t* cf) {
  return {static_cast<const ngx_str_t*>(cf->args->elts) + 1, cf->args->nelts - 1};
}

void warn(ngx_conf_t* cf, const std::string& text) { ngx_conf_log_error(NGX_LOG_WARN, cf, 0, "%s", text.c_str()); }

std::string in_quotes(std::string_view text) { return '"' + std::string(text) + '"'; }

/// Variables that are the same for everybody, or never the same.
constexpr std::array<std::string_view, 9> same_for_all = {"$host",        "$http_host",   "$hostname",
                                                          "$scheme",      "$server_name", "$server_addr",
                                                          "$server_port", "$uri",         "$request_uri"};
constexpr std::array<std::string_view, 4> never_the_same = {"$request_id", "$msec", "$connection", "$request_time"};

void advise_of_visitor(ngx_conf_t* cf, const LocationConf& conf) {
  const std::string text(view(words(cf)[0]));
  const std::string begin = "personalize_visitor " + in_quotes(text);
  if (conf.visitor->constant())
    warn(cf, begin + " has no variable, so that all visitors are one; write it like $cookie_visitor");
  else if (std::ranges::find(same_for_all, text) != same_for_all.end())
    warn(cf,
         begin + " is the same for all visitors, who would see each other's profile; write it like $cookie_visitor");
  else if (std::ranges::find(never_the_same, text) != never_the_same.end())
    warn(cf, begin + " is another one for each request, so that no profile is found; write it like $cookie_visitor");
}

void advise_of_deadline(ngx_conf_t* cf, const LocationConf& conf) {
  const std::string text(view(words(cf)[0]));
  if (conf.deadline == 0)
    return warn(cf,
                "personalize_deadline 0: no page waits for a profile, so that pages hardly ever have one; write 20ms");
  if (conf.deadline <= longest_sensible_deadline) return;
  const bool bare = std::ranges::all_of(text, [](char c) { return rules::text::is_ascii_digit(c); });
  warn(cf, "personalize_deadline " + text + (bare ? " is in seconds" : " is long") +
               ": so long pages wait when Redis does not answer; write it like " +
               (bare && text.size() <= 3 ? text : std::string("20")) + "ms");
}

void advise_of_consent(ngx_conf_t* cf, const LocationConf&) {
  constexpr std::string_view parameter = "countries=";
  for (const ngx_str_t& word : words(cf)) {
    std::string_view list = view(word);
    if (!list.starts_with(parameter)) continue;
    for (list.remove_prefix(parameter.size()); !list.empty();) {
      const std::size_t end = std::min(list.find(','), list.size());
      const std::string code(list.substr(0, end));
      list.remove_prefix(std::min(end + 1, list.size()));
      if (rules::is_country(code)) continue;
      const std::string meant = rules::country_meant(code);
      warn(cf, "personalize_consent: " + in_quotes(code) + " is the code of no country" +
                   (meant.empty() ? std::string() : ", did you mean " + meant + "?"));
    }
  }
}

/// Types whose content is no HTML, whatever it contains.
bool is_no_html(std::string_view type) {
  constexpr std::array<std::string_view, 5> families = {"image/", "font/", "audio/", "video/", "model/"};
  constexpr std::array<std::string_view, 10> types = {
      "application/json",  "application/javascript",  "text/javascript", "text/css",
      "application/pdf",   "application/ld+json",     "application/zip", "text/csv",
      "text/event-stream", "application/octet-stream"};
  const std::string lower = rules::text::ascii_lower(type);
  return std::ranges::any_of(families, [&](std::string_view family) { return lower.starts_with(family); }) ||
         std::ranges::find(types, lower) != types.end();
}

void advise_of_types(ngx_conf_t* cf, const LocationConf&) {
  for (const ngx_str_t& word : words(cf))
    if (is_no_html(view(word)))
      warn(cf, "personalize_types: " + in_quotes(view(word)) +
                   " is no HTML: it would be read and edited as if it were; leave it out");
}

void advise_of_statuses(ngx_conf_t* cf, const LocationConf& conf) {
  if (std::ranges::all_of(*conf.statuses, [](ngx_uint_t status) { return status == NGX_HTTP_OK; }))
    warn(cf, "personalize_statuses has no effect: 200 is always included");
}

/// Milliseconds of the parameter that begins with `name`, or those of its default.
ngx_msec_t time_of(ngx_conf_t* cf, std::string_view name, ngx_msec_t fallback) {
  for (const ngx_str_t& word : words(cf)) {
    if (!view(word).starts_with(name)) continue;
    ngx_str_t value{word.len - name.size(), word.data + name.size()};
    return static_cast<ngx_msec_t>(ngx_parse_time(&value, 0));
  }
  return fallback;
}

void advise_of_weather(ngx_conf_t* cf, const LocationConf&) {
  const ngx_msec_t fresh = time_of(cf, "fresh=", default_ms("personalize_weather", "fresh"));
  const ngx_msec_t stale = time_of(cf, "stale=", default_ms("personalize_weather", "stale"));
  if (stale < fresh)
    warn(cf,
         "personalize_weather: reports are used for as long as they are fresh, so that a shorter stale= has no effect; "
         "write a longer one");
  if (time_of(cf, "timeout=", 0) > 60'000)
    warn(cf, "personalize_weather: a timeout= of more than a minute; a time without a unit is in seconds");
}

struct Advice {
  std::string_view directive;
  void (*give)(ngx_conf_t* cf, const LocationConf& conf);
};
constexpr Advice advice[] = {
    {"personalize_visitor", advise_of_visitor},   {"personalize_deadline", advise_of_deadline},
    {"personalize_consent", advise_of_consent},   {"personalize_types", advise_of_types},
    {"personalize_statuses", advise_of_statuses}, {"personalize_weather", advise_of_weather},
};

}  // namespace

void advise_of_words(ngx_conf_t* cf, const ngx_command_t& command, const LocationConf& conf) {
  for (const Advice& row : advice)
    if (row.directive == view(command.name)) row.give(cf, conf);
}

}  // namespace personalize::module
