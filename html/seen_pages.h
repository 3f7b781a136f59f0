// Pages that were rewritten before, so that the parts of them that hold nothing for any slot are not looked at again.
//
// A page that comes out of a cache is the same bytes every time. Of each chunk of such a page the stretches are kept in
// which no tag concerns a selector and after which the tree of open elements is what it was before: whole runs of
// siblings, mostly. The next rewriter that gets the same chunk behind the same beginning passes them on as they are. Edits
// play no part in it, so one visitor's page serves all others. Chunks are known by a 128-bit hash (XXH3, with a
// secret made at random) of themselves and of all before them; nothing of the page is kept.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace personalize::html {

/// Part of a chunk, between two tags, that can be passed on without a look.
struct Stretch {
  std::uint32_t begin;     ///< in bytes from the start of the chunk
  std::uint32_t end;
  std::uint32_t children;  ///< how many element children of the element around it are in it
  std::uint64_t state;     ///< of the tree, before and after it
};

/// For the pages of one `Selectors`. Not thread-safe; outlives the rewriters that use it.
class SeenPages {
 public:
  struct Key {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    bool operator==(const Key&) const = default;
  };

  /// Keeps at most about `max_bytes` of stretches, those that were used last.
  explicit SeenPages(std::size_t max_bytes);
  SeenPages(const SeenPages&) = delete;
  SeenPages& operator=(const SeenPages&) = delete;

  /// The key of `chunk` behind a page's beginning of key `before` ({} at the start of the page).
  Key key(Key before, std::string_view chunk) const;

  /// The chunk's stretches in order, valid until the next `remember`; null if they are not known.
  const std::vector<Stretch>* find(Key key);
  /// True from the second time on: a page that never comes again is not worth remembering.
  bool came_before(Key key);
  void remember(Key key, std::vector<Stretch> stretches);

  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    Key key;
    std::vector<Stretch> stretches;
    std::size_t bytes() const { return sizeof(Entry) + 64 + stretches.capacity() * sizeof(Stretch); }
  };
  struct Hash {
    std::size_t operator()(const Key& key) const { return key.low; }
  };

  std::size_t max_bytes_;
  std::size_t bytes_ = 0;
  std::list<Entry> entries_;  // the one used last in front
  std::unordered_map<Key, std::list<Entry>::iterator, Hash> index_;
  std::array<std::uint64_t, 4096> sightings_{};
  std::array<unsigned char, 192> secret_;
};

}  // namespace personalize::html
