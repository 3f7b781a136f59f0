#include "html/edits/edit_list.h"

#include <algorithm>
#include <numeric>

namespace personalize::html {

EditList::EditList(std::span<const Edit> edits, std::size_t slots)
    : edits_(edits), results_(edits.size()), by_slot_(edits.size()), first_of_(slots + 1) {
  std::iota(by_slot_.begin(), by_slot_.end(), EditId{0});
  std::stable_sort(by_slot_.begin(), by_slot_.end(),
                   [&](EditId a, EditId b) { return edits_[a].slot < edits_[b].slot; });
  for (const Edit& edit : edits_) {
    if (edit.slot + 1 < first_of_.size()) ++first_of_[edit.slot + 1];
  }
  std::partial_sum(first_of_.begin(), first_of_.end(), first_of_.begin());
}

void EditList::note(EditId edit, Skip skip) {
  assert(edit < results_.size());
  EditResult& result = results_[edit];
  if (skip == Skip::none) {
    ++result.applied;
    if (result.reason == Skip::no_match) result.reason = Skip::none;
  } else if (result.reason == Skip::no_match || result.reason == Skip::none) {
    result.reason = skip;
  }
}

void EditList::take_back(std::span<const EditId> edits, Skip skip) {
  for (EditId edit : edits) {
    assert(results_[edit].applied != 0);
    --results_[edit].applied;
    note(edit, skip);
  }
}

std::size_t EditList::memory() const {
  return results_.capacity() * sizeof(EditResult) + by_slot_.capacity() * sizeof(EditId) +
         first_of_.capacity() * sizeof(std::uint16_t);
}

}  // namespace personalize::html
