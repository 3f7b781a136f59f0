#include "module/splicing/between.h"

#include <algorithm>

namespace personalize::module {
namespace {

constexpr std::size_t most_types = 16;  // per location, as backends may send anything
constexpr std::uint8_t max_odd_pages = 3, max_doublings = 7;
constexpr unsigned first_pause = 8;

}  // namespace

Passage::Passage(std::string_view before, const BodyCodings& codings_before, std::string_view behind)
    : type_before(before),
      codings(codings_before),
      type_behind(behind),
      form(hash(type_behind + "\n" + codings.text())) {}

Passage* Between::find(std::string_view type_before, const BodyCodings& codings) {
  if (Passage* passage = seen(type_before, codings)) return passage;
  const std::string type_behind = known_type(known_key(type_before, codings));
  if (type_behind.empty()) return nullptr;
  Passage& guess = new_place();
  guess = Passage(type_before, codings, type_behind);
  guess.guessed = true;
  return &guess;
}

void Between::learn(Passage passage, bool tried) {
  Passage* known = seen(passage.type_before, passage.codings);
  if (known != nullptr && holds(*known, passage, tried)) return;
  const bool news = known == nullptr || known->type_behind != passage.type_behind;
  if (known != nullptr) {
    passage.failures = known->failures;
    passage.hidden |= known->hidden && known->changes_pages;
    passage.changes_pages |= known->changes_pages;
  }
  if (tried && passage.hidden && passage.failures < max_doublings) ++passage.failures;
  if (passage.changes_pages && passage.codings.empty())
    passage.pause = static_cast<std::uint16_t>(passage.hidden ? first_pause << passage.failures : 1);
  if (news && !passage.changes_pages)
    keep_known_type(known_key(passage.type_before, passage.codings), passage.type_behind);
  (known != nullptr ? *known : new_place()) = std::move(passage);
}

/// True if what is known stays, whatever this page was like.
bool Between::holds(Passage& known, const Passage& passage, bool tried) {
  const bool as_known = known.type_behind == passage.type_behind && (known.changes_pages || !passage.changes_pages);
  if (as_known) {
    known.guessed = false;
    known.against = 0;
    if (!passage.changes_pages && known.pause != 0 && --known.pause == 0) known.changes_pages = false;
    return true;
  }
  const bool firm = passage.codings.empty() && (known.confirmed || (known.changes_pages && !tried));
  return firm && ++known.against <= max_odd_pages;
}

PlanKey Between::known_key(std::string_view type_before, const BodyCodings& codings) const {
  struct {
    PlanKey location, load, type;
  } all{location_, codings.empty() ? PlanKey{} : load_,
        codings.empty() ? hash(type_before) : hash(std::string(type_before) + "\n" + codings.text())};
  return hash({reinterpret_cast<const char*>(&all), sizeof all});
}

Passage* Between::seen(std::string_view type_before, const BodyCodings& codings) {
  const auto found = std::find_if(passages_.begin(), passages_.end(), [&](const Passage& passage) {
    return passage.type_before == type_before && passage.codings == codings;
  });
  return found != passages_.end() ? &*found : nullptr;
}

Passage& Between::new_place() {
  if (passages_.size() < most_types) return passages_.emplace_back();
  return passages_[next_++ % most_types];
}

}  // namespace personalize::module
