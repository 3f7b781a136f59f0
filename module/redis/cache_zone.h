// The cache of profiles in NGINX's shared memory.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "module/conf/conf.h"
#include "module/redis/reply_cache.h"

namespace personalize::module::redis {

/// The serialized reply, in `arena`, if it is not older than the cache's `valid`. `key.command`: the identity of the
/// Redis that was asked, and the encoded command.
std::optional<std::string_view> find_in_cache(const CacheConf& cache, const ReplyKey& key, rules::Arena& arena);
/// Keeps a reply for all workers, unless it is too large or the Redis key has been written since `asked`.
void write_to_cache(const CacheConf& cache, const ReplyKey& key, std::string_view packed, ReplyCache::Moment asked);

/// The current moment, if this worker has to ask for that reply now. Otherwise another one is asking, and will have
/// written or released it within moments, or the Redis key is being written.
std::optional<ReplyCache::Moment> claim_in_cache(const CacheConf& cache, const ReplyKey& key);
/// For a claim that did not lead to a reply that can be kept.
void release_in_cache(const CacheConf& cache, const ReplyKey& key);
/// True if a reply that was asked for at that moment is still valid for requests that come now.
bool current_in_cache(const CacheConf& cache, std::string_view redis_key, ReplyCache::Moment asked);

/// To be called before the Redis key is written: drops its replies from all these zones, whichever Redis they came
/// from.
void begin_write(std::span<const CacheZone> zones, std::string_view redis_key);
/// To be called after it has been written, or after that has failed.
void end_write(std::span<const CacheZone> zones, std::string_view redis_key);

}  // namespace personalize::module::redis
