// What `events` and `facts` of a rule file may contain.
#pragma once

#include <string_view>

#include "rules/load/file_format.h"

namespace personalize::rules::load {

extern const Object events_object;  ///< by name of the event
extern const Object event_object;
extern const Object item_object;
extern const Object fact_object;

extern const Format fact_type_format;

/// Of all events.
inline constexpr std::size_t max_mappings = 500;

/// Where facts are among attributes, and what the body's fields are.
inline constexpr std::string_view fact_namespace = "page";
inline constexpr std::string_view form_attribute = "request.form";

/// How names of rule files that come with the program begin.
inline constexpr std::string_view preset_prefix = "personalize:";

}  // namespace personalize::rules::load
