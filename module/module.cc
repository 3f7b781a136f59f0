// The tables of the NGINX modules.
#include "engine/version.h"
#include "module/conf/conf.h"
#include "module/conf/effects.h"
#include "module/conf/settings_directives.h"
#include "module/events/event_log.h"
#include "module/http/detached_request.h"
#include "module/http/upstream_request.h"
#include "module/log/log.h"
#include "module/page/filters.h"
#include "module/redis/store.h"
#include "module/splicing/packed_parts.h"
#include "module/status/status.h"
#include "module/weather/directive.h"
#include "module/worker/maintenance.h"
#include "module/worker/rule_watch.h"

using namespace personalize::module;

namespace {

ngx_int_t add_handler(ngx_conf_t* cf, ngx_http_phases phase, ngx_http_handler_pt function) {
  auto* core = static_cast<ngx_http_core_main_conf_t*>(ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module));
  auto* handler = static_cast<ngx_http_handler_pt*>(ngx_array_push(&core->phases[phase].handlers));
  if (handler == nullptr) return NGX_ERROR;
  *handler = function;
  return NGX_OK;
}

/// True in a process that answers requests. Such a process only reads the configuration again with `master_process
/// off`, and then NGINX does not initialize modules again: they would go on using memory that is freed.
bool serving = false;

ngx_int_t preconfigure(ngx_conf_t* cf) {
  if (serving) {
    // Refused here, as later the chain of filters would already be half rebuilt.
    ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                  "personalize: with \"master_process off\" a reload is not possible; restart");
    return NGX_ERROR;
  }
  if (add_page_variables(cf) != NGX_OK || add_accept_encoding_variable(cf) != NGX_OK) return NGX_ERROR;
  return add_weather_variables(cf);
}

ngx_int_t postconfigure(ngx_conf_t* cf) {
  if (add_handler(cf, NGX_HTTP_PRECONTENT_PHASE, on_precontent) != NGX_OK ||
      add_handler(cf, NGX_HTTP_LOG_PHASE, on_log) != NGX_OK) {
    return NGX_ERROR;
  }
  auto* main = static_cast<MainConf*>(ngx_http_conf_get_module_main_conf(cf, ngx_http_personalize_module));
  if (add_status_zone(cf, *main) != NGX_CONF_OK) return NGX_ERROR;
  if (add_default_plan_zone(cf, *main) != NGX_CONF_OK) return NGX_ERROR;
  const std::optional<Compressors> compressors = find_compressors(cf);
  if (!compressors) return NGX_ERROR;
  main->compressors = *compressors;
  const auto finish = [&] {
    finish_reading(*main);
    warn_of_missing_sources(cf->log, *main);
    warn_of_no_effect(cf, *main);
  };
  guarded(cf->log, finish);
  return install_rewrite_filter(cf);
}

/// Filters that are installed last are called first.
ngx_int_t install_front_filters(ngx_conf_t* cf) {
  if (install_hold_filter(cf) != NGX_OK) return NGX_ERROR;
  return install_detached_filter(cf);
}

void start(MainConf& main, ngx_log_t* log) {
  const auto attempt = [&](auto&& part) { guarded(log, part); };
  attempt([&] {
    use_status_zone(main);
    for (const auto& rules : main.rules)
      for (PreparedRules* set : rules->sets()) count_rules(*set);
    write_worker_note(main);
  });
  attempt([&] { redis::open_stores(main, log); });
  attempt([&] { open_event_logs(main, log); });
  enter_plan_zone(main, log);
  start_maintenance(main, log);
  attempt([&] { say_mistakes_of_start(main, log); });
  attempt([&] { start_rule_watch(main, log); });
}

/// In the master, at the start and at every reload.
ngx_int_t init_module(ngx_cycle_t* cycle) {
  const std::string_view version = personalize::version();
  ngx_log_error(NGX_LOG_NOTICE, cycle->log, 0, "personalize: version %*s", version.size(), version.data());
  const auto* main = static_cast<MainConf*>(ngx_http_cycle_get_module_main_conf(cycle, ngx_http_personalize_module));
  const auto keep = [&] {
    if (main != nullptr) keep_rules(*main, cycle->log);
  };
  guarded(cycle->log, keep);
  return NGX_OK;
}

