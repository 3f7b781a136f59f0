#include "module/splicing/packed_fragments.h"

namespace personalize::module {

const PackedPart* PackedFragments::find(Coding coding, std::string_view content) {
  std::unique_ptr<Fragment>& fragment = fragments_[{content.data(), content.size(), coding}];
  if (fragment == nullptr) {
    fragment = std::make_unique<Fragment>();
    fragment->packed = pack(coding, content);
    fragment->part.bytes = fragment->packed.bytes;
    fragment->part.sum = fragment->packed.sum;
  }
  return fragment->part.bytes.empty() ? nullptr : &fragment->part;
}

}  // namespace personalize::module
