#include <algorithm>
#include <cassert>

#include "module/conf/attribute_directive.h"
#include "module/conf/conf.h"
#include "module/conf/defaults.h"
#include "module/conf/directive_handler.h"
#include "module/conf/effects.h"
#include "module/conf/page_directives.h"
#include "module/conf/settings_directives.h"
#include "module/conf/words_advice.h"
#include "module/events/beacon.h"
#include "module/events/event_log.h"
#include "module/identity/visitor_cookie_conf.h"
#include "module/log/log.h"
#include "module/page/client_hints.h"
#include "module/status/status.h"
#include "module/weather/directive.h"

namespace personalize::module {
namespace {

std::optional<Mode> parse_mode(std::string_view text) {
  if (text == "on") return Mode::on;
  if (text == "off") return Mode::off;
  if (text == "dry_run") return Mode::dry_run;
  if (text == "observe") return Mode::observe;
  return std::nullopt;
}

char* set_mode(ngx_conf_t* cf, const ngx_command_t&, LocationConf& conf) {
  if (conf.mode != nullptr) return const_cast<char*>("is duplicate");
  auto* text = static_cast<ngx_str_t*>(cf->args->elts) + 1;
  conf.mode = compile(cf, text);
  if (conf.mode == nullptr) return conf_error;
  if (conf.mode->lengths != nullptr) return NGX_CONF_OK;  // with variables
  const std::optional<Mode> mode = parse_mode(view(*text));
  if (!mode) {
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid value \"%V\": it must be \"on\", \"off\", \"dry_run\", \"observe\" or a variable",
                       text);
    return conf_error;
  }
  conf.constant_mode = *mode;
  return NGX_CONF_OK;
}

/// Adds `path`, which is relative to the configuration file's folder.
char* add_path(ngx_conf_t* cf, ngx_str_t path, std::vector<std::string>& paths) {
  if (ngx_conf_full_name(cf->cycle, &path, 1) != NGX_OK) return conf_error;
  paths.emplace_back(view(path));
  if (!engine::expand({paths.back()}).empty()) return NGX_CONF_OK;
  const bool variable = paths.back().find('$') != std::string::npos;
  ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                     variable ? "no file matches \"%V\": variables are not supported in names of files, which are read "
                                "when NGINX starts; name them in the server or location that they are for"
                              : "no file matches \"%V\"",
                     &path);
  return NGX_CONF_OK;
}

/// `personalize_geo`: several within one level add up; together they replace those of the level above.
char* set_geo(ngx_conf_t* cf, const ngx_command_t&, LocationConf& conf) {
  if (conf.geo == nullptr) conf.geo = make<std::vector<std::string>>(cf->pool);
  if (conf.geo == nullptr) return conf_error;
  auto* values = static_cast<ngx_str_t*>(cf->args->elts);
  for (ngx_uint_t i = 1; i < cf->args->nelts; ++i) {
    if (char* failed = add_path(cf, values[i], *conf.geo); failed != NGX_CONF_OK) return failed;
  }
  return NGX_CONF_OK;
}

constexpr std::string_view last_good = "last_good=";

/// `word`: last_good=FOLDER
char* set_last_good(ngx_conf_t* cf, ngx_str_t word, LocationConf& conf) {
  if (conf.last_good != nullptr) return const_cast<char*>("names two folders in last_good=");
  ngx_str_t folder{word.len - last_good.size(), word.data + last_good.size()};
  if (folder.len == 0 || ngx_conf_full_name(cf->cycle, &folder, 1) != NGX_OK) {
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "last_good= needs a folder");
    return conf_error;
  }
  conf.last_good = make<std::string>(cf->pool, std::string(view(folder)));
  return conf.last_good != nullptr ? NGX_CONF_OK : conf_error;
}

