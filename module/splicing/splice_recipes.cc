#include "module/splicing/splice_recipes.h"

namespace personalize::module {
namespace {

/// Each takes some hundred bytes, or more if it contains edited tags.
constexpr std::size_t places = 4096;
constexpr std::size_t max_recipe_bytes = 8 * 1024, max_bytes = 4 * 1024 * 1024;

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
  const std::size_t size = recipe.memory();
  if (size > max_recipe_bytes) return;
  kept_.resize(places);
  const std::size_t here = place(plan, edits);
  forget(here);
  while (bytes_ + size > max_bytes) forget(next_++ % places);
  kept_[here] = std::make_unique<const Kept>(Kept{plan, std::move(recipe), size});
  bytes_ += size;
}

void SpliceRecipes::forget(std::size_t place) {
  if (kept_[place] != nullptr) bytes_ -= kept_[place]->size;
  kept_[place] = nullptr;
}

}  // namespace personalize::module
