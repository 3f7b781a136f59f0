// The edits of one page, by slot, and what becomes of them.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "html/edits/edit.h"

namespace personalize::html {

/// Position of an edit among those of the page.
using EditId = std::uint16_t;

/// The edits must outlive it.
class EditList {
 public:
  EditList(std::span<const Edit> edits, std::size_t slots);

  const Edit& operator[](EditId edit) const {
    assert(edit < edits_.size());
    return edits_[edit];
  }
  Operation operation(EditId edit) const { return (*this)[edit].operation; }
  const OperationTraits& traits(EditId edit) const { return traits_of(operation(edit)); }

  bool has(SlotId slot) const { return slot + 1 < first_of_.size() && first_of_[slot] != first_of_[slot + 1]; }
  /// Those of a slot that `has` edits, in their order.
  std::span<const EditId> of(SlotId slot) const {
    assert(has(slot));
    return std::span(by_slot_).subspan(first_of_[slot], first_of_[slot + 1] - first_of_[slot]);
  }

  /// An element that the edit's selector matches.
  void note_match(EditId edit) { ++results_[edit].matches; }
  /// It was applied to such an element (`Skip::none`), or why it was not.
  void note(EditId edit, Skip skip);
  /// Edits that were noted as applied have not been.
  void take_back(std::span<const EditId> edits, Skip skip);
  std::span<const EditResult> results() const { return results_; }

  std::size_t memory() const;

 private:
  const std::span<const Edit> edits_;
  std::vector<EditResult> results_;
  std::vector<EditId> by_slot_;          // edits, ordered by slot …
  std::vector<std::uint16_t> first_of_;  // … and where those of a slot begin
};

}  // namespace personalize::html
