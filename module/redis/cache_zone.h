// The cache of profiles in NGINX's shared memory.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "module/conf/conf.h"
#include "module/redis/reply_cache.h"

namespace personalize::module::redis {

/// The reply, packed, that was given not longer ago than the cache's `valid`; in `arena`. `key.command`: the identity
/// of the Redis that was asked, and the encoded command.
std::optional<std::string_view> find_in_cache(const CacheConf& cache, const ReplyKey& key, rules::Arena& arena);
/// For all workers, unless it is too large, or the Redis key was written since that moment.
void write_to_cache(const CacheConf& cache, const ReplyKey& key, std::string_view packed, ReplyCache::Moment asked);

/// The moment, if this worker has to ask for that reply now. Otherwise another one is asking, and has written or
/// released it within moments, or the Redis key is being written.
std::optional<ReplyCache::Moment> claim_in_cache(const CacheConf& cache, const ReplyKey& key);
/// There was no reply that could be written.
void release_in_cache(const CacheConf& cache, const ReplyKey& key);
/// What was asked at that moment may be told to whoever asks now.
bool current_in_cache(const CacheConf& cache, std::string_view redis_key, ReplyCache::Moment asked);

/// The Redis key is about to be written: its replies are dropped from all these zones, whichever Redis they came from.
void begin_write(std::span<const CacheZone> zones, std::string_view redis_key);
/// … has been, or has failed to be.
void end_write(std::span<const CacheZone> zones, std::string_view redis_key);

}  // namespace personalize::module::redis
