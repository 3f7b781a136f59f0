#include "html/seen_pages.h"

#include <xxhash.h>
#if defined(__x86_64__)
#include <xxh_x86dispatch.h>  // the widest vectors that the processor has
#endif

#include <random>

namespace personalize::html {

SeenPages::SeenPages(std::size_t max_bytes) : max_bytes_(max_bytes) {
  std::random_device random;
  for (unsigned char& byte : secret_) byte = static_cast<unsigned char>(random());
}

SeenPages::Key SeenPages::key(Key before, std::string_view chunk) const {
  const XXH128_hash_t hash = XXH3_128bits_withSecret(chunk.data(), chunk.size(), secret_.data(), secret_.size());
  const std::array<std::uint64_t, 5> all{before.low, before.high, hash.low64, hash.high64, chunk.size()};
  const XXH128_hash_t key = XXH3_128bits_withSecret(all.data(), sizeof all, secret_.data(), secret_.size());
  return {key.low64, key.high64};
}

const std::vector<Stretch>* SeenPages::find(Key key) {
  const auto found = index_.find(key);
  if (found == index_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return &found->second->stretches;
}

bool SeenPages::came_before(Key key) {
  std::uint64_t& sighting = sightings_[key.low % sightings_.size()];
  if (sighting == key.high) return true;
  sighting = key.high;
  return false;
}

void SeenPages::remember(Key key, std::vector<Stretch> stretches) {
  if (index_.contains(key)) return;
  entries_.push_front({key, std::move(stretches)});
  index_.emplace(key, entries_.begin());
  bytes_ += entries_.front().bytes();
  while (bytes_ > max_bytes_ && !entries_.empty()) {
    bytes_ -= entries_.back().bytes();
    index_.erase(entries_.back().key);
    entries_.pop_back();
  }
}

}  // namespace personalize::html
