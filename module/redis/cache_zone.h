// The cache of profiles in NGINX's shared memory.
#pragma once

#include <optional>
#include <string_view>

#include "module/conf.h"

namespace personalize::nginx::redis {

/// The reply, packed, that was given not longer ago than the cache's `valid`; in `arena`. `key`: the identity of the
/// Redis that was asked, and the encoded command.
std::optional<std::string_view> find_in_cache(const CacheConf& cache, std::string_view key, rules::Arena& arena);
/// For all workers, unless it is too large.
void write_to_cache(const CacheConf& cache, std::string_view key, std::string_view packed);

/// True if this worker has to ask for that reply; false: another one is asking, and has written or released it within
/// moments.
bool claim_in_cache(const CacheConf& cache, std::string_view key);
/// There was no reply that could be written.
void release_in_cache(const CacheConf& cache, std::string_view key);

}  // namespace personalize::nginx::redis
