#include "module/splicing/filter_effects.h"

#include <algorithm>

namespace personalize::module {
namespace {

constexpr std::size_t max_types = 16;  // per location, as backends may send anything
constexpr std::uint8_t max_odd_pages = 3, max_doublings = 7;
constexpr unsigned first_pause = 8;

}  // namespace

FilterEffect::FilterEffect(std::string_view before, const BodyCodings& codings_before, std::string_view after)
    : type_before(before), codings(codings_before), type_after(after), form(hash(type_after + "\n" + codings.text())) {}

FilterEffect* FilterEffects::find(std::string_view type_before, const BodyCodings& codings) {
  if (FilterEffect* effect = seen(type_before, codings)) return effect;
  const std::string type_after = known_type(known_key(type_before, codings));
  if (type_after.empty()) return nullptr;
  FilterEffect& guess = new_place();
  guess = FilterEffect(type_before, codings, type_after);
  guess.guessed = true;
  return &guess;
}

void FilterEffects::learn(FilterEffect effect, bool tried) {
  FilterEffect* known = seen(effect.type_before, effect.codings);
  if (known != nullptr && holds(*known, effect, tried)) return;
  const bool news = known == nullptr || known->type_after != effect.type_after;
  if (known != nullptr) {
    effect.failures = known->failures;
    effect.hidden |= known->hidden && known->changes_pages;
    effect.changes_pages |= known->changes_pages;
  }
  if (tried && effect.hidden && effect.failures < max_doublings) ++effect.failures;
  if (effect.changes_pages && effect.codings.empty())
    effect.pause = static_cast<std::uint16_t>(effect.hidden ? first_pause << effect.failures : 1);
  if (news && !effect.changes_pages) store_known_type(known_key(effect.type_before, effect.codings), effect.type_after);
  (known != nullptr ? *known : new_place()) = std::move(effect);
}

/// True if what is known remains valid in spite of this page.
bool FilterEffects::holds(FilterEffect& known, const FilterEffect& effect, bool tried) {
  const bool as_known = known.type_after == effect.type_after && (known.changes_pages || !effect.changes_pages);
  if (as_known) {
    known.guessed = false;
    known.against = 0;
    if (!effect.changes_pages && known.pause != 0 && --known.pause == 0) known.changes_pages = false;
    return true;
  }
  const bool firm = effect.codings.empty() && (known.confirmed || (known.changes_pages && !tried));
  return firm && ++known.against <= max_odd_pages;
}

PlanKey FilterEffects::known_key(std::string_view type_before, const BodyCodings& codings) const {
  struct {
    PlanKey location, load, type;
  } all{location_, codings.empty() ? PlanKey{} : load_,
        codings.empty() ? hash(type_before) : hash(std::string(type_before) + "\n" + codings.text())};
  return hash({reinterpret_cast<const char*>(&all), sizeof all});
}

FilterEffect* FilterEffects::seen(std::string_view type_before, const BodyCodings& codings) {
  const auto found = std::find_if(effects_.begin(), effects_.end(), [&](const FilterEffect& effect) {
    return effect.type_before == type_before && effect.codings == codings;
  });
  return found != effects_.end() ? &*found : nullptr;
}

FilterEffect& FilterEffects::new_place() {
  if (effects_.size() < max_types) return effects_.emplace_back();
  return effects_[next_++ % max_types];
}

}  // namespace personalize::module