/// `personalize_rules PATTERN … [last_good=FOLDER]`
char* set_rules(ngx_conf_t* cf, const ngx_command_t&, LocationConf& conf) {
  if (conf.rules == nullptr) conf.rules = make<std::vector<std::string>>(cf->pool);
  if (conf.rules == nullptr) return conf_error;
  auto* values = static_cast<ngx_str_t*>(cf->args->elts);
  for (ngx_uint_t i = 1; i < cf->args->nelts; ++i) {
    const bool is_path = !view(values[i]).starts_with(last_good);
    char* failed = is_path ? add_path(cf, values[i], *conf.rules) : set_last_good(cf, values[i], conf);
    if (failed != NGX_CONF_OK) return failed;
  }
  return conf.rules->empty() ? const_cast<char*>("names no rule files") : static_cast<char*>(NGX_CONF_OK);
}

ngx_conf_enum_t rules_check_words[] = {
    {ngx_string("warn"), static_cast<ngx_uint_t>(RulesCheck::warn)},
    {ngx_string("strict"), static_cast<ngx_uint_t>(RulesCheck::strict)},
    {ngx_null_string, 0},
};

/// `personalize_visitor` and `personalize_customer`.
template <TextWithVariables* LocationConf::*id>
char* set_id(ngx_conf_t* cf, const ngx_command_t&, LocationConf& conf) {
  if (conf.*id != nullptr) return const_cast<char*>("is duplicate");
  conf.*id = make<TextWithVariables>(cf->pool);
  if (conf.*id == nullptr) return conf_error;
  return compile(cf, static_cast<ngx_str_t*>(cf->args->elts) + 1, *(conf.*id)) ? NGX_CONF_OK : conf_error;
}

/// Identifies the location across reloads as far as its name can.
PlanKey identity(ngx_conf_t* cf) {
  const auto* server =
      static_cast<const ngx_http_core_srv_conf_t*>(ngx_http_conf_get_module_srv_conf(cf, ngx_http_core_module));
  const auto* location =
      static_cast<const ngx_http_core_loc_conf_t*>(ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module));
  return hash(std::string(view(server->server_name)).append(1, '\0').append(view(location->name)));
}

ngx_conf_enum_t no_transform_words[] = {{ngx_string("obey"), static_cast<ngx_uint_t>(NoTransform::obey)},
                                        {ngx_string("ignore"), static_cast<ngx_uint_t>(NoTransform::ignore)},
                                        {ngx_null_string, 0}};

/// The value of `word`, which is one of `words`.
ngx_uint_t choice(const ngx_conf_enum_t* words, std::string_view word) {
  while (words->name.len != 0 && view(words->name) != word) ++words;
  assert(words->name.len != 0);
  return words->value;
}

/// Notes whether pages may be personalized here. An `if` is a location of its own, in which visitors request the same
/// addresses as others do outside of it.
bool merge_on_for_some(ngx_conf_t* cf, const LocationConf& parent, LocationConf& conf) {
  const auto* location =
      static_cast<const ngx_http_core_loc_conf_t*>(ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module));
  conf.on_for_some = parent.on_for_some;
  if (!location->noname || conf.on_for_some == nullptr)
    conf.on_for_some = static_cast<bool*>(ngx_pcalloc(cf->pool, sizeof(bool)));
  if (conf.on_for_some == nullptr) return false;
  if (conf.mode != nullptr) *conf.on_for_some |= conf.mode->lengths != nullptr || conf.constant_mode == Mode::on;
  return true;
}

/// Identifies this load of the configuration.
PlanKey new_load() {
  static std::uint64_t loads = 0;
  return {(static_cast<std::uint64_t>(ngx_pid) << 32) + ++loads, static_cast<std::uint64_t>(ngx_time())};
}

/// That of another location if it is the same, otherwise a new one.
const ProfileSource* source_of(MainConf& main, const LocationConf& conf) {
  ProfileSource source{.engine = conf.engine,
                       .redis = conf.redis,
                       .cache = {},
                       .visitor = {},
                       .visitor_cookie = conf.visitor_cookie,
                       .customer = {},
                       .prefix = conf.prefix != nullptr ? *conf.prefix : plugins::Settings{}.profile_prefix,
                       .attributes = {}};
  if (conf.cache != nullptr && conf.cache->zone) source.cache = *conf.cache;
  if (conf.visitor != nullptr) source.visitor = view(conf.visitor->text->value);
  if (conf.customer != nullptr) source.customer = view(conf.customer->text->value);
  if (conf.attributes != nullptr)
    for (const AttributeConf& attribute : *conf.attributes)
      source.attributes.append(attribute.name).append("=").append(view(attribute.value.text->value)).append(1, '\0');
  for (const auto& known : main.sources) {
    if (*known == source) return known.get();
  }
  return main.sources.emplace_back(std::make_unique<const ProfileSource>(std::move(source))).get();
}

