// Replies that are seconds old, in memory that all workers share.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <optional>
#include <string_view>

namespace personalize::nginx::redis {

/// A ring: entries are written one behind the other, the newest over the oldest. All live equally long, so that the
/// oldest is always the one to go, and nothing is ever freed, moved or fragmented. An index of sets of four points into
/// it.
///
/// A process may be killed at any instruction: what is being written is published last, and readers believe only what
/// lies between the oldest and the newest entry. Keys are compared whole.
///
/// Lives in the memory that it is given; all functions under one lock of all users.
class ReplyCache {
 public:
  static constexpr std::size_t largest_value = 32 * 1024;

  struct Written {
    bool kept = false;
    unsigned evicted = 0;  ///< entries that were still good
  };

  /// In `memory`, aligned as for malloc. Null: it is too small.
  static ReplyCache* make(void* memory, std::size_t size, std::uint64_t seed);

  /// The value, if there is one that is good at `now` (milliseconds of a clock that all users share), copied to
  /// `memory`.
  std::optional<std::string_view> find(std::string_view key, std::uint64_t now,
                                       std::pmr::memory_resource& memory) const;
  /// … which ends the claim to that key.
  Written write(std::string_view key, std::string_view value, std::uint64_t now, std::uint64_t expires);

  /// True if it is the caller who has to find out the value; nobody else is told so before `until`, unless the claim is
  /// released, or, very rarely, another key's claim takes its place.
  bool claim(std::string_view key, std::uint64_t now, std::uint64_t until);
  /// The caller could not find it out.
  void release(std::string_view key);

  std::uint64_t used() const { return head_ - tail_; }  ///< bytes
  std::uint64_t capacity() const { return capacity_; }

 private:
  using Position = std::uint64_t;  ///< bytes written since the beginning; modulo the capacity: where
  static constexpr unsigned ways = 4;

  struct Entry {
    std::uint64_t hash;
    std::uint64_t expires;
    std::uint32_t size;  ///< of all of it; the next entry is behind
    std::uint32_t key_size;
    std::uint32_t value_size;
    bool padding;  ///< nothing but the way to the ring's beginning

    const char* key() const { return reinterpret_cast<const char*>(this + 1); }
    const char* value() const { return key() + key_size; }
  };

  struct Claim {
    std::uint64_t hash;
    std::uint64_t until;
  };

  ReplyCache(std::uint64_t capacity, std::uint32_t sets, std::uint64_t seed)
      : capacity_(capacity), sets_(sets), seed_(seed) {}

  std::atomic<Position>* set_of(std::uint64_t hash) const;
  Entry* at(Position position) const;
  const Entry* live(Position position) const;
  std::uint64_t hash(std::string_view key) const;
  Claim& claim_of(std::uint64_t hash) { return claims_[hash % claims_.size()]; }
  unsigned make_room(std::uint64_t size, std::uint64_t now);
  bool indexed(Position position, const Entry& entry) const;

  static constexpr Position ring_start = 64;  // nothing is at 0: an index of zeros is empty

  const std::uint64_t capacity_;
  const std::uint32_t sets_;
  const std::uint64_t seed_;
  std::atomic<Position> head_ = ring_start;  ///< where the next entry will be
  std::atomic<Position> tail_ = ring_start;  ///< where the oldest one is
  std::array<Claim, 512> claims_{};
};

}  // namespace personalize::nginx::redis
