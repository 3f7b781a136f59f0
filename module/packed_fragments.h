// Content of rules that is the same on every page, compressed once for each rule set and worker.
#pragma once

#include <map>
#include <memory>
#include <string_view>
#include <tuple>

#include "module/packed_parts.h"

namespace personalize::nginx {

class PackedFragments {
 public:
  /// `content` belongs to the rule set, or is a slice of what does, and outlives this. Compressed when it is asked for
  /// the first time. Null if that cannot be done. What it gives stays.
  const PackedPart* find(Coding coding, std::string_view content);

 private:
  struct Fragment {
    PackedText packed;
    PackedPart part;  // that stands for it
  };
  using Key = std::tuple<const char*, std::size_t, Coding>;

  std::map<Key, std::unique_ptr<Fragment>> fragments_;
};

}  // namespace personalize::nginx
