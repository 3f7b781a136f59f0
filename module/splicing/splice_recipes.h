// The recipes (html/splice_recipe.h) of one rule set in one worker.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "html/splice_recipe.h"
#include "module/splicing/plan_zone.h"

namespace personalize::nginx {

class SpliceRecipes {
 public:
  /// The recipe for these edits on the page of that plan; null if there is none. Valid until the next `keep`.
  const html::SpliceRecipe* find(const PlanKey& plan, std::span<const html::Edit> edits) const;
  /// Keeps a recipe that applies to these edits; may replace another one.
  void keep(const PlanKey& plan, std::span<const html::Edit> edits, html::SpliceRecipe recipe);

 private:
  struct Kept {
    PlanKey plan;
    html::SpliceRecipe recipe;
  };
  static std::size_t place(const PlanKey& plan, std::span<const html::Edit> edits);

  std::vector<std::unique_ptr<const Kept>> kept_;
};

}  // namespace personalize::nginx
