// The outcome of a splice, to be repeated for other visitors without consulting the plan.
//
// Which edits can be made, and where in the page, depends only on the form of their content (see `EditForm`), and
// finding that out is most of the work of splicing. A recipe holds the outcome for one plan, selectors, options and
// edits of certain forms: slices of the page and contents, in order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "html/edits/edit.h"
#include "html/splicing/splice_plan.h"

namespace personalize::html {

class SpliceRecipe {
 public:
  /// Does what `plan.splice` does, with the same result. Sets `recipe` if the outcome can be reused for other edits.
  static bool splice(const SplicePlan& plan, const Selectors& selectors, std::string_view body,
                     std::span<const Edit> edits, SpliceSink& sink, std::span<EditResult> results,
                     std::optional<SpliceRecipe>& recipe);

  /// False if no recipe can apply to these edits.
  static bool may_hold(std::span<const Edit> edits);
  /// Equal for edits to which the same recipe applies.
  static std::uint64_t hash(std::span<const Edit> edits);
  /// This recipe applies to these edits, on the page of the plan that it was made with.
  bool holds(std::span<const Edit> edits) const;

  /// Writes what `plan.splice` would.
  void splice(std::span<const Edit> edits, SpliceSink& sink) const;
  std::size_t body_size() const { return body_size_; }
  const Declaration& declaration() const { return declaration_; }
  std::span<const EditResult> results() const { return results_; }
  /// Bytes on the heap.
  std::size_t memory() const;

 private:
  class Recorder;

  /// What the outcome depends on in an edit.
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
  Declaration declaration_;
};

}  // namespace personalize::html