/// Finds or loads what the location's directives name. This is done when they are merged, so that `nginx -t` finds
/// mistakes.
char* prepare(ngx_conf_t* cf, LocationConf& conf) {
  if (conf.rules == nullptr && conf.geo == nullptr && conf.plugins == nullptr) return NGX_CONF_OK;
  conf.weather = weather_service(cf, conf);
  const plugins::HostSettings settings = settings_of(conf);
  // Databases and plugins are loaded even without rules, so that mistakes show before a rule needs them.
  RulesConf rules;
  if (conf.rules != nullptr) rules.paths = *conf.rules;
  if (conf.last_good != nullptr) rules.last_good = *conf.last_good;
  rules.check = static_cast<RulesCheck>(conf.rules_check);
  LoadedEngine* loaded = load_engine(cf, main_conf(cf), rules, settings);
  if (loaded == nullptr) return conf_error;
  const bool knows_visitors =
      conf.visitor != nullptr || conf.customer != nullptr || (conf.visitor_cookie != nullptr && *conf.visitor_cookie);
  loaded->has_profiles |= conf.redis != no_redis && knows_visitors;
  if (conf.rules == nullptr) return NGX_CONF_OK;
  conf.engine = loaded;
  conf.source = source_of(main_conf(cf), conf);
  return NGX_CONF_OK;
}

}  // namespace

void* create_main_conf(ngx_conf_t* cf) {
  return guarded(
      cf->log,
      [&] {
        auto* conf = make<MainConf>(cf->pool);
        if (conf != nullptr) conf->load = new_load();
        return conf;
      },
      []() -> MainConf* { return nullptr; });
}

char* init_main_conf(ngx_conf_t*, void* conf) {
  ngx_conf_init_value(static_cast<MainConf*>(conf)->watch, default_text("personalize_watch") == "on");
  return NGX_CONF_OK;
}

void* create_location_conf(ngx_conf_t* cf) {
  auto* conf = static_cast<LocationConf*>(ngx_pcalloc(cf->pool, sizeof(LocationConf)));
  if (conf == nullptr) return nullptr;
  conf->deadline = NGX_CONF_UNSET_MSEC;
  conf->redis = NGX_CONF_UNSET_UINT;
  conf->rules_check = NGX_CONF_UNSET_UINT;
  conf->filter_effects = make<FilterEffects>(cf->pool);
  if (conf->filter_effects == nullptr) return nullptr;
  conf->client_hints = conf->no_transform = NGX_CONF_UNSET_UINT;
  return conf;
}

