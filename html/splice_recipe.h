// What a splice did, to be done again for other visitors without a look at the plan.
//
// Which edits can be done, and where in the page, hardly ever depends on what their content says: only on its form (see
// `EditForm`), and who splices spends most of the time on finding out about that. A recipe is the outcome, for one
// plan, selectors and options, and for edits of certain forms: slices of the page and contents in their order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "html/edit.h"
#include "html/splice_plan.h"

namespace personalize::html {

class SpliceRecipe {
 public:
  /// As `plan.splice` does it, which returns false if this does. `recipe` is set if it holds for other edits as well.
  static bool splice(const SplicePlan& plan, const Selectors& selectors, std::string_view body,
                     std::span<const Edit> edits, SpliceSink& sink, std::span<EditResult> results,
                     std::optional<SpliceRecipe>& recipe);

  /// Some recipe may hold for these edits.
  static bool may_hold(std::span<const Edit> edits);
  /// A hash for finding a recipe that holds for these edits.
  static std::uint64_t hash(std::span<const Edit> edits);
  /// This one does, for pages of the plan it was made with.
  bool holds(std::span<const Edit> edits) const;

  /// Writes what `plan.splice` would.
  void splice(std::span<const Edit> edits, SpliceSink& sink) const;
  std::size_t body_size() const { return body_size_; }
  std::span<const EditResult> results() const { return results_; }
  /// Bytes on the heap.
  std::size_t memory() const;

 private:
  class Recorder;

  /// What makes a difference of an edit.
  struct Ingredient {
    SlotId slot;
    Operation operation;
    EditForm form;
    friend bool operator==(const Ingredient&, const Ingredient&) = default;
  };
  struct Step {
    enum class What : std::uint8_t { body, content, literal };
    What what;
    std::size_t begin;  ///< in the body or in `literals_`; of contents the edit's number
    std::size_t size;   ///< not of contents
  };

  static Ingredient ingredient(const Edit& edit) { return {edit.slot, edit.operation, edit.form}; }

  std::vector<Ingredient> ingredients_;
  std::vector<Step> steps_;
  std::string literals_;
  std::vector<EditResult> results_;
  std::size_t body_size_ = 0;
};

}  // namespace personalize::html
