// How pages were put together, so that the next ones of the same kind need no thought: for each rule set and worker.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "html/splice_recipe.h"
#include "module/plan_zone.h"

namespace personalize::nginx {

class SpliceRecipes {
 public:
  /// For the page with that plan; null if there is none. Stays until the next `keep`.
  const html::SpliceRecipe* find(const PlanKey& plan, std::span<const html::Edit> edits) const;
  /// It holds for these edits. Another one may have to go for it.
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
