// The JSON Schema (draft 7, which editors know best) of rule files, made from the table that the loader checks them
// with: rules/load/file_format.h.
#pragma once

#include "engine/json/json.h"

namespace personalize::cli {

using engine::json::Json;

Json rules_schema();

}  // namespace personalize::cli
