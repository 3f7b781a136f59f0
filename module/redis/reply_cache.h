// Replies that are seconds old, in memory that all workers share.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <optional>
#include <string_view>

namespace personalize::module::redis {

/// What a reply answers: a command, with the Redis that it is for, that reads this Redis key.
struct ReplyKey {
  std::string_view redis_key;
  std::string_view command;
};

/// A ring: entries are written one after the other, the newest over the oldest. All live equally long, so that the
/// oldest is always the one to go, and nothing is ever freed, moved or fragmented. An index of sets of four points into
/// it. The sets of all commands that read the same Redis key are neighbours, so that a write of that key finds them.
///
/// Writes are counted, and the count when a reply was asked for tells whether it may be kept: a reply that was asked
/// for before a write was over may come from before that write. The writes of the last moments are known by their key;
/// what is no longer known of older ones only keeps replies out that need not be.
///
/// A process may be killed at any instruction: what is being written is published last, and readers believe only what
/// lies between the oldest and the newest entry. Keys are compared whole.
///
/// Lives in the memory that it is given; all functions under one lock of all users.
class ReplyCache {
 public:
  static constexpr std::size_t max_value_bytes = 32 * 1024;
  using Moment = std::uint64_t;  ///< begins and ends of writes since the beginning, never 0

  struct Written {
    bool kept = false;
    unsigned evicted = 0;  ///< entries that were still good
  };

  /// In `memory`, aligned as for malloc. Null: it is too small.
  static ReplyCache* make(void* memory, std::size_t size, std::uint64_t seed);

  /// The value, if there is one that is good at `now` (milliseconds of a clock that all users share), copied to
  /// `memory`.
  std::optional<std::string_view> find(const ReplyKey& key, std::uint64_t now, std::pmr::memory_resource& memory) const;
  /// … which ends the claim to that key. Kept only if what was asked for at that moment is still current.
  Written write(const ReplyKey& key, std::string_view value, Moment asked, std::uint64_t now, std::uint64_t expires);

  /// The moment, if the caller has to find out the value; nobody else is told to before `until`, unless the
  /// claim is released or no longer current, or, very rarely, another key's claim takes its place. Nothing while the
  /// Redis key is being written.
  std::optional<Moment> claim(const ReplyKey& key, std::uint64_t now, std::uint64_t until);
  /// The caller could not find it out.
  void release(const ReplyKey& key);

  /// The Redis key is about to be written, which will be over at `until` even if nobody says so: all replies that read
  /// it are dropped.
  void begin_write(std::string_view redis_key, std::uint64_t now, std::uint64_t until);
  /// … has been, or has failed to be.
  void end_write(std::string_view redis_key);
  /// True if no write of the Redis key has begun or ended since that moment.
  bool current(std::string_view redis_key, Moment asked, std::uint64_t now) const {
    return current(hash(redis_key), asked, now);
  }

  std::uint64_t used() const { return head_ - tail_; }  ///< bytes
  std::uint64_t capacity() const { return capacity_; }

 private:
  using Position = std::uint64_t;  ///< bytes written since the beginning; modulo the capacity: where
  static constexpr unsigned ways = 4;
  static constexpr unsigned neighbours = 8;  ///< sets for the commands that read one Redis key

  struct Entry {
    std::uint64_t key_group;  ///< a hash of the Redis key …
    std::uint64_t hash;       ///< … and one of the command
    std::uint64_t expires;
    std::uint32_t size;  ///< of all of it; the next entry follows
    std::uint32_t key_size;
    std::uint32_t value_size;
    bool padding;  ///< only fills the rest of the ring

    const char* key() const { return reinterpret_cast<const char*>(this + 1); }
    const char* value() const { return key() + key_size; }
  };

  struct Claim {
    std::uint64_t hash;
    std::uint64_t until;
    Moment asked;
  };

  /// A Redis key that was written.
  struct Change {
    std::uint64_t key_group;
    Moment last;              ///< begin or end of a write
    std::uint64_t until;      ///< those that are under way …
    std::uint64_t under_way;  ///< … are over by then
  };
  struct Changes {
    Moment forgotten;  ///< the last moment of changes that others took the place of
    std::array<Change, ways> known;
  };

  ReplyCache(std::uint64_t capacity, std::uint32_t sets, std::uint64_t seed)
      : capacity_(capacity), sets_(sets), seed_(seed) {}

  std::atomic<Position>* index() const;
  std::atomic<Position>* set_of(std::uint64_t key_group, std::uint64_t hash) const;
  Entry* at(Position position) const;
  const Entry* live(Position position) const;
  std::uint64_t hash(std::string_view key) const;
  Claim& claim_of(std::uint64_t hash) { return claims_[hash % claims_.size()]; }
  bool current(std::uint64_t key_group, Moment asked, std::uint64_t now) const;
  const Change* change_of(std::uint64_t key_group) const;
  void drop(std::uint64_t key_group);
  unsigned make_room(std::uint64_t size, std::uint64_t now);
  bool indexed(Position position, const Entry& entry) const;

  static constexpr Position ring_start = 64;  // nothing is at 0: an index of zeros is empty

  const std::uint64_t capacity_;
  const std::uint32_t sets_;
  const std::uint64_t seed_;
  std::atomic<Position> head_ = ring_start;  ///< where the next entry will be
  std::atomic<Position> tail_ = ring_start;  ///< where the oldest one is
  std::array<Claim, 512> claims_{};
  Moment moment_ = 1;
  std::array<Changes, 256> changes_{};
};

}  // namespace personalize::module::redis
