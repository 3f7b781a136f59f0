#include "module/conf/settings_directives.h"

#include <algorithm>
#include <cassert>

#include "engine/unknown_keys.h"
#include "plugins/plugin_file.h"

namespace personalize::module {
namespace {

constexpr std::string_view prefix = "personalize_";

/// The words of the directive, with paths made absolute from the folder of nginx.conf; nothing if there is no memory.
std::optional<std::vector<std::string>> read_words(ngx_conf_t* cf, bool is_file) {
  std::vector<std::string> words;
  auto* values = static_cast<ngx_str_t*>(cf->args->elts);
  for (ngx_uint_t i = 1; i < cf->args->nelts; ++i) {
    ngx_str_t word = values[i];
    if (is_file && ngx_conf_full_name(cf->cycle, &word, 1) != NGX_OK) return std::nullopt;
    words.emplace_back(view(word));
  }
  return words;
}

/// A namespace whose attributes need something that must be configured.
struct Source {
  std::string_view attributes;
  bool (*is_known)(const LoadedEngine& loaded);
  const char* advice;
};
constexpr Source sources[] = {
    {"geo.", [](const LoadedEngine& loaded) { return !loaded.settings.geo_databases.empty(); }, "personalize_geo"},
    {"profile.", [](const LoadedEngine& loaded) { return loaded.has_profiles; },
     "personalize_redis together with personalize_visitor"},
    {"weather.", [](const LoadedEngine& loaded) { return loaded.settings.weather != nullptr; }, "personalize_weather"},
    {"weather.", [](const LoadedEngine& loaded) { return !loaded.settings.geo_databases.empty(); },
     "personalize_geo, which knows the place"},
};

/// The first attribute of that namespace that rules mention; empty if there is none.
std::string_view mentioned(const rules::RuleSet& rules, std::string_view attributes) {
  for (rules::AttributeId id : rules.used_attributes()) {
    if (rules.schema()[id].name.starts_with(attributes)) return rules.schema()[id].name;
  }
  return {};
}

}  // namespace

char* set_option(ngx_conf_t* cf, const ngx_command_t& command, LocationConf& conf) {
  const std::string_view name = view(command.name).substr(prefix.size());
  const auto options = plugins::settings_options();
  const auto option = std::find_if(options.begin(), options.end(), [&](const auto& o) { return o.name == name; });
  assert(option != options.end());
  std::vector<std::string>*& words = conf.options[static_cast<std::size_t>(option - options.begin())];
  if (words != nullptr && !option->adds_up) return const_cast<char*>("is duplicate");
  const std::optional<std::vector<std::string>> added = read_words(cf, option->is_file);
  if (!added) return conf_error;
  try {
    plugins::HostSettings scratch;
    option->apply(*added, scratch);
  } catch (const plugins::ConfigurationError& error) {
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "personalize_%*s: %s", name.size(), name.data(), error.what());
    return conf_error;
  }
  if (words == nullptr) words = make<std::vector<std::string>>(cf->pool);
  if (words == nullptr) return conf_error;
  words->insert(words->end(), added->begin(), added->end());
  return NGX_CONF_OK;
}

void inherit_options(LocationConf& conf, const LocationConf& parent) {
  for (std::size_t i = 0; i < plugins::settings_option_count; ++i) {
    if (conf.options[i] == nullptr) conf.options[i] = parent.options[i];
  }
}

plugins::HostSettings settings_of(const LocationConf& conf) {
  plugins::HostSettings settings = plugins::default_settings();
  if (conf.geo != nullptr) settings.geo_databases = engine::expand(*conf.geo);
  if (conf.plugins != nullptr) settings.plugins = *conf.plugins;
  const bool prefix_seen = std::any_of(settings.plugins.begin(), settings.plugins.end(),
                                       [](const plugins::PluginUse& use) { return use.file->sees_settings(); });
  if (conf.prefix != nullptr && prefix_seen) settings.profile_prefix = *conf.prefix;
  settings.weather = conf.weather;
  settings.makes_events = conf.event_log != nullptr;
  if (conf.attributes != nullptr)
    for (const AttributeConf& attribute : *conf.attributes) settings.variables.push_back(attribute.name);
  const auto options = plugins::settings_options();
  for (std::size_t i = 0; i < options.size(); ++i) {
    if (conf.options[i] != nullptr) options[i].apply(*conf.options[i], settings);
  }
  return settings;
}

void warn_of_missing_sources(ngx_log_t* log, const MainConf& main) {
  for (const auto& rules : main.rules) {
    for (const Source& source : sources) {
      // Rules may be configured for a whole server and sources only in locations that serve pages, where the same rules
      // have an engine of their own.
      const auto known = [&](const auto& loaded) { return source.is_known(*loaded); };
      const std::string_view name = mentioned(rules->engines.front()->rule_set(), source.attributes);
      if (name.empty() || std::any_of(rules->engines.begin(), rules->engines.end(), known)) continue;
      ngx_log_error(NGX_LOG_WARN, log, 0, "%s: rules use %*s, which is never known without %s",
                    rules->paths.front().c_str(), name.size(), name.data(), source.advice);
    }
    std::vector<const plugins::HostSettings*> settings;
    for (const auto& loaded : rules->engines) settings.push_back(&loaded->settings);
    for (const rules::Diagnostic& unknown :
         engine::unknown_keys(rules->engines.front()->rule_set(), settings, engine::EmptyList::nothing))
      ngx_log_error(NGX_LOG_WARN, log, 0, "%s", rules::to_string(unknown).c_str());
  }
}

}  // namespace personalize::module
