#include "module/redis/reply_cache.h"

#include <xxhash.h>

#include <algorithm>
#include <cassert>
#include <cstring>
#include <new>

namespace personalize::module::redis {
namespace {

constexpr std::uint64_t alignment = 64;
constexpr std::uint64_t bytes_per_way = 512;  // about what a profile and its key take: one way of the index for each
constexpr std::uint64_t min_ring_bytes = 256 * 1024;

constexpr std::uint64_t aligned(std::uint64_t size) { return (size + alignment - 1) / alignment * alignment; }

}  // namespace

ReplyCache* ReplyCache::make(void* memory, std::size_t size, std::uint64_t seed) {
  const auto start = reinterpret_cast<std::uintptr_t>(memory);
  const std::uint64_t lost = aligned(start) - start;
  const std::uint64_t header = aligned(sizeof(ReplyCache));
  if (size < lost + header) return nullptr;
  const std::uint64_t room = size - lost - header;
  const auto sets = static_cast<std::uint32_t>(room / (bytes_per_way + sizeof(Position)) / ways + 1);
  const std::uint64_t index = aligned(sets * ways * sizeof(Position));
  if (room < index + min_ring_bytes) return nullptr;
  auto* cache =
      new (reinterpret_cast<void*>(aligned(start))) ReplyCache((room - index) / alignment * alignment, sets, seed);
  auto* ring_index = cache->index();
  for (std::uint64_t i = 0; i < std::uint64_t{sets} * ways; ++i) new (ring_index + i) std::atomic<Position>(0);
  return cache;
}

std::uint64_t ReplyCache::hash(std::string_view key) const {
  return XXH3_64bits_withSeed(key.data(), key.size(), seed_);
}

std::atomic<ReplyCache::Position>* ReplyCache::index() const {
  return reinterpret_cast<std::atomic<Position>*>(reinterpret_cast<std::uintptr_t>(this) + aligned(sizeof(*this)));
}

std::atomic<ReplyCache::Position>* ReplyCache::set_of(std::uint64_t key_group, std::uint64_t hash) const {
  return index() + (key_group % sets_ + hash % neighbours) % sets_ * ways;
}

ReplyCache::Entry* ReplyCache::at(Position position) const {
  assert(position % alignment == 0);
  const auto ring = reinterpret_cast<std::uintptr_t>(index()) + aligned(sets_ * ways * sizeof(Position));
  return reinterpret_cast<Entry*>(ring + position % capacity_);
}

const ReplyCache::Entry* ReplyCache::live(Position position) const {
  return position >= tail_ && position < head_ ? at(position) : nullptr;
}

std::optional<std::string_view> ReplyCache::find(const ReplyKey& key, std::uint64_t now,
                                                 std::pmr::memory_resource& memory) const {
  const std::uint64_t wanted = hash(key.command);
  const auto* set = set_of(hash(key.redis_key), wanted);
  for (unsigned way = 0; way < ways; ++way) {
    const Entry* entry = live(set[way]);
    if (entry == nullptr || entry->hash != wanted || entry->expires <= now) continue;
    if (std::string_view(entry->key(), entry->key_size) != key.command) continue;
    auto* copy = static_cast<char*>(memory.allocate(entry->value_size, 1));
    std::memcpy(copy, entry->value(), entry->value_size);
    return std::string_view(copy, entry->value_size);
  }
  return std::nullopt;
}

bool ReplyCache::indexed(Position position, const Entry& entry) const {
  const auto* set = set_of(entry.key_group, entry.hash);
  for (unsigned way = 0; way < ways; ++way) {
    if (set[way] == position) return true;
  }
  return false;
}

/// Gives up the oldest entries until `size` bytes are free after the newest; how many of them were still good.
unsigned ReplyCache::make_room(std::uint64_t size, std::uint64_t now) {
  unsigned evicted = 0;
  while (head_ + size - tail_ > capacity_) {
    const Entry& oldest = *at(tail_);
    assert(oldest.size != 0 && tail_ + oldest.size <= head_);
    if (!oldest.padding && oldest.expires > now && indexed(tail_, oldest)) ++evicted;
    tail_ = tail_ + oldest.size;
  }
  return evicted;
}

ReplyCache::Written ReplyCache::write(const ReplyKey& key, std::string_view value, Moment asked, std::uint64_t now,
                                      std::uint64_t expires) {
  release(key);
  const std::uint64_t key_group = hash(key.redis_key);
  if (!current(key_group, asked, now)) return {};
  const std::uint64_t size = aligned(sizeof(Entry) + key.command.size() + value.size());
  if (value.size() > max_value_bytes || size > capacity_ / 4) return {};
  Written written{.kept = true};
  const std::uint64_t until_end = capacity_ - head_ % capacity_;
  if (until_end < size) {
    written.evicted += make_room(until_end, now);
    *at(head_) = Entry{0, 0, 0, static_cast<std::uint32_t>(until_end), 0, 0, true};
    head_ = head_ + until_end;
  }
  written.evicted += make_room(size, now);
  Entry* entry = at(head_);
  *entry = Entry{.key_group = key_group,
                 .hash = hash(key.command),
                 .expires = expires,
                 .size = static_cast<std::uint32_t>(size),
                 .key_size = static_cast<std::uint32_t>(key.command.size()),
                 .value_size = static_cast<std::uint32_t>(value.size()),
                 .padding = false};
  std::memcpy(const_cast<char*>(entry->key()), key.command.data(), key.command.size());
  std::memcpy(const_cast<char*>(entry->value()), value.data(), value.size());
  const Position position = head_;
  head_ = position + size;
  assert(head_ - tail_ <= capacity_ && tail_ <= head_);

  auto* set = set_of(key_group, entry->hash);
  std::atomic<Position>* way = set;
  for (unsigned i = 0; i < ways; ++i) {
    const Entry* other = live(set[i]);
    if (other != nullptr && other->hash == entry->hash &&
        std::string_view(other->key(), other->key_size) == key.command) {
      way = &set[i];  // replaced
      break;
    }
    if (set[i] < *way) way = &set[i];
  }
  const Entry* before = live(*way);
  if (before != nullptr && before->expires > now && before->hash != entry->hash) ++written.evicted;
  *way = position;
  return written;
}

std::optional<ReplyCache::Moment> ReplyCache::claim(const ReplyKey& key, std::uint64_t now, std::uint64_t until) {
  const std::uint64_t wanted = hash(key.command), key_group = hash(key.redis_key);
  if (!current(key_group, moment_, now)) return std::nullopt;
  Claim& claim = claim_of(wanted);
  if (claim.hash == wanted && claim.until > now && current(key_group, claim.asked, now)) return std::nullopt;
  claim = {wanted, until, moment_};
  return moment_;
}

void ReplyCache::release(const ReplyKey& key) {
  const std::uint64_t wanted = hash(key.command);
  Claim& claim = claim_of(wanted);
  if (claim.hash == wanted) claim.until = 0;
}

const ReplyCache::Change* ReplyCache::change_of(std::uint64_t key_group) const {
  const auto& known = changes_[key_group % changes_.size()].known;
  const auto found =
      std::find_if(known.begin(), known.end(), [&](const Change& change) { return change.key_group == key_group; });
  return found != known.end() ? &*found : nullptr;
}

bool ReplyCache::current(std::uint64_t key_group, Moment asked, std::uint64_t now) const {
  if (changes_[key_group % changes_.size()].forgotten > asked) return false;
  const Change* change = change_of(key_group);
  return change == nullptr || (change->last <= asked && (change->under_way == 0 || change->until <= now));
}

/// All that read that Redis key.
void ReplyCache::drop(std::uint64_t key_group) {
  for (unsigned neighbour = 0; neighbour < neighbours; ++neighbour) {
    auto* set = set_of(key_group, neighbour);
    for (unsigned way = 0; way < ways; ++way) {
      const Entry* entry = live(set[way]);
      if (entry != nullptr && entry->key_group == key_group) set[way] = 0;
    }
  }
}

void ReplyCache::begin_write(std::string_view redis_key, std::uint64_t now, std::uint64_t until) {
  const std::uint64_t key_group = hash(redis_key);
  drop(key_group);
  ++moment_;
  auto* change = const_cast<Change*>(change_of(key_group));
  if (change == nullptr) {  // takes the place of the one that ended first
    Changes& changes = changes_[key_group % changes_.size()];
    change = &*std::min_element(changes.known.begin(), changes.known.end(),
                                [](const Change& a, const Change& b) { return a.last < b.last; });
    if (change->under_way != 0)
      changes.forgotten = moment_;
    else
      changes.forgotten = std::max(changes.forgotten, change->last);
    *change = {.key_group = key_group, .last = moment_, .until = until, .under_way = 1};
    return;
  }
  const std::uint64_t others = change->until > now ? change->under_way : 0;  // or their workers died
  *change = {.key_group = key_group, .last = moment_, .until = until, .under_way = others + 1};
}

void ReplyCache::end_write(std::string_view redis_key) {
  const std::uint64_t key_group = hash(redis_key);
  drop(key_group);  // should it have taken longer than it was given
  ++moment_;
  auto* change = const_cast<Change*>(change_of(key_group));
  if (change == nullptr) {
    changes_[key_group % changes_.size()].forgotten = moment_;
    return;
  }
  change->last = moment_;
  if (change->under_way != 0) --change->under_way;
}

}  // namespace personalize::module::redis
