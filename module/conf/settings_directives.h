// The directives that fill plugins::HostSettings, such as personalize_cookies and personalize_consent; see
// plugins/settings_option.h for their arguments.
#pragma once

#include "module/conf/conf.h"

namespace personalize::module {

/// Handles all of them, by the directive's name.
char* set_option(ngx_conf_t* cf, const ngx_command_t& command, LocationConf& conf);

/// Inherits the words of directives that are missing at this level.
void inherit_options(LocationConf& conf, const LocationConf& parent);

/// The settings of a location's plugins, with defaults. The words were checked when the directives were read. The
/// prefix of Redis keys is only included if a plugin may look at it: otherwise one engine serves all prefixes.
plugins::HostSettings settings_of(const LocationConf& conf);

/// After the whole configuration has been read: warns about rules that use attributes for which no location with these
/// rules has a source.
void warn_of_missing_sources(ngx_log_t* log, const MainConf& main);

}  // namespace personalize::module
