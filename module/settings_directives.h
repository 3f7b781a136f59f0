// The directives that fill plugins::Settings: personalize_cookies, personalize_consent, …; see
// plugins/settings_option.h for what they say.
#pragma once

#include "module/conf.h"

namespace personalize::nginx {

/// Handler of all of them; the directive's name says which.
char* set_option(ngx_conf_t* cf, ngx_command_t* command, void* conf);

/// Words of the level above where this one says nothing.
void inherit_options(LocationConf& conf, const LocationConf& parent);

/// What the location's directives say, with the defaults where they say nothing. The words were checked where they
/// stand.
plugins::Settings settings_of(const LocationConf& conf);

/// Once everything is read: warns of rules that ask for what no location with them knows.
void warn_of_missing_sources(ngx_log_t* log, const MainConf& main);

}  // namespace personalize::nginx
