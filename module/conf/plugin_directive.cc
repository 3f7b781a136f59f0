// personalize_plugin FILE [key=value …]
#include "module/conf/conf.h"
#include "plugins/plugin_file.h"

namespace personalize::module {
namespace {

/// Each file is opened once for each configuration.
std::shared_ptr<const plugins::PluginFile> open_plugin(ngx_conf_t* cf, const std::string& path) {
  MainConf& main = main_conf(cf);
  for (const auto& file : main.plugins)
    if (file->path() == path) return file;
  try {
    main.plugins.push_back(plugins::PluginFile::open(path));
    return main.plugins.back();
  } catch (const plugins::ConfigurationError& error) {
    const std::string place = error.line != 0 ? ":" + std::to_string(error.line) : "";
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "\"%s\"%s: %s", path.c_str(), place.c_str(), error.what());
    return nullptr;
  }
}

}  // namespace

char* set_plugin(ngx_conf_t* cf, const ngx_command_t&, LocationConf& conf) {
  auto* values = static_cast<ngx_str_t*>(cf->args->elts);
  ngx_str_t path = values[1];
  if (ngx_conf_full_name(cf->cycle, &path, 1) != NGX_OK) return conf_error;
  plugins::PluginUse use{open_plugin(cf, std::string(view(path))), {}};
  if (use.file == nullptr) return conf_error;
  for (ngx_uint_t i = 2; i < cf->args->nelts; ++i) {
    const std::string_view option = view(values[i]);
    const std::size_t equals = option.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid parameter \"%V\": options are name=value", &values[i]);
      return conf_error;
    }
    use.options.add(std::string(option.substr(0, equals)), std::string(option.substr(equals + 1)));
  }
  if (conf.plugins == nullptr) conf.plugins = make<std::vector<plugins::PluginUse>>(cf->pool);
  if (conf.plugins == nullptr) return conf_error;
  conf.plugins->push_back(std::move(use));
  return NGX_CONF_OK;
}

}  // namespace personalize::module
