// What follows from attributes that are supposed, and that no plugin derives.
#pragma once

#include "engine/json/suppositions.h"
#include "rules/settings.h"

namespace personalize::engine::json {

/// Supposes what follows from what is supposed already: the continent from the country, a phone's `is_mobile` from
/// `device.type`, a store's name from its id, …
void add_implications(Suppositions& suppositions, const rules::Settings& shop);

}  // namespace personalize::engine::json