char* merge_location_conf(ngx_conf_t* cf, void* parent_data, void* child_data) {
  auto& parent = *static_cast<LocationConf*>(parent_data);
  auto& conf = *static_cast<LocationConf*>(child_data);
  if (conf.mode == nullptr) {
    conf.mode = parent.mode;
    conf.constant_mode = parent.constant_mode;
  }
  conf.number = main_conf(cf).locations++;
  if (!merge_on_for_some(cf, parent, conf)) return conf_error;
  if (conf.visitor == nullptr) conf.visitor = parent.visitor;
  if (conf.customer == nullptr) conf.customer = parent.customer;
  if (conf.visitor_cookie == nullptr) conf.visitor_cookie = parent.visitor_cookie;
  if (conf.rules == nullptr) {
    conf.rules = parent.rules;
    conf.last_good = parent.last_good;
  }
  ngx_conf_merge_uint_value(conf.rules_check, parent.rules_check,
                            choice(rules_check_words, default_text("personalize_rules_check")));
  if (conf.geo == nullptr) conf.geo = parent.geo;
  if (conf.statuses == nullptr) conf.statuses = parent.statuses;
  if (conf.cache == nullptr) conf.cache = parent.cache;
  if (conf.plugins == nullptr) conf.plugins = parent.plugins;
  if (conf.attributes == nullptr) conf.attributes = parent.attributes;
  inherit_options(conf, parent);
  if (conf.weather_conf == nullptr) conf.weather_conf = parent.weather_conf;
  if (conf.redis == NGX_CONF_UNSET_UINT) conf.prefix = parent.prefix;
  ngx_conf_merge_uint_value(conf.redis, parent.redis, no_redis);
  if (conf.event_log_words == nullptr) conf.event_log_words = parent.event_log_words;
  ngx_conf_merge_uint_value(conf.client_hints, parent.client_hints,
                            choice(client_hints_words, default_text("personalize_client_hints")));
  ngx_conf_merge_uint_value(conf.no_transform, parent.no_transform,
                            choice(no_transform_words, default_text("personalize_no_transform")));
  ngx_conf_merge_msec_value(conf.deadline, parent.deadline, default_ms("personalize_deadline"));
  if (ngx_http_merge_types(cf, &conf.types_keys, &conf.types, &parent.types_keys, &parent.types,
                           ngx_http_html_default_types) != NGX_CONF_OK) {
    return conf_error;
  }
  return guarded(
      cf->log,
      [&] {
        conf.filter_effects->identify(identity(cf), main_conf(cf).load);
        note_location(cf, parent, conf);
        find_event_log(main_conf(cf), conf);
        return prepare(cf, conf);
      },
      [] { return conf_error; });
}

Mode mode_of(ngx_http_request_t* r, const LocationConf& conf) {
  if (conf.mode == nullptr) return Mode::off;
  if (conf.mode->lengths == nullptr) return conf.constant_mode;
  ngx_str_t text;
  if (ngx_http_complex_value(r, conf.mode, &text) != NGX_OK) return Mode::off;
  return parse_mode(view(text)).value_or(Mode::off);
}

namespace {

template <char* (*set)(ngx_conf_t* cf, const ngx_command_t& command, LocationConf& conf)>
char* set_and_advise(ngx_conf_t* cf, const ngx_command_t& command, LocationConf& conf) {
  char* result = set(cf, command, conf);
  if (result != NGX_CONF_OK) return result;
  note_written(cf, command, conf);
  advise_of_words(cf, command, conf);
  return result;
}

template <char* (*set)(ngx_conf_t* cf, const ngx_command_t& command, LocationConf& conf)>
constexpr auto of_location = handle<LocationConf, set_and_advise<set>>;

/// One of NGINX's own handlers, for a member at an offset.
template <char* (*slot)(ngx_conf_t* cf, ngx_command_t* command, void* conf)>
char* set_slot(ngx_conf_t* cf, const ngx_command_t& command, LocationConf& conf) {
  return slot(cf, const_cast<ngx_command_t*>(&command), &conf);
}

constexpr ngx_uint_t anywhere = NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF | NGX_HTTP_LOC_CONF;
}  // namespace

