// Addresses with which a new database is tested before it replaces the current one.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "geo/database.h"

namespace personalize::geo {

/// Up to `count` addresses that are in the database, spread over its tree; the same ones every time.
std::vector<Address> canaries(const Database& database, std::size_t count);

/// Why `candidate` must not replace `current`, or nothing: it is of another type, its records cannot be read, or it
/// knows less than half of the addresses.
std::optional<std::string> objection(const Database& candidate, const Database& current);

}  // namespace personalize::geo
