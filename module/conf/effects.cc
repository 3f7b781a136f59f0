#include "module/conf/effects.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "module/conf/location_lookup.h"
#include "module/events/event_log.h"
#include "module/identity/visitor_cookie_conf.h"

namespace personalize::module {
namespace {

using Location = MergedLocation;

bool said_off(const Location& here) {
  return here.conf->mode != nullptr && here.conf->mode->lengths == nullptr && here.conf->constant_mode == Mode::off;
}

bool has_rules(const Location& here) { return here.conf->engine != nullptr; }
bool is_switched(const Location& here) { return here.conf->mode != nullptr; }
bool personalizes(const Location& here) { return has_rules(here) && is_switched(here); }
bool everywhere(const Location&) { return true; }

/// Whoever wrote it may ask Redis for more than profiles, and look at the visitor.
bool has_code(const LocationConf& conf) {
  return conf.plugins != nullptr || (conf.engine != nullptr && !conf.engine->rule_set().scripts().empty());
}

bool has_redis(const Location& here) { return here.conf->redis != no_redis; }
/// Something is read or written about visitors.
bool needs_visitors(const Location& here) {
  return has_redis(here) || here.conf->event_log != nullptr || has_code(*here.conf);
}
bool knows_by_cookie(const Location& here) {
  return here.conf->visitor_cookie != nullptr && here.conf->visitor_cookie->has_value();
}
bool has_cache(const Location& here) { return here.conf->cache != nullptr && here.conf->cache->zone; }

bool takes_underscores(const Location& here) {
  const std::vector<std::string>* names = nullptr;
  const auto options = plugins::settings_options();
  for (std::size_t i = 0; i < options.size(); ++i)
    if (options[i].name == "headers") names = here.conf->options[i];
  const auto has_one = [](const std::string& name) { return name.find('_') != name.npos; };
  return names == nullptr || std::ranges::none_of(*names, has_one) || here.server->underscores_in_headers == 1;
}

bool knows_countries(const Location& here) {
  return here.conf->geo != nullptr || here.conf->engine->settings.consent.permissive_countries.empty();
}

bool has_weather_location(const Location& here) {
  const WeatherService* weather = here.conf->weather;
  return weather == nullptr || has_location(*weather->conf().server, weather->conf().uri);
}

/// What a directive needs to work in a location. Where it is not `asked_for`, that says nothing.
struct Effect {
  std::string_view directive;
  bool (*asked_for)(const Location& here);
  bool (*works)(const Location& here);
  const char* advice;
};
constexpr Effect effects[] = {
    {"personalize", everywhere, has_rules, "has no effect: no rules apply here; add personalize_rules"},
    {"personalize_rules", everywhere, is_switched,
     "has no effect: pages are personalized nowhere; add \"personalize on\""},
    {"personalize_rules", everywhere,
     [](const Location& here) {
       return here.conf->last_good == nullptr || static_cast<RulesCheck>(here.conf->rules_check) != RulesCheck::strict;
     },
     "has no use for last_good=: with \"personalize_rules_check strict\" NGINX does not start with mistakes"},
    {"personalize_visitor", personalizes, needs_visitors,
     "has no effect: there are no profiles; add personalize_redis"},
    {"personalize_customer", personalizes, [](const Location& here) { return has_redis(here) || has_code(*here.conf); },
     "has no effect: there are no profiles; add personalize_redis"},
    {"personalize_visitor_cookie", personalizes,
     [](const Location& here) { return !knows_by_cookie(here) || needs_visitors(here); },
     "has no effect: neither profiles nor events need it; add personalize_redis or personalize_events_log"},
    {"personalize_redis", personalizes,
     [](const Location& here) {
       return !has_redis(here) || here.conf->visitor != nullptr || here.conf->customer != nullptr ||
              knows_by_cookie(here) || has_code(*here.conf);
     },
     "is asked for nothing: it is not known whose profile; add personalize_visitor"},
    {"personalize_events", [](const Location& here) { return here.conf->beacon != nullptr; },
     [](const Location& here) { return here.conf->event_log != nullptr; },
     "has no effect: events are written down nowhere; add personalize_events_log"},
    {"personalize_events_log", everywhere,
     [](const Location& here) {
       const EventLogConf& words = *here.conf->event_log_words;
       return words.kind != EventLogConf::Kind::redis || has_redis(here);
     },
     "has no effect: it is not known which Redis; add personalize_redis"},
    {"personalize_profile_cache", personalizes,
     [](const Location& here) { return !has_cache(here) || has_redis(here); },
     "has no effect: there are no profiles; add personalize_redis"},
    {"personalize_consent", personalizes, knows_countries,
     "has no use for countries=: it is not known where visitors are; add personalize_geo"},
    {"personalize_headers", personalizes, takes_underscores,
     "names a field with \"_\", which NGINX drops; write \"-\", or set underscores_in_headers"},
    {"personalize_weather", personalizes, has_weather_location,
     "names a path without a location of its own in this server, so that the weather is never known; add \"location = "
     "PATH { internal; ... }\""},
};

/// Of those that only say how pages are personalized.
constexpr Effect without_rules{
    {}, everywhere, personalizes, "has no effect: no rules apply here; add personalize_rules"};

/// Where a directive was written, in the order of locations, and whether it works somewhere.
using Works = std::vector<std::pair<const Written*, bool>>;

/// Where `personalize off` was written, that is what was meant.
Works works_where(const MainConf& main, std::size_t directive, const Effect& effect) {
  Works works;
  for (const Location& here : main.merged) {
    const Written* written = here.conf->written[directive];
    if (written == nullptr || said_off(here) || !effect.asked_for(here)) continue;
    const auto known = std::ranges::find(works, written, &Works::value_type::first);
    if (known == works.end())
      works.emplace_back(written, effect.works(here));
    else
      known->second = known->second || effect.works(here);
  }
  return works;
}

std::size_t warn(ngx_conf_t* cf, std::size_t directive, const Works& works, const Effect& effect) {
  std::size_t count = 0;
  for (const auto& [written, work] : works) {
    if (work) continue;
    ngx_log_error(NGX_LOG_WARN, cf->log, 0, "%V %s in %V:%ui", &directives[directive].name, effect.advice,
                  &written->file, written->line);
    ++count;
  }
  return count;
}

}  // namespace

void note_written(ngx_conf_t* cf, const ngx_command_t& command, LocationConf& conf) {
  const Written*& written = conf.written.at(static_cast<std::size_t>(&command - directives));
  if (written == nullptr) written = make<Written>(cf->pool, Written{cf->conf_file->file.name, cf->conf_file->line});
}

void note_location(ngx_conf_t* cf, const LocationConf& parent, LocationConf& conf) {
  for (std::size_t i = 0; i < conf.written.size(); ++i)
    if (conf.written[i] == nullptr) conf.written[i] = parent.written[i];
  main_conf(cf).merged.push_back(
      {&conf, static_cast<ngx_http_core_srv_conf_t*>(ngx_http_conf_get_module_srv_conf(cf, ngx_http_core_module))});
}

void warn_of_no_effect(ngx_conf_t* cf, const MainConf& main) {
  std::size_t count = 0;
  for (std::size_t i = 0; directives[i].name.len != 0; ++i)
    for (const Effect& effect : effects)
      if (effect.directive == view(directives[i].name)) count += warn(cf, i, works_where(main, i, effect), effect);
  if (count != 0) return;  // the others may work once that has been mended
  for (std::size_t i = 0; directives[i].name.len != 0; ++i) {
    const std::string_view name = view(directives[i].name);
    // What the site's policy is, and its status, stands also where nothing is personalized yet.
    const bool stands_alone = name == "personalize" || name == "personalize_status" || name == "personalize_consent" ||
                              name == "personalize_events_log" || name == "personalize_events";
    if (!stands_alone && directives[i].conf == NGX_HTTP_LOC_CONF_OFFSET)
      warn(cf, i, works_where(main, i, without_rules), without_rules);
  }
}

}  // namespace personalize::module
