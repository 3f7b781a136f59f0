#include "module/splicing/splice_recipes.h"

namespace personalize::nginx {
namespace {

/// Each takes some hundred bytes, or more if it contains edited tags.
constexpr std::size_t places = 4096;
constexpr std::size_t most_bytes = 8 * 1024;

}  // namespace

std::size_t SpliceRecipes::place(const PlanKey& plan, std::span<const html::Edit> edits) {
  return (plan.low ^ html::SpliceRecipe::hash(edits)) % places;
}

const html::SpliceRecipe* SpliceRecipes::find(const PlanKey& plan, std::span<const html::Edit> edits) const {
  if (kept_.empty()) return nullptr;
  const Kept* kept = kept_[place(plan, edits)].get();
  return kept != nullptr && kept->plan == plan && kept->recipe.holds(edits) ? &kept->recipe : nullptr;
}

void SpliceRecipes::keep(const PlanKey& plan, std::span<const html::Edit> edits, html::SpliceRecipe recipe) {
  if (recipe.memory() > most_bytes) return;
  kept_.resize(places);
  kept_[place(plan, edits)] = std::make_unique<const Kept>(Kept{plan, std::move(recipe)});
}

}  // namespace personalize::nginx
