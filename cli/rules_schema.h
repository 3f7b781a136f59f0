// The JSON Schema (draft 7, which editors know best) of rule files, made from the table that the loader checks them
// with: rules/load/file_format.h.
#pragma once

#include "cli/json.h"

namespace personalize::cli {

Json rules_schema();

}  // namespace personalize::cli
