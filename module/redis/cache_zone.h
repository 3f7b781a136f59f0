// The cache of profiles in NGINX's shared memory.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "module/conf.h"

namespace personalize::nginx::redis {

/// The reply, packed, to an encoded command that the Redis of that identity gave not longer ago than the cache's
/// `valid`.
std::optional<std::string> find_in_cache(const CacheConf& cache, std::string_view identity, std::string_view command);
/// For all workers, unless it is too large.
void write_to_cache(const CacheConf& cache, std::string_view identity, std::string_view command,
                    std::string_view packed);

/// True if this worker has to ask for that reply; false: another one is asking, and has written or released it within
/// moments.
bool claim_in_cache(const CacheConf& cache, std::string_view identity, std::string_view command);
/// There was no reply that could be written.
void release_in_cache(const CacheConf& cache, std::string_view identity, std::string_view command);

}  // namespace personalize::nginx::redis