ngx_command_t directives[] = {
    {ngx_string("personalize"), anywhere | NGX_HTTP_LIF_CONF | NGX_CONF_TAKE1, of_location<set_mode>,
     NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    {ngx_string("personalize_rules"), anywhere | NGX_CONF_1MORE, of_location<set_rules>, NGX_HTTP_LOC_CONF_OFFSET, 0,
     nullptr},
    {ngx_string("personalize_rules_check"), anywhere | NGX_CONF_TAKE1, of_location<set_slot<ngx_conf_set_enum_slot>>,
     NGX_HTTP_LOC_CONF_OFFSET, offsetof(LocationConf, rules_check), rules_check_words},
    {ngx_string("personalize_geo"), anywhere | NGX_CONF_1MORE, of_location<set_geo>, NGX_HTTP_LOC_CONF_OFFSET, 0,
     nullptr},
    {ngx_string("personalize_plugin"), anywhere | NGX_CONF_1MORE, of_location<set_plugin>, NGX_HTTP_LOC_CONF_OFFSET, 0,
     nullptr},
    {ngx_string("personalize_device_regexes"), anywhere | NGX_CONF_TAKE1, of_location<set_option>,
     NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    {ngx_string("personalize_cookies"), anywhere | NGX_CONF_1MORE, of_location<set_option>, NGX_HTTP_LOC_CONF_OFFSET, 0,
     nullptr},
    {ngx_string("personalize_headers"), anywhere | NGX_CONF_1MORE, of_location<set_option>, NGX_HTTP_LOC_CONF_OFFSET, 0,
     nullptr},
    {ngx_string("personalize_attribute"), anywhere | NGX_CONF_TAKE2, of_location<set_attribute>,
     NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    {ngx_string("personalize_languages"), anywhere | NGX_CONF_1MORE, of_location<set_option>, NGX_HTTP_LOC_CONF_OFFSET,
     0, nullptr},
    {ngx_string("personalize_time_zone"), anywhere | NGX_CONF_TAKE1, of_location<set_option>, NGX_HTTP_LOC_CONF_OFFSET,
     0, nullptr},
    {ngx_string("personalize_consent"), anywhere | NGX_CONF_1MORE, of_location<set_option>, NGX_HTTP_LOC_CONF_OFFSET, 0,
     nullptr},
    {ngx_string("personalize_client_hints"), anywhere | NGX_CONF_TAKE1, of_location<set_slot<ngx_conf_set_enum_slot>>,
     NGX_HTTP_LOC_CONF_OFFSET, offsetof(LocationConf, client_hints), client_hints_words},
    {ngx_string("personalize_weather"), anywhere | NGX_CONF_1MORE, of_location<set_weather>, NGX_HTTP_LOC_CONF_OFFSET,
     0, nullptr},
    {ngx_string("personalize_redis"), anywhere | NGX_CONF_1MORE, of_location<set_redis>, NGX_HTTP_LOC_CONF_OFFSET, 0,
     nullptr},
    {ngx_string("personalize_profile_cache"), anywhere | NGX_CONF_TAKE12, of_location<set_profile_cache>,
     NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    {ngx_string("personalize_events"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS | NGX_CONF_TAKE123, of_location<set_beacon>,
     NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    {ngx_string("personalize_events_log"), NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF | NGX_CONF_TAKE123,
     of_location<set_event_log>, NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    {ngx_string("personalize_visitor"), anywhere | NGX_CONF_TAKE1, of_location<set_id<&LocationConf::visitor>>,
     NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    {ngx_string("personalize_visitor_cookie"), anywhere | NGX_CONF_1MORE, of_location<set_visitor_cookie>,
     NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    {ngx_string("personalize_customer"), anywhere | NGX_CONF_TAKE1, of_location<set_id<&LocationConf::customer>>,
     NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    {ngx_string("personalize_deadline"), anywhere | NGX_CONF_TAKE1, of_location<set_slot<ngx_conf_set_msec_slot>>,
     NGX_HTTP_LOC_CONF_OFFSET, offsetof(LocationConf, deadline), nullptr},
    {ngx_string("personalize_types"), anywhere | NGX_CONF_1MORE, of_location<set_types>, NGX_HTTP_LOC_CONF_OFFSET,
     offsetof(LocationConf, types_keys), &ngx_http_html_default_types[0]},
    {ngx_string("personalize_statuses"), anywhere | NGX_CONF_1MORE, of_location<set_statuses>, NGX_HTTP_LOC_CONF_OFFSET,
     0, nullptr},
    {ngx_string("personalize_no_transform"), anywhere | NGX_CONF_TAKE1, of_location<set_slot<ngx_conf_set_enum_slot>>,
     NGX_HTTP_LOC_CONF_OFFSET, offsetof(LocationConf, no_transform), no_transform_words},
    {ngx_string("personalize_status"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS | NGX_CONF_TAKE1, of_location<set_status>,
     NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    {ngx_string("personalize_watch"), NGX_HTTP_MAIN_CONF | NGX_CONF_FLAG, ngx_conf_set_flag_slot,
     NGX_HTTP_MAIN_CONF_OFFSET, offsetof(MainConf, watch), nullptr},
    {ngx_string("personalize_zone"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1, handle<MainConf, set_plan_zone>,
     NGX_HTTP_MAIN_CONF_OFFSET, 0, nullptr},
    ngx_null_command,
};
static_assert(std::size(directives) <= std::tuple_size_v<WrittenHere>);

}  // namespace personalize::module
