// How a value must be escaped at its place in a template, if any is allowed there.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "rules/templates/escape.h"
#include "rules/templates/html_state.h"
#include "rules/templates/parse.h"
#include "rules/templates/template.h"
#include "rules/templates/url_state.h"

namespace personalize::rules::templates {

/// For the variable `node`, after what led to `html` and, for `Target::url`, to `url`; or why no escaping makes a value
/// safe there.
tl::expected<Escape, std::string> choose_escape(Target target, const Node& node, const HtmlState& html,
                                                const UrlState& url);

/// The name as messages show it.
inline std::string in_quotes(std::string_view name) { return "`" + std::string(name) + "`"; }

}  // namespace personalize::rules::templates
