// The directives that fill plugins::Settings, such as personalize_cookies and personalize_consent; see
// plugins/settings_option.h for their arguments.
#pragma once

#include "module/conf/conf.h"

namespace personalize::module {

/// Handler of all of them; the directive's name says which.
char* set_option(ngx_conf_t* cf, const ngx_command_t& command, LocationConf& conf);

/// Inherits the words of directives that this level does not have.
void inherit_options(LocationConf& conf, const LocationConf& parent);

/// The settings of a location's plugins, with defaults. The words have been checked when the directives were read. The
/// prefix of Redis keys is among them only if plugins may look at it: what is loaded is the same for all prefixes.
plugins::Settings settings_of(const LocationConf& conf);

/// After the whole configuration has been read: warns of rules that use attributes which no location with these rules
/// has a source for.
void warn_of_missing_sources(ngx_log_t* log, const MainConf& main);

}  // namespace personalize::module
