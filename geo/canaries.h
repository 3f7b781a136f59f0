// Addresses that a database is known to know: what its successor is asked before it takes over.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "geo/database.h"

namespace personalize::geo {

/// Up to `count` addresses that are in the database, spread over its tree; the same ones every time.
std::vector<Address> canaries(const Database& database, std::size_t count);

/// Why `candidate` must not take the place of `current`, or nothing: it is of another kind, its records
/// cannot be read, or it does not know half of what `current` knows.
std::optional<std::string> objection(const Database& candidate, const Database& current);

}  // namespace personalize::geo
