// The recipes (html/splicing/splice_recipe.h) of one rule set in one worker.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "html/splicing/splice_recipe.h"
#include "module/splicing/plan_zone.h"

namespace personalize::module {

class SpliceRecipes {
 public:
  /// The recipe for these edits on the page with that plan; null if there is none. Valid until the next `keep`.
  const html::SpliceRecipe* find(const PlanKey& plan, std::span<const html::Edit> edits) const;
  /// Keeps a recipe that applies to these edits; may replace others, as their memory is limited.
  void keep(const PlanKey& plan, std::span<const html::Edit> edits, html::SpliceRecipe recipe);

 private:
  struct Kept {
    PlanKey plan;
    html::SpliceRecipe recipe;
    std::size_t size;
  };
  static std::size_t place(const PlanKey& plan, std::span<const html::Edit> edits);

  void forget(std::size_t place);

  std::vector<std::unique_ptr<const Kept>> kept_;
  std::size_t bytes_ = 0;
  std::size_t next_ = 0;  ///< whose recipe is dropped next if there are too many bytes
};

}  // namespace personalize::module