/// Workers must start even if Redis is down.
ngx_int_t init_process(ngx_cycle_t* cycle) {
  if (ngx_process != NGX_PROCESS_WORKER && ngx_process != NGX_PROCESS_SINGLE) return NGX_OK;
  auto* main = static_cast<MainConf*>(ngx_http_cycle_get_module_main_conf(cycle, ngx_http_personalize_module));
  if (main != nullptr) start(*main, cycle->log);
  serving = true;
  return NGX_OK;
}

void exit_process(ngx_cycle_t* cycle) {
  stop_maintenance();
  stop_rule_watch();
  auto* main = static_cast<MainConf*>(ngx_http_cycle_get_module_main_conf(cycle, ngx_http_personalize_module));
  if (main != nullptr) guarded(cycle->log, [&] { close_event_logs(*main); });
  guarded(cycle->log, redis::close_stores);
  stop_packing();
  leave_plan_zone();
}

ngx_http_module_t context = {
    preconfigure,          // preconfiguration
    postconfigure,         // postconfiguration
    create_main_conf,      // create main configuration
    init_main_conf,        // init main configuration
    nullptr,               // create server configuration
    nullptr,               // merge server configuration
    create_location_conf,  // create location configuration
    merge_location_conf,   // merge location configuration
};

ngx_http_module_t hold_context = {
    nullptr,                // preconfiguration
    install_front_filters,  // postconfiguration
    nullptr,                // create main configuration
    nullptr,                // init main configuration
    nullptr,                // create server configuration
    nullptr,                // merge server configuration
    nullptr,                // create location configuration
    nullptr,                // merge location configuration
};

}  // namespace

extern "C" {

ngx_module_t ngx_http_personalize_module = {
    NGX_MODULE_V1,
    &context,         // module context
    directives,       // module directives
    NGX_HTTP_MODULE,  // module type
    nullptr,          // init master
    init_module,      // init module
    init_process,     // init process
    nullptr,          // init thread
    nullptr,          // exit thread
    exit_process,     // exit process
    nullptr,          // exit master
    NGX_MODULE_V1_PADDING,
};

ngx_module_t ngx_http_personalize_hold_module = {
    NGX_MODULE_V1,
    &hold_context,    // module context
    nullptr,          // module directives
    NGX_HTTP_MODULE,  // module type
    nullptr,          // init master
    nullptr,          // init module
    nullptr,          // init process
    nullptr,          // init thread
    nullptr,          // exit thread
    nullptr,          // exit process
    nullptr,          // exit master
    NGX_MODULE_V1_PADDING,
};

#define PERSONALIZE_EXPORT __attribute__((visibility("default"), used))

PERSONALIZE_EXPORT ngx_module_t* ngx_modules[] = {&ngx_http_personalize_module, &ngx_http_personalize_hold_module,
                                                  nullptr};

PERSONALIZE_EXPORT char* ngx_module_names[] = {const_cast<char*>("ngx_http_personalize_module"),
                                               const_cast<char*>("ngx_http_personalize_hold_module"), nullptr};

// Each of our modules is put before the modules that follow it in this list. Filters of earlier modules run later: our
// first one runs right after postpone, the second before all filters.
PERSONALIZE_EXPORT char* ngx_module_order[] = {
    const_cast<char*>("ngx_http_personalize_module"),      const_cast<char*>("ngx_http_postpone_filter_module"),
    const_cast<char*>("ngx_http_ssi_filter_module"),       const_cast<char*>("ngx_http_charset_filter_module"),
    const_cast<char*>("ngx_http_sub_filter_module"),       const_cast<char*>("ngx_http_addition_filter_module"),
    const_cast<char*>("ngx_http_gunzip_filter_module"),    const_cast<char*>("ngx_http_userid_filter_module"),
    const_cast<char*>("ngx_http_headers_filter_module"),   const_cast<char*>("ngx_http_copy_filter_module"),
    const_cast<char*>("ngx_http_personalize_hold_module"), nullptr};

}  // extern "C"
