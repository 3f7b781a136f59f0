// Content of rules that is the same on every page, compressed once for each rule set and worker.
#pragma once

#include <map>
#include <memory>
#include <string_view>
#include <tuple>

#include "module/splicing/packed_parts.h"

namespace personalize::module {

class PackedFragments {
 public:
  /// `content` is owned by the rule set, or a slice of such content, and outlives this. It is compressed on first use.
  /// Null if that fails. The result is valid for as long as this object.
  const PackedPart* find(Coding coding, std::string_view content);

 private:
  struct Fragment {
    PackedText packed;
    PackedPart part;  // refers to `packed`
  };
  using Key = std::tuple<const char*, std::size_t, Coding>;

  std::map<Key, std::unique_ptr<Fragment>> fragments_;
};

}  // namespace personalize::module
