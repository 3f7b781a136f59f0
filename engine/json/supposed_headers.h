// What a request says, if attributes of it are supposed: `--set request.query.color=red`.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/json/suppositions.h"

namespace personalize::engine::json {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

/// The query with the parameters that are supposed, in place of its own of these names; or, if all of `request.query`
/// is supposed, nothing else.
std::string supposed_query(const Suppositions& suppositions, std::string_view query);

/// Sets headers that say what is supposed: cookies, languages, referrer, signals of privacy, `request.headers`.
void suppose_headers(const Suppositions& suppositions, HeaderList& headers);

}  // namespace personalize::engine::json
